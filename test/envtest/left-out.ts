const ABOUT_GIT =
  'it is about the server of the repository, and asks nothing else of an API server than others';

/** Scenarios that say nothing about a real API server, by file, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'test/scenarios/slow-collector.test.ts':
    'a real collector can be stopped, but not slowed down or kept from one kind',
  'test/scenarios/canary-ssh.test.ts': ABOUT_GIT,
  'test/scenarios/git-over-ssh.test.ts': ABOUT_GIT,
  'test/scenarios/reporting-back.test.ts': ABOUT_GIT,
  'test/scenarios/signed-commits.test.ts': ABOUT_GIT,
};
