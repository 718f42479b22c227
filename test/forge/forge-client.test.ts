import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect } from 'chai';

import { OperatorError } from '../../src/errors/operator-error.ts';
import type { Forge } from '../../src/forge/forge.ts';
import type { TokenSource } from '../../src/git/auth/token-source.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { FakeAnswer, FakeForge } from '../support/fake-forges/fake-forge.ts';
import { createFakeGithub } from '../support/fake-forges/fake-github.ts';
import { signal } from '../support/scenario-wait.ts';
import { createTestForge, type TestForge } from './create-test-forge.ts';

const COMMIT = 'a'.repeat(40);
const SENT = { state: 'success', description: 'done' };

describe('requests to a forge', () => {
  let fake: FakeForge;
  let test: TestForge;
  let clock: FakeClock;

  beforeEach(async () => {
    fake = await createFakeGithub().start();
    clock = new FakeClock();
    test = await createTestForge(fake, { clock });
  });
  afterEach(async () => {
    await test.forge.close();
    await fake.stop();
    expect(fake.violations).to.deep.equal([]);
  });

  async function failure(work: Promise<unknown>): Promise<OperatorError> {
    const error = await work.then(() => undefined).catch((thrown: unknown) => thrown);
    if (!(error instanceof OperatorError)) throw new Error('it did not fail');
    expect(JSON.stringify([error.message, error.details])).not.to.contain(fake.token);
    return error;
  }

  const setStatus = (forge: Forge = test.forge) => forge.setStatus(COMMIT, SENT, { signal });

  const seconds = (from: number, more: number) => String(Math.round(from / 1000) + more);
  const START = new FakeClock().now();
  const ANSWERS: readonly (readonly [string, FakeAnswer, string, number?])[] = [
    ['400', { status: 400 }, 'FORGE_REJECTED'],
    ['401', { status: 401 }, 'FORGE_REFUSED'],
    ['403', { status: 403 }, 'FORGE_REFUSED'],
    ['404', { status: 404 }, 'FORGE_REFUSED'],
    ['409', { status: 409 }, 'FORGE_UNREACHABLE'],
    ['410', { status: 410 }, 'FORGE_REJECTED'],
    ['422', { status: 422 }, 'FORGE_REJECTED'],
    ['429 without a time', { status: 429 }, 'FORGE_THROTTLED'],
    ['429 with seconds', limited(429, { 'retry-after': '30' }), 'FORGE_THROTTLED', 30],
    [
      '429 with a date',
      limited(429, { 'retry-after': new Date(START + 45_000).toUTCString() }),
      ...(['FORGE_THROTTLED', 45] as const),
    ],
    [
      'the secondary limit of GitHub',
      limited(403, { 'retry-after': '60' }),
      ...(['FORGE_THROTTLED', 60] as const),
    ],
    [
      'the primary limit of GitHub',
      limited(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': seconds(START, 600) }),
      ...(['FORGE_THROTTLED', 600] as const),
    ],
    [
      'the limit of GitLab',
      limited(429, { 'ratelimit-remaining': '0', 'ratelimit-reset': seconds(START, 20) }),
      ...(['FORGE_THROTTLED', 20] as const),
    ],
    [
      'a limit that lasts for years',
      limited(429, { 'retry-after': '99999999' }),
      ...(['FORGE_THROTTLED', 7_200] as const),
    ],
    ['a time that is none', limited(429, { 'retry-after': 'soon' }), 'FORGE_THROTTLED'],
    ['500', { status: 500 }, 'FORGE_UNREACHABLE'],
    ['503', { status: 503 }, 'FORGE_UNREACHABLE'],
  ];

  function limited(status: number, headers: Readonly<Record<string, string>>): FakeAnswer {
    return { status, headers };
  }

  for (const [name, answer, code, retryAfterSeconds] of ANSWERS) {
    it(`fail by ${name} as ${code}`, async () => {
      fake.fault = () => answer;

      const error = await failure(setStatus());

      expect(error.code).to.equal(code);
      expect(error.details['retryAfterSeconds']).to.equal(retryAfterSeconds);
      expect(test.requests.counts()).to.deep.equal([
        { operation: 'status', code: String(answer.status), count: 1 },
      ]);
    });
  }

  it('are not made while the limit is used up', async () => {
    const reset = seconds(clock.now(), 60);
    fake.fault = () => ({
      status: 201,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
    });
    await setStatus();

    const error = await failure(setStatus());
    expect([error.code, fake.requests.length]).to.deep.equal(['FORGE_THROTTLED', 1]);

    await clock.advance(60_000);
    fake.fault = undefined;
    await setStatus();
    expect(fake.requests.length).to.equal(2);
  });

  it('say what they know already, and take "not modified" for an answer', async () => {
    await setStatus();
    const first = await test.forge.readStatus(COMMIT, { signal });
    const second = await test.forge.readStatus(COMMIT, { signal });
    expect(second).to.deep.equal(first);

    await setStatus();
    expect((await test.forge.readStatus(COMMIT, { signal })).count).to.equal(2);

    expect(test.requests.counts()).to.deep.include({ operation: 'status', code: '304', count: 1 });
  });

  it('are made once more with another token, and no more', async () => {
    const asked: string[] = [];
    const tokens: TokenSource = {
      token: () => Promise.resolve('revoked'),
      another: (refused) => {
        asked.push(refused);
        return Promise.resolve(fake.token);
      },
    };
    const other = await createTestForge(fake, { tokens });
    await setStatus(other.forge);
    expect([asked, fake.statuses.length]).to.deep.equal([['revoked'], 1]);

    fake.token = 'forge-token-2';
    const wrong = await createTestForge(fake, {
      tokens: { ...tokens, another: () => Promise.resolve('revoked-too') },
    });
    const error = await failure(setStatus(wrong.forge));

    expect([error.code, fake.requests.length]).to.deep.equal(['FORGE_REFUSED', 4]);
    await other.forge.close();
    await wrong.forge.close();
  });

  it('fail in words where nobody answers, or not in JSON', async () => {
    fake.fault = () => 'hang-up';
    expect((await failure(setStatus())).code).to.equal('FORGE_UNREACHABLE');
    expect(test.requests.counts()).to.deep.equal([{ operation: 'status', code: 'none', count: 1 }]);

    const page = createServer((_request, response) => response.end('<html>Welcome</html>'));
    const other = await createTestForge(fake, { apiUrl: await listen(page) });
    const error = await failure(setStatus(other.forge));
    expect(error.code).to.equal('FORGE_UNREACHABLE');
    expect(error.message).to.contain('--report-url').and.not.contain('Welcome');
    await other.forge.close();
    await close(page);
  });

  it('end when they are called off', async () => {
    const stop = new AbortController();
    stop.abort();

    const error = await test.forge
      .setStatus(COMMIT, SENT, { signal: stop.signal })
      .catch((thrown: unknown) => thrown);

    expect(error).to.have.property('name', 'AbortError');
  });

  describe('that are redirected', () => {
    let stranger: Server;
    let strangerUrl: string;
    const seen: (string | undefined)[] = [];

    before(async () => {
      stranger = createServer(({ headers }, response) => {
        seen.push(headers.authorization);
        response.end('{}');
      });
      strangerUrl = await listen(stranger);
    });
    after(() => close(stranger));

    it('follow a repository that was renamed', async () => {
      const renamed = '/api/v3/repositories/1';
      fake.fault = ({ path }) => {
        if (!path.includes('/repos/')) return { status: 200, body: [] };
        return { status: 301, headers: { location: `${fake.origin}${renamed}` } };
      };
      const held = await test.forge.readStatus(COMMIT, { signal });
      expect(held).to.deep.equal({ last: undefined, count: 0 });

      fake.fault = ({ path }) =>
        path.includes('/repos/')
          ? { status: 307, headers: { location: renamed } }
          : { status: 201, body: {} };
      await setStatus();
      const [last] = fake.requests.slice(-1);
      expect([last?.method, last?.path]).to.deep.equal(['POST', renamed]);
    });

    const ELSEWHERE = [
      { name: 'to another port', status: 307, to: () => strangerUrl },
      { name: 'to another name of the same machine', status: 302, to: localhost },
      { name: 'to another scheme', status: 301, to: () => fake.origin.replace('http:', 'https:') },
      { name: 'with the repository in the name', status: 308, to: trick },
      { name: 'to no address', status: 302, to: () => 'https://' },
      { name: 'in a way that would lose the body', status: 302, to: () => '/api/v3/elsewhere' },
      { name: 'in circles', status: 308, to: () => `/api/v3/repos/fleet/shortcuts/x` },
    ];

    function localhost(): string {
      return fake.origin.replace('127.0.0.1', 'localhost');
    }

    function trick(): string {
      return strangerUrl.replace('://', `://${new URL(fake.origin).host}@`);
    }

    for (const { name, status, to } of ELSEWHERE) {
      it(`go nowhere ${name}`, async () => {
        fake.fault = () => ({ status, headers: { location: to() } });

        const error = await failure(setStatus());

        expect(error.code).to.equal('FORGE_REFUSED');
        expect(seen).to.deep.equal([]);
        expect(fake.statuses).to.deep.equal([]);
      });
    }
  });
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
