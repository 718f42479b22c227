import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

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

  describe('with a webhook', () => {
    const WAYS: readonly (readonly [string, (secret: string, body: string) => string])[] = [
      ['x-hub-signature-256', (secret, body) => `sha256=${hmacOf(secret, body)}`],
      ['x-gitea-signature', hmacOf],
      ['x-gitlab-token', (secret) => secret],
      ['webhook-signature', (secret) => `v1,${secret}`],
    ];

    function hmacOf(secret: string, body: string): string {
      return createHmac('sha256', secret).update(body).digest('hex');
    }

    async function notify(header: string, value: string, body: string): Promise<number> {
      return send('/hooks/git', { method: 'POST', headers: { [header]: value }, body });
    }

    for (const [header, prove] of WAYS) {
      it(`is not repeated, right or wrong: ${header}`, async () => {
        const body = JSON.stringify({ token: world.canaries.plant('webhook body') });
        const wrong = world.canaries.plant('wrong webhook secret');
        const taken = header === 'webhook-signature' ? 401 : 202;

        expect(await notify(header, prove(world.webhookSecret, body), body)).to.equal(taken);
        expect(await notify(header, prove(wrong, body), body)).to.equal(401);
        expect(await notify(header, wrong, body)).to.equal(401);
      });
    }

    it('is not repeated when its file holds none', async () => {
      const file = world.path('webhook');
      const spare = world.canaries.plant('file with a sentence');
      for (const content of [`${spare} ${spare}\u0000`, '']) {
        await writeFile(file, content);
        expect(await notify('x-gitlab-token', world.webhookSecret, 'x')).to.be.at.least(400);
      }

      await writeFile(file, world.webhookSecret);
      expect(await notify('x-gitlab-token', world.webhookSecret, 'x')).to.equal(202);
    });
  });
});
