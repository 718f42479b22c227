import { createComments } from './comments.ts';
import type { Forge } from './forge.ts';
import type { ForgeOptions } from './forge-options.ts';
import { listOf, member, numberOf, textOf } from './read-json.ts';
import { createStatuses } from './statuses.ts';

/** What GitHub wants to be told with each request. The version is that of its REST API. */
export function githubHeaders(token: string): Readonly<Record<string, string>> {
  return {
    authorization: `Bearer ${token}`,
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
  };
}

/** Enterprise has its REST API at `/api/v3`, and GraphQL beside it. */
function graphqlBase(apiUrl: string): string {
  return apiUrl.replace(/\/v3$/, '');
}

/** GitHub, also Enterprise (docs.github.com/rest: commit statuses, commits, issue comments). */
export function createGithub({ client, repository, context, apiUrl }: ForgeOptions): Forge {
  const base = `/repos/${repository}`;
  return {
    toSent: ({ state, description }) => ({ state, description }),
    ...createStatuses({
      client,
      context,
      list: (commit) => `${base}/commits/${commit}/statuses?per_page=100`,
      create: (commit) => `${base}/statuses/${commit}`,
      names: { context: 'context', state: 'state' },
    }),
    findPullRequest: async (commit, call) => {
      const path = `${base}/commits/${commit}/pulls`;
      const operation = 'pull-request';
      const { body } = await client.send({ operation, method: 'GET', path }, call);
      const merged = listOf(body).find((pull) => textOf(pull, 'merged_at') !== '');
      return merged === undefined ? undefined : numberOf(merged, 'number');
    },
    ...createComments({
      client,
      list: (pull) => `${base}/issues/${pull}/comments`,
      pages: {},
      edit: (_pull, id) => ({ method: 'PATCH', path: `${base}/issues/comments/${id}` }),
      author: ['user', 'login'],
      // The token of an App may not ask `GET /user`.
      identify: async (call) => {
        const body = { query: '{viewer{login}}' };
        const answer = await client.send(
          {
            operation: 'identity',
            method: 'POST',
            base: graphqlBase(apiUrl),
            path: '/graphql',
            body,
          },
          call,
        );
        return textOf(member(answer.body, 'data'), 'viewer', 'login');
      },
    }),
    close: () => client.close(),
  };
}
