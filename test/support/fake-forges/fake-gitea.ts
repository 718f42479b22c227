import {
  COMMENT_BODY,
  type FakeComment,
  FakeForge,
  type FakeRoute,
  type FakeStatus,
  page,
} from './fake-forge.ts';

const BASE = '^/api/v1/repos/fleet/shortcuts';

/** CreateStatusOption of Gitea's and Forgejo's API. */
const STATUS_BODY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    state: { enum: ['pending', 'success', 'error', 'failure', 'warning'] },
    target_url: { type: 'string', pattern: '^https?://' },
    description: { type: 'string' },
    context: { type: 'string', minLength: 1 },
  },
};

/** Gitea, or Forgejo. Statuses that were set within one second come in any order. */
export function createFakeGitea(): FakeForge {
  return new FakeForge({
    kind: 'gitea',
    base: '/api/v1',
    authorization: (token) => `token ${token}`,
    missing: () => undefined,
    routes: [
      {
        method: 'GET',
        path: /^\/api\/v1\/user$/,
        handle: ({ forge }) => ({ status: 200, body: { id: 7, login: forge.self } }),
      },
      ...STATUS_ROUTES,
      ...COMMENT_ROUTES,
    ],
  });
}

const STATUS_ROUTES: readonly FakeRoute[] = [
  {
    method: 'POST',
    path: new RegExp(`${BASE}/statuses/(?<commit>[0-9a-f]{40})$`),
    body: STATUS_BODY,
    handle: ({ params: { commit = '' }, body, forge }) => {
      const { state = '', description = '', context = '', target_url: targetUrl } = body;
      const id = forge.nextId();
      forge.statuses.push({ id, commit, state, description, context, targetUrl });
      return { status: 201, body: { id, status: state, description, context } };
    },
  },
  {
    method: 'GET',
    path: new RegExp(`${BASE}/commits/(?<commit>[0-9a-f]{40})/statuses$`),
    query: ['sort', 'state', 'page', 'limit'],
    handle: ({ params: { commit }, query, forge }) => {
      const all = forge.statuses.filter((status) => status.commit === commit);
      return { status: 200, body: page(all, query, 'limit').map(shownStatus) };
    },
  },
  {
    method: 'GET',
    path: new RegExp(`${BASE}/commits/(?<commit>[0-9a-f]{40})/pull$`),
    handle: ({ params: { commit = '' }, forge }) => {
      const number = forge.mergedBy(commit);
      if (number === undefined) return { status: 404, body: { message: 'not found' } };
      return { status: 200, body: { id: 5000, number, merged: true } };
    },
  },
];

const COMMENT_ROUTES: readonly FakeRoute[] = [
  {
    method: 'GET',
    path: new RegExp(`${BASE}/issues/(?<pull>\\d+)/comments$`),
    query: ['since', 'before'],
    handle: ({ params: { pull }, forge }) => {
      const comments = forge.comments.filter((comment) => comment.pull === Number(pull));
      return { status: 200, body: comments.map(shown) };
    },
  },
  {
    method: 'POST',
    path: new RegExp(`${BASE}/issues/(?<pull>\\d+)/comments$`),
    body: COMMENT_BODY,
    handle: ({ params: { pull }, body: { body = '' }, forge }) => {
      return { status: 201, body: shown(forge.addComment(Number(pull), forge.self, body)) };
    },
  },
  {
    method: 'PATCH',
    path: new RegExp(`${BASE}/issues/comments/(?<id>\\d+)$`),
    body: COMMENT_BODY,
    handle: ({ params: { id }, body: { body = '' }, forge }) => {
      const comment = forge.comments.find((one) => one.id === Number(id));
      if (comment === undefined) return { status: 404, body: { message: 'not found' } };
      comment.body = body;
      return { status: 200, body: shown(comment) };
    },
  },
];

function shownStatus({ id, state, description, context }: FakeStatus) {
  return { id, status: state, description, context };
}

function shown({ id, author, body }: FakeComment) {
  return { id, body, user: { id: 7, login: author } };
}
