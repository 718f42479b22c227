import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Clock } from '../../src/runtime/clock.ts';

/** What the API says instead, to requests whose line matches. */
export interface GitHubFault {
  readonly on: RegExp;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** As much of GitHub's REST API as an app needs that wants a token; it checks what it is asked as GitHub does. */
export interface FakeGitHubApi {
  readonly url: URL;
  /** PEM, as GitHub hands it out (PKCS #1). */
  readonly privateKey: string;
  /** `METHOD /path` and the body, of every request. */
  readonly requests: { readonly line: string; readonly body: unknown }[];
  /** Tokens that were handed out, oldest first. */
  readonly tokens: string[];
  fault: GitHubFault | undefined;
  /** By `owner/name`; what is not here has no installation. */
  readonly installations: Map<string, number>;
  stop(): Promise<void>;
}

const APP_ID = '4711';
const HOUR_MS = 3_600_000;

const { publicKey: PUBLIC, privateKey: PRIVATE } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

/** On loopback, with a clock of its own. The app is number 4711. */
export async function startFakeGitHubApi(clock: Pick<Clock, 'now'>): Promise<FakeGitHubApi> {
  const self: FakeGitHubApi = {
    url: new URL('http://localhost'),
    privateKey: PRIVATE,
    requests: [],
    tokens: [],
    fault: undefined,
    installations: new Map([['acme/fleet', 99]]),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };

  function answer(line: string, body: unknown): readonly [number, object] {
    const [, repository] = /^GET \/api\/v3\/repos\/(.+)\/installation$/.exec(line) ?? [];
    if (repository !== undefined) {
      const id = self.installations.get(repository);
      return id === undefined ? [404, {}] : [200, { id, app_id: Number(APP_ID) }];
    }
    const [, id] = /^POST \/api\/v3\/app\/installations\/(\d+)\/access_tokens$/.exec(line) ?? [];
    const mine = [...self.installations].filter(([, number]) => String(number) === id);
    if (mine.length === 0) return [404, {}];
    const { repositories, permissions } = body as {
      readonly repositories: readonly string[];
      readonly permissions: object;
    };
    const names = mine.map(([name]) => name.split('/')[1]);
    if (!repositories.every((name) => names.includes(name))) return [422, {}];
    const token = `ghs_token-${self.tokens.length}`;
    self.tokens.push(token);
    const end = new Date(clock.now() + HOUR_MS).toISOString().replace('.000', '');
    return [201, { token, expires_at: end, permissions }];
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method ?? ''} ${request.url ?? ''}`;
    const content = await text(request);
    const body: unknown = content === '' ? undefined : JSON.parse(content);
    self.requests.push({ line, body });
    response.setHeader('date', new Date(clock.now()).toUTCString());
    if (self.fault?.on.test(line) === true) {
      const { status, headers = {}, body: words = 'secret-looking body' } = self.fault;
      response.writeHead(status, { ...headers }).end(words);
      return;
    }
    const [status, json] = isTheApp(request.headers.authorization ?? '', clock.now())
      ? answer(line, body)
      : ([401, { message: 'secret-looking' }] as const);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(self, { url: new URL(`http://127.0.0.1:${port}/api/v3`) });
}

/** GitHub's rules: RS256, the app as issuer, from the past, and not for more than ten minutes. */
function isTheApp(authorization: string, now: number): boolean {
  const [header = '', claims = '', signature = ''] = authorization
    .replace('Bearer ', '')
    .split('.');
  const isSigned = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${claims}`),
    createPublicKey(PUBLIC),
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) return false;
  const { iat, exp, iss } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
    readonly iat: number;
    readonly exp: number;
    readonly iss: string;
  };
  const seconds = now / 1000;
  return iss === APP_ID && iat <= seconds && exp > seconds && exp <= seconds + 600;
}
