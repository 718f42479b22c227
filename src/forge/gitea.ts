import { createComments } from './comments.ts';
import type { Forge } from './forge.ts';
import type { ForgeOptions } from './forge-options.ts';
import { member, numberOf, textOf } from './read-json.ts';
import { createStatuses } from './statuses.ts';

/** Both Gitea and Forgejo document this form. */
export function giteaHeaders(token: string): Readonly<Record<string, string>> {
  return { authorization: `token ${token}` };
}

/** Gitea and Forgejo (docs.gitea.com/api: repository, issue, user). All comments come at once. */
export function createGitea({ client, repository, context }: ForgeOptions): Forge {
  const base = `/repos/${repository}`;
  return {
    toSent: ({ state, description }) => ({ state, description }),
    ...createStatuses({
      client,
      context,
      // `highestindex` and `leastindex` mean the opposite of what they say.
      list: (commit) => `${base}/commits/${commit}/statuses?sort=recentupdate&limit=50`,
      create: (commit) => `${base}/statuses/${commit}`,
      names: { context: 'context', state: 'status' },
    }),
    findPullRequest: async (commit, call) => {
      const path = `${base}/commits/${commit}/pull`;
      const { status, body } = await client.send(
        { operation: 'pull-request', method: 'GET', path, expected: [404] },
        call,
      );
      const isMerged = status !== 404 && member(body, 'merged') === true;
      return isMerged ? numberOf(body, 'number') : undefined;
    },
    ...createComments({
      client,
      list: (pull) => `${base}/issues/${pull}/comments`,
      edit: (_pull, id) => ({ method: 'PATCH', path: `${base}/issues/comments/${id}` }),
      author: ['user', 'login'],
      identify: async (call) => {
        const request = { operation: 'identity', method: 'GET', path: '/user' } as const;
        return textOf((await client.send(request, call)).body, 'login');
      },
    }),
    close: () => client.close(),
  };
}
