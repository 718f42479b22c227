/** Scenarios that say nothing about a real API server, by file, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'test/scenarios/slow-collector.test.ts':
    'a real collector can be stopped, but not slowed down or kept from one kind',
};
