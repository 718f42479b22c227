import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import sinon from 'sinon';
import { startTestServer } from './start-test-server.ts';

const SECRET = 'webhook-secret';
// Not in the form that a JSON serializer would give it: what is signed are the bytes.
const BODY = '{ "ref" :"refs/heads/main" }';

function sign(body: string | Buffer, secret = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

describe('Git hook', () => {
  async function post(payload: string | Buffer, headers: Record<string, string>) {
    const onHint = sinon.spy();
    const { server } = await startTestServer({}, { hooks: { secret: SECRET, onHint } });
    const response = await server.inject({ method: 'POST', url: '/hooks/git', headers, payload });
    await server.close();
    return { response, onHint };
  }

  afterEach(() => {
    sinon.restore();
  });

  for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
    it(`passes on one hint for a signed body of type ${type}`, async () => {
      const { response, onHint } = await post(BODY, {
        'content-type': type,
        'x-hub-signature-256': sign(BODY),
      });

      expect(response.statusCode).to.equal(202);
      expect(onHint.calledOnceWithExactly()).to.be.true;
    });
  }

  it('takes a signed empty request', async () => {
    const { response } = await post('', { 'x-hub-signature-256': sign('') });

    expect(response.statusCode).to.equal(202);
  });

  for (const { name, signature } of [
    { name: 'no signature', signature: undefined },
    { name: 'the signature of another secret', signature: sign(BODY, 'other') },
    { name: 'the signature of another body', signature: sign(`${BODY} `) },
    { name: 'a signature cut short', signature: sign(BODY).slice(0, -2) },
    { name: 'another digest', signature: sign(BODY).replace('sha256', 'sha1') },
    { name: 'what is not hexadecimal', signature: `sha256=${'z'.repeat(64)}` },
  ]) {
    it(`refuses a body with ${name}`, async () => {
      const { response, onHint } = await post(BODY, {
        'content-type': 'application/json',
        ...(signature !== undefined && { 'x-hub-signature-256': signature }),
      });

      expect(response.statusCode).to.equal(401);
      expect(response.headers['content-type']).to.match(/^application\/problem\+json/);
      expect(onHint.called).to.be.false;
    });
  }

  it('takes a body of one mebibyte, and none above', async () => {
    const largest = Buffer.alloc(1024 * 1024, 'a');
    const tooLarge = Buffer.alloc(1024 * 1024 + 1, 'a');

    const taken = await post(largest, { 'x-hub-signature-256': sign(largest) });
    const refused = await post(tooLarge, { 'x-hub-signature-256': sign(tooLarge) });

    expect(taken.response.statusCode).to.equal(202);
    expect(refused.response.statusCode).to.equal(413);
    expect(refused.onHint.called).to.be.false;
  });

  it('is not there without a secret, and is not read', async () => {
    const { server } = await startTestServer();

    expect((await server.inject({ method: 'GET', url: '/hooks/git' })).statusCode).to.equal(404);
    expect((await server.inject({ method: 'POST', url: '/hooks/git' })).statusCode).to.equal(404);
    await server.close();
  });
});
