import { COMMENT_BODY, type FakeComment, FakeForge, type FakeRoute, page } from './fake-forge.ts';

/** docs.github.com/rest/commits/statuses; how long a description may be is told by the API itself. */
const STATUS_BODY = {
  type: 'object',
  required: ['state'],
  additionalProperties: false,
  properties: {
    state: { enum: ['error', 'failure', 'pending', 'success'] },
    target_url: { type: 'string', pattern: '^https?://' },
    description: { type: 'string', maxLength: 140 },
    context: { type: 'string', minLength: 1 },
  },
};

const VIEWER_BODY = {
  type: 'object',
  required: ['query'],
  additionalProperties: false,
  properties: { query: { const: '{viewer{login}}' } },
};

/** GitHub as Enterprise has it, or, with `rest` empty, as `api.github.com`. */
export function createFakeGithub(rest: '/api/v3' | '' = '/api/v3'): FakeForge {
  return new FakeForge({
    kind: 'github',
    base: rest,
    authorization: (token) => `Bearer ${token}`,
    missing: ({ headers }) => {
      if (headers['user-agent'] === undefined) return 'no user agent';
      if (headers.accept !== 'application/vnd.github+json') return 'no accept';
      return headers['x-github-api-version'] === '2022-11-28' ? undefined : 'no version';
    },
    routes: [
      {
        method: 'POST',
        path: new RegExp(`^${rest === '' ? '' : '/api'}/graphql$`),
        body: VIEWER_BODY,
        handle: ({ forge }) => ({ status: 200, body: { data: { viewer: { login: forge.self } } } }),
      },
      ...statusRoutes(`^${rest}/repos/fleet/shortcuts`),
      ...commentRoutes(`^${rest}/repos/fleet/shortcuts`),
    ],
  });
}

function statusRoutes(base: string): readonly FakeRoute[] {
  return [
    {
      method: 'POST',
      path: new RegExp(`${base}/statuses/(?<commit>[0-9a-f]{40})$`),
      body: STATUS_BODY,
      handle: ({ params: { commit = '' }, body, forge }) => {
        const { state = '', description = '', context = 'default', target_url: targetUrl } = body;
        const id = forge.nextId();
        forge.statuses.push({ id, commit, state, description, context, targetUrl });
        return { status: 201, body: { id, state, description, context } };
      },
    },
    {
      method: 'GET',
      path: new RegExp(`${base}/commits/(?<commit>[0-9a-f]{40})/statuses$`),
      query: ['per_page', 'page'],
      handle: ({ params: { commit }, query, forge }) => {
        const newest = forge.statuses.filter((status) => status.commit === commit).toReversed();
        return { status: 200, body: page(newest, query) };
      },
    },
    {
      method: 'GET',
      path: new RegExp(`${base}/commits/(?<commit>[0-9a-f]{40})/pulls$`),
      query: ['per_page', 'page'],
      handle: ({ params: { commit = '' }, forge }) => {
        const number = forge.mergedBy(commit);
        const open = { number: 99, state: 'open', merged_at: null };
        const merged = { number, state: 'closed', merged_at: '2026-01-01T00:00:00Z' };
        return { status: 200, body: number === undefined ? [] : [open, merged] };
      },
    },
  ];
}

function commentRoutes(base: string): readonly FakeRoute[] {
  return [
    {
      method: 'GET',
      path: new RegExp(`${base}/issues/(?<pull>\\d+)/comments$`),
      query: ['since', 'per_page', 'page'],
      handle: ({ params: { pull }, query, forge }) => {
        const comments = forge.comments.filter((comment) => comment.pull === Number(pull));
        return { status: 200, body: page(comments, query).map(shown) };
      },
    },
    {
      method: 'POST',
      path: new RegExp(`${base}/issues/(?<pull>\\d+)/comments$`),
      body: COMMENT_BODY,
      handle: ({ params: { pull }, body: { body = '' }, forge }) => {
        return { status: 201, body: shown(forge.addComment(Number(pull), forge.self, body)) };
      },
    },
    {
      method: 'PATCH',
      path: new RegExp(`${base}/issues/comments/(?<id>\\d+)$`),
      body: COMMENT_BODY,
      handle: ({ params: { id }, body: { body = '' }, forge }) => {
        const comment = forge.comments.find((one) => one.id === Number(id));
        if (comment === undefined) return { status: 404, body: { message: 'Not Found' } };
        comment.body = body;
        return { status: 200, body: shown(comment) };
      },
    },
  ];
}

function shown({ id, author, body }: FakeComment) {
  return { id, body, user: { login: author, type: 'Bot' } };
}
