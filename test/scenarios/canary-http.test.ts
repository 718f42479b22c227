import { createHmac } from 'node:crypto';

import { expect } from 'chai';

import { type CanaryWorld, startCanaryWorld } from '../support/canary-world.ts';
import { expectNoSecret, expectSilence } from '../support/expect-silence.ts';
import { signal } from '../support/scenario-wait.ts';

describe('a secret that is sent to the service over HTTP', function () {
  this.timeout(120_000);
  let world: CanaryWorld;

  before(async () => {
    world = await startCanaryWorld();
  });
  after(() => world.stop());
  afterEach(() => expectSilence(world));

  async function send(path: string, init: RequestInit = {}): Promise<number> {
    const url = new URL(path, world.scenario.serviceUrl());
    const response = await fetch(url, { ...init, signal });
    const headers = JSON.stringify([...response.headers]);
    expectNoSecret(world, `answer to ${path}`, headers + (await response.text()));
    return response.status;
  }

  it('opens the API, and is not shown', async () => {
    const authorization = `Bearer ${world.httpToken}`;

    expect(await send('/api/v1/status', { headers: { authorization } })).to.equal(200);
  });

  for (const scheme of ['Bearer ', 'Basic ', '']) {
    it(`is not repeated when it is the wrong one: "${scheme}…"`, async () => {
      const authorization = scheme + world.canaries.plant('wrong HTTP token');

      for (const path of ['/api/v1/status', '/api/v1/leaves/rome', '/metrics']) {
        expect(await send(path, { headers: { authorization } })).to.equal(401);
      }
    });
  }

  it('is not repeated where it does not belong', async () => {
    const secret = world.canaries.plant('misplaced');
    const headers = { authorization: `Bearer ${world.httpToken}` };

    for (const path of [
      `/api/v1/status?token=${secret}`,
      `/api/v1/shortcuts?access_token=${secret}`,
      `/api/v1/shortcuts?ready=${secret}`,
      `/api/v1/shortcuts?phase=${secret}&phase=${secret}`,
      `/api/v1/leaves/${secret}`,
      `/api/v1/leaves/${secret.repeat(9)}`,
      `/api/v1/shortcuts/${secret}/${secret}`,
      `/${secret}`,
      `/%${secret}`,
      `/api/v1/%E0%A4%A${secret}`,
      `/${secret.repeat(600)}`,
    ]) {
      expect(await send(path, { headers }), path.slice(0, 40)).to.be.lessThan(500);
    }
    for (const more of [
      { 'if-none-match': `"${secret}"` },
      { accept: secret },
      { cookie: `session=${secret}` },
      { 'x-request-id': secret },
      { 'x-forwarded-host': secret },
    ]) {
      await send('/api/v1/status', { headers: { ...headers, ...more } });
    }
  });

  it('is not repeated in answer to what is not read', async () => {
    const secret = world.canaries.plant('body');

    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      for (const path of ['/api/v1/status', `/${secret}`, `/hooks/${secret}`]) {
        const headers = { authorization: `Bearer ${world.httpToken}`, 'content-type': secret };
        expect(await send(path, { method, headers, body: secret })).to.be.within(400, 499);
      }
    }
  });

  for (const [name, sign, status] of [
    ['signed', () => world.webhookSecret, 202],
    ['signed with another secret', () => world.canaries.plant('wrong webhook secret'), 401],
  ] as const) {
    it(`is not repeated in answer to a webhook: ${name}`, async () => {
      const body = JSON.stringify({ token: world.canaries.plant('webhook body') });
      const secret = sign();
      const hmac = createHmac('sha256', secret).update(body).digest('hex');
      const headers = { 'x-hub-signature-256': `sha256=${hmac}`, 'x-gitlab-token': secret };

      expect(await send('/hooks/git', { method: 'POST', headers, body })).to.equal(status);
      const unsigned = { ...headers, 'x-hub-signature-256': secret };
      expect(await send('/hooks/git', { method: 'POST', headers: unsigned, body })).to.equal(401);
    });
  }
});
