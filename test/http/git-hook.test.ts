import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import type { HttpServer } from '../../src/http/http-server.ts';
import { hmac, HOOK_HOSTS } from '../support/hook-deliveries.ts';
import { startTestServer } from './start-test-server.ts';

const SECRET = 'webhook-secret';
// Not in the form that a JSON serializer would give it: what is signed are the bytes.
const BODY = '{ "ref" :"refs/heads/main" }';

function sign(body: string | Buffer, secret = SECRET): string {
  return `sha256=${hmac(body, secret)}`;
}

describe('Git hook', () => {
  const onHint = sinon.spy();
  let secrets: readonly string[];
  let server: HttpServer;

  before(async () => {
    const hooks = { secrets: () => Promise.resolve(secrets), onHint };
    ({ server } = await startTestServer({}, { hooks }));
  });
  beforeEach(() => {
    secrets = [SECRET];
    onHint.resetHistory();
  });
  after(() => server.close());

  function post(payload: string | Buffer, headers: Record<string, string>) {
    return server.inject({ method: 'POST', url: '/hooks/git', headers, payload });
  }

  for (const { name, push, other } of HOOK_HOSTS) {
    describe(`of ${name}`, () => {
      it('passes on one hint for a push', async () => {
        const { headers, body } = push('refs/heads/main', SECRET);

        const response = await post(body, headers);

        expect(response.statusCode).to.equal(202);
        expect(onHint.calledOnceWithExactly()).to.be.true;
      });

      it('refuses another secret, without a word why', async () => {
        const { headers, body } = push('refs/heads/main', 'other');

        const response = await post(body, headers);

        expect(response.statusCode).to.equal(401);
        expect(response.headers['content-type']).to.match(/^application\/problem\+json/);
        expect(response.json()).to.deep.equal({
          type: 'about:blank',
          title: 'Unauthorized',
          status: 401,
        });
        expect(onHint.called).to.be.false;
      });

      it('takes each secret while one takes the place of another', async () => {
        secrets = ['older', SECRET];

        for (const secret of ['older', SECRET, 'oldest']) {
          const { headers, body } = push('refs/heads/main', secret);
          const { statusCode } = await post(body, headers);
          expect(statusCode, secret).to.equal(secret === 'oldest' ? 401 : 202);
        }
      });

      if (other === undefined) return;
      it('takes what is no push, and does nothing', async () => {
        const { headers, body } = other(SECRET);

        const response = await post(body, headers);

        expect(response.statusCode).to.equal(200);
        expect(response.json()).to.deep.equal({ status: 'ignored' });
        expect(onHint.called).to.be.false;
      });

      it('does not say to whom has not got the secret what it would do', async () => {
        const { headers, body } = other('other');

        expect((await post(body, headers)).statusCode).to.equal(401);
      });
    });
  }

  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/xml']) {
    it(`takes a signed body of type ${type}`, async () => {
      const response = await post(BODY, { 'content-type': type, 'x-signature': sign(BODY) });

      expect(response.statusCode).to.equal(202);
    });
  }

  for (const { name, headers } of [
    { name: 'no signature', headers: {} },
    { name: 'the signature of another body', headers: { 'x-hub-signature-256': sign(`${BODY} `) } },
    {
      name: 'a signature cut short',
      headers: { 'x-hub-signature-256': sign(BODY).slice(0, -2) },
    },
    {
      name: 'another digest',
      headers: { 'x-hub-signature-256': sign(BODY).replace('sha256', 'sha512') },
    },
    {
      name: 'what is not hexadecimal',
      headers: { 'x-hub-signature-256': `sha256=${'z'.repeat(64)}` },
    },
    {
      name: 'a digest that is weak',
      headers: {
        'x-hub-signature': `sha1=${createHmac('sha1', SECRET).update(BODY).digest('hex')}`,
      },
    },
    { name: 'an empty token', headers: { 'x-gitlab-token': '' } },
    { name: 'a part of the token', headers: { 'x-gitlab-token': SECRET.slice(1) } },
  ]) {
    it(`refuses a body with ${name}`, async () => {
      const response = await post(BODY, { 'content-type': 'application/json', ...headers });

      expect(response.statusCode).to.equal(401);
      expect(onHint.called).to.be.false;
    });
  }

  it('takes a body of one mebibyte, and none above', async () => {
    const largest = Buffer.alloc(1024 * 1024, 'a');
    const tooLarge = Buffer.alloc(1024 * 1024 + 1, 'a');

    const taken = await post(largest, { 'x-hub-signature-256': sign(largest) });
    const refused = await post(tooLarge, { 'x-hub-signature-256': sign(tooLarge) });

    expect(taken.statusCode).to.equal(202);
    expect(refused.statusCode).to.equal(413);
    expect(onHint.calledOnce).to.be.true;
  });

  it('tells nobody when its secret cannot be read', async () => {
    const unreadable = () => Promise.reject(new Error(`ENOENT: /run/${SECRET}`));
    const hooks = { secrets: unreadable, onHint };
    const { server: blind } = await startTestServer({}, { hooks });
    const headers = { 'x-gitlab-token': SECRET };

    const response = await blind.inject({ method: 'POST', url: '/hooks/git', headers });

    expect(response.statusCode).to.equal(500);
    expect(response.body).not.to.include(SECRET);
    expect(onHint.called).to.be.false;
    await blind.close();
  });

  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'] as const) {
    it(`is not there for ${method}, and says for what it is`, async () => {
      const response = await server.inject({ method, url: '/hooks/git' });

      expect(response.statusCode).to.equal(405);
      expect(response.headers.allow).to.equal('POST');
    });
  }

  it('is not there without a secret, and is not read', async () => {
    const { server: without } = await startTestServer();

    for (const method of ['GET', 'POST'] as const) {
      const { statusCode } = await without.inject({ method, url: '/hooks/git' });
      expect(statusCode, method).to.equal(404);
    }
    await without.close();
  });

  it('refuses whatever is sent without the secret, and never fails', async () => {
    const names = HOOK_HOSTS.flatMap(({ push }) =>
      Object.keys(push('refs/heads/main', SECRET).headers),
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary-ascii' }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '')),
      fc.stringMatching(/^(sha256=|v1,)?[0-9a-f]{62,66}$/),
      fc.base64String().map((text) => `v1,${text}`),
      fc.constantFrom('push', 'Push Hook', 'repo:push', 'application/json; charset=utf-8'),
    );
    const headers = fc.dictionary(fc.constantFrom(...names), value);
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      fc.json().map((text) => Buffer.from(text)),
    );

    await fc.assert(
      fc.asyncProperty(headers, body, async (given, payload) => {
        const { statusCode } = await post(Buffer.from(payload), given);
        expect(statusCode).to.be.within(400, 499);
        expect(onHint.called).to.be.false;
      }),
    );
  });

  it('takes whatever is signed, of whatever bytes', async () => {
    const body = fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes));

    await fc.assert(
      fc.asyncProperty(body, async (payload) => {
        onHint.resetHistory();
        const headers = { 'x-signature': sign(payload), 'x-gitlab-token': 'other' };
        expect((await post(payload, headers)).statusCode).to.equal(202);
        expect(onHint.calledOnceWithExactly()).to.be.true;
      }),
    );
  });
});
