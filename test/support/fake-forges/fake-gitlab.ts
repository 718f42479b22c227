import {
  COMMENT_BODY,
  type FakeComment,
  FakeForge,
  type FakeRoute,
  type FakeStatus,
  page,
} from './fake-forge.ts';

const BASE = '^/api/v4/projects/fleet%2Fshortcuts';

/** docs.gitlab.com/api/commits: set the pipeline status of a commit. */
const STATUS_BODY = {
  type: 'object',
  required: ['state'],
  additionalProperties: false,
  properties: {
    state: { enum: ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'] },
    name: { type: 'string', minLength: 1 },
    target_url: { type: 'string', pattern: '^https?://', maxLength: 255 },
    description: { type: 'string', maxLength: 255 },
  },
};

/** GitLab before 18.4, which refuses a status that is pending already. */
export function createFakeGitlab(): FakeForge {
  return new FakeForge({
    kind: 'gitlab',
    base: '/api/v4',
    authorization: (token) => `Bearer ${token}`,
    missing: () => undefined,
    routes: [
      {
        method: 'GET',
        path: /^\/api\/v4\/user$/,
        handle: ({ forge }) => ({ status: 200, body: { id: 7, username: forge.self } }),
      },
      ...STATUS_ROUTES,
      ...NOTE_ROUTES,
    ],
  });
}

const STATUS_ROUTES: readonly FakeRoute[] = [
  {
    method: 'POST',
    path: new RegExp(`${BASE}/statuses/(?<commit>[0-9a-f]{40})$`),
    body: STATUS_BODY,
    handle: ({ params: { commit = '' }, body, forge }) => {
      const {
        state = '',
        description = '',
        name: context = 'default',
        target_url: targetUrl,
      } = body;
      const last = forge.statuses.findLast(
        (one) => one.commit === commit && one.context === context,
      );
      if (last?.state === 'pending' && state === 'pending') {
        forge.violations.push('pending twice');
        const message = 'Cannot transition status via :enqueue from :pending';
        return { status: 400, body: { message } };
      }
      const id = forge.nextId();
      forge.statuses.push({ id, commit, state, description, context, targetUrl });
      return { status: 201, body: { id, status: state } };
    },
  },
  {
    method: 'GET',
    path: new RegExp(`${BASE}/repository/commits/(?<commit>[0-9a-f]{40})/statuses$`),
    query: ['name', 'all', 'order_by', 'sort', 'per_page', 'page'],
    handle: ({ params: { commit }, query, forge }) => {
      const wanted = forge.statuses.filter(
        (one) => one.commit === commit && [null, one.context].includes(query.get('name')),
      );
      const sorted = query.get('sort') === 'desc' ? wanted.toReversed() : wanted;
      return { status: 200, body: page(sorted, query).map(shownStatus) };
    },
  },
  {
    method: 'GET',
    path: new RegExp(`${BASE}/repository/commits/(?<commit>[0-9a-f]{40})/merge_requests$`),
    query: ['state'],
    handle: ({ params: { commit = '' }, forge }) => {
      const iid = forge.mergedBy(commit);
      const merged = { id: 5000, iid, state: 'merged' };
      return { status: 200, body: iid === undefined ? [] : [merged] };
    },
  },
];

const NOTE_ROUTES: readonly FakeRoute[] = [
  {
    method: 'GET',
    path: new RegExp(`${BASE}/merge_requests/(?<pull>\\d+)/notes$`),
    query: ['sort', 'order_by', 'per_page', 'page'],
    handle: ({ params: { pull }, query, forge }) => {
      const notes = forge.comments.filter((comment) => comment.pull === Number(pull));
      const sorted = query.get('sort') === 'asc' ? notes : notes.toReversed();
      return { status: 200, body: page(sorted, query).map(shown) };
    },
  },
  {
    method: 'POST',
    path: new RegExp(`${BASE}/merge_requests/(?<pull>\\d+)/notes$`),
    body: COMMENT_BODY,
    handle: ({ params: { pull }, body: { body = '' }, forge }) => {
      return { status: 201, body: shown(forge.addComment(Number(pull), forge.self, body)) };
    },
  },
  {
    method: 'PUT',
    path: new RegExp(`${BASE}/merge_requests/(?<pull>\\d+)/notes/(?<id>\\d+)$`),
    body: COMMENT_BODY,
    handle: ({ params: { id, pull }, body: { body = '' }, forge }) => {
      const note = forge.comments.find((one) => one.id === Number(id) && one.pull === Number(pull));
      if (note === undefined) return { status: 404, body: { message: '404 Not found' } };
      note.body = body;
      return { status: 200, body: shown(note) };
    },
  },
];

function shownStatus({ id, state, description, context }: FakeStatus) {
  return { id, status: state, name: context, description };
}

function shown({ id, author, body }: FakeComment) {
  return { id, body, author: { id: 7, username: author }, system: false };
}
