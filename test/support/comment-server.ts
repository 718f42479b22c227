import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface Stored {
  readonly id: number;
  readonly author: string;
  body: string;
}

/** GitHub's and GitLab's API, as far as comments on request number 7 of `acme/fleet` go. */
export interface CommentServer {
  readonly url: string;
  /** Oldest first. */
  readonly comments: Stored[];
  /** "GET /path", without the query. */
  readonly requests: string[];
  /** What a write is answered with instead of being done; undefined: it is done. */
  refusal: number | undefined;
  /** Somebody else's comment. */
  add(author: string, body: string): void;
  close(): Promise<void>;
}

/** The token that it takes, and who it speaks as. */
export const COMMENT_TOKEN = 'a-token-for-comments';
export const COMMENT_AUTHOR = 'github-actions[bot]';

const LISTS = [
  '/repos/acme/fleet/issues/7/comments',
  '/api/v4/projects/acme%2Ffleet/merge_requests/7/notes',
];
const ONE =
  /^(\/repos\/acme\/fleet\/issues\/comments|\/api\/v4\/projects\/acme%2Ffleet\/merge_requests\/7\/notes)\/(\d+)$/;

export async function startCommentServer(): Promise<CommentServer> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const state: CommentServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments: [],
    requests: [],
    refusal: undefined,
    add: (author, body) => {
      state.comments.push({ id: state.comments.length + 1, author, body });
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => {
          done();
        });
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '' } = request;
    const url = new URL(request.url ?? '', state.url);
    state.requests.push(`${method} ${url.pathname}`);
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const { authorization, 'private-token': token } = request.headers;
    if (authorization !== `Bearer ${COMMENT_TOKEN}` && token !== COMMENT_TOKEN) {
      send(401, { message: 'Bad credentials' });
    } else if (url.pathname === '/api/v4/user') {
      send(200, { username: COMMENT_AUTHOR });
    } else if (method === 'GET' && LISTS.includes(url.pathname)) {
      send(200, pageOf(state.comments, url.searchParams).map(show));
    } else if (state.refusal !== undefined) {
      send(state.refusal, { message: 'Resource not accessible by integration' });
    } else {
      await write(url.pathname, method, request, send);
    }
  }

  async function write(
    path: string,
    method: string,
    request: IncomingMessage,
    send: (status: number, body: unknown) => void,
  ): Promise<void> {
    const { body } = (await json(request)) as { readonly body: string };
    const isGitlab = path.startsWith('/api/v4');
    const stored = state.comments.find(({ id }) => id === Number(ONE.exec(path)?.[2]));
    if (method === 'POST' && LISTS.includes(path)) {
      state.add(COMMENT_AUTHOR, body);
      send(201, {});
    } else if (method === (isGitlab ? 'PUT' : 'PATCH') && stored !== undefined) {
      stored.body = body;
      send(200, {});
    } else {
      send(404, { message: 'Not Found' });
    }
  }

  return state;
}

function pageOf(comments: readonly Stored[], query: URLSearchParams): readonly Stored[] {
  const size = Number(query.get('per_page') ?? 20);
  const start = (Number(query.get('page') ?? 1) - 1) * size;
  return comments.slice(start, start + size);
}

function show({ id, author, body }: Stored): object {
  return { id, body, user: { login: author }, author: { username: author } };
}
