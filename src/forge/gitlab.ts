import type { CommitState } from '../model/forge.ts';
import { createComments } from './comments.ts';
import type { Forge } from './forge.ts';
import type { ForgeOptions } from './forge-options.ts';
import { listOf, numberOf, textOf } from './read-json.ts';
import { createStatuses } from './statuses.ts';

/** Good for personal, project and group tokens, and for those of OAuth. */
export function gitlabHeaders(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

/** GitLab knows no difference between a fault of the author and one of the environment. */
const STATES: Readonly<Record<CommitState, string>> = {
  pending: 'pending',
  success: 'success',
  failure: 'failed',
  error: 'failed',
};

/** GitLab, gitlab.com or one's own (docs.gitlab.com/api: commits, notes, users). */
export function createGitlab({ client, repository, context }: ForgeOptions): Forge {
  const base = `/projects/${encodeURIComponent(repository)}`;
  const newestFirst = 'all=true&order_by=id&sort=desc&per_page=100';
  return {
    // Older versions refuse a status that is pending twice ("Cannot transition status via :enqueue").
    toSent: ({ state, description }) => ({
      state: STATES[state],
      description: state === 'pending' ? 'under way' : description,
    }),
    ...createStatuses({
      client,
      context,
      list: (commit) =>
        `${base}/repository/commits/${commit}/statuses?name=${encodeURIComponent(context.name())}&${newestFirst}`,
      create: (commit) => `${base}/statuses/${commit}`,
      names: { context: 'name', state: 'status' },
    }),
    findPullRequest: async (commit, call) => {
      const path = `${base}/repository/commits/${commit}/merge_requests?state=merged`;
      const operation = 'pull-request';
      const { body } = await client.send({ operation, method: 'GET', path }, call);
      const merged = listOf(body).find((request) => textOf(request, 'state') === 'merged');
      return merged === undefined ? undefined : numberOf(merged, 'iid');
    },
    ...createComments({
      client,
      list: (pull) => `${base}/merge_requests/${pull}/notes`,
      pages: { sort: 'asc', order_by: 'created_at' },
      edit: (pull, id) => ({ method: 'PUT', path: `${base}/merge_requests/${pull}/notes/${id}` }),
      author: ['author', 'username'],
      identify: async (call) => {
        const request = { operation: 'identity', method: 'GET', path: '/user' } as const;
        return textOf((await client.send(request, call)).body, 'username');
      },
    }),
    close: () => client.close(),
  };
}
