import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { expect } from 'chai';

import { SECRET } from '../../src/model/kinds.ts';
import { SERVICE_USER } from '../../src/sandbox/world.ts';
import { aKubeconfig } from '../support/builders/a-kubeconfig.ts';
import { type CanaryWorld, startCanaryWorld } from '../support/canary-world.ts';
import { expectSilence } from '../support/expect-silence.ts';
import { type RawApiServer, startRawApiServer } from '../support/raw-api-server.ts';
import { ownObjectsOn } from '../support/scenario-objects.ts';
import { signal, untilTrue } from '../support/scenario-wait.ts';
import { TEST_CERTIFICATE_DATA } from '../support/test-certificate.ts';

const NEXT_USER = 'liqo-shortcuts-next';
const WATCHES_OF_A_LEAF = 9;
const CHANGES = 30;

describe('the credential of a leaf under attack', function () {
  this.timeout(120_000);
  let world: CanaryWorld;
  let thief: RawApiServer;
  let objectsBefore: readonly string[];

  before(async () => {
    world = await startCanaryWorld();
    thief = await startRawApiServer();
    objectsBefore = await ownObjectsOn(world.scenario.leaf('rome'));
  });
  after(async () => {
    await thief.stop();
    await world.stop();
  });
  afterEach('others go on, nothing is taken away, and nothing is told', async () => {
    await world.untilReady();
    expect(await ownObjectsOn(world.scenario.leaf('rome'))).to.deep.equal(objectsBefore);
    await expectSilence(world);
    // Another state than any that a case leads to.
    await world.setKubeconfig('hostile', 'none');
    await world.untilHostile('CredentialInvalid');
  });

  function kubeconfigOf(server: string): string {
    const cluster = { server, 'certificate-authority-data': TEST_CERTIFICATE_DATA };
    return aKubeconfig({ cluster, user: { token: world.canaries.plant(server) } });
  }

  for (const status of [301, 302, 303, 307, 308]) {
    it(`goes nowhere with a redirect: ${status}`, async () => {
      world.hostile.answer = ({ path }, response) =>
        response.writeHead(status, { location: thief.url + path }).end();

      await world.setKubeconfig('hostile', world.hostileKubeconfig());

      await world.untilHostile('LeafUnreachable');
      expect([thief.handshakes, thief.requests]).to.deep.equal([0, []]);
    });
  }

  it('goes through no proxy, whatever the environment says', async () => {
    let visits = 0;
    const proxy = createServer((socket) => {
      visits += 1;
      socket.destroy();
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = name.startsWith('NODE') ? '1' : url;
    world.hostile.requests.length = 0;
    world.hostile.answer = (_request, response) => response.writeHead(500).end();

    await world.setKubeconfig('hostile', world.hostileKubeconfig());
    await world.untilHostile('LeafUnreachable');

    for (const [index, name] of names.entries()) {
      if (before[index] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[index];
    }
    expect(world.hostile.requests).to.not.have.lengthOf(0);
    expect(visits).to.equal(0);
    proxy.close();
  });

  it('meets headers of a mebibyte', async () => {
    const old = await startRawApiServer({ http1: true });
    old.answer = (_request, response) =>
      response.writeHead(200, { 'x-large': 'x'.repeat(1024 * 1024) }).end('{}');

    await world.setKubeconfig('hostile', kubeconfigOf(old.url));

    await world.untilHostile('LeafUnreachable');
    expect(old.requests).to.not.have.lengthOf(0);
    await world.setKubeconfig('hostile', 'none');
    await world.untilHostile('CredentialInvalid');
    await old.stop();
  });

  it('meets a body that never ends', async () => {
    const { hostile } = world;
    let sent = 0;
    hostile.requests.length = 0;
    hostile.answer = (_request, response) => {
      response.writeHead(200);
      const send = (): void => {
        if (response.stream.destroyed) return;
        sent += 1;
        response.write('x'.repeat(64 * 1024), () => setImmediate(send));
      };
      send();
    };

    await world.setKubeconfig('hostile', world.hostileKubeconfig());

    await world.untilHostile('LeafUnreachable');
    expect(sent).to.be.greaterThan(0);
    hostile.drop();
  });

  for (const [name, text] of [
    ['one word', 'x'.repeat(1_000_000)],
    ['one list in another', '['.repeat(1_000_000)],
    ['keys', Array.from({ length: 100_000 }, (_, index) => `k${index}: 1`).join('\n')],
  ] as const) {
    it(`is in a Secret as large as a Secret can be: ${name}`, async () => {
      world.hostile.answer = (_request, response) => response.writeHead(404).end();
      await world.setKubeconfig('hostile', world.hostileKubeconfig());
      await world.untilHostile('LiqoMissing');

      await world.setKubeconfig('hostile', text);

      await world.untilHostile('CredentialInvalid');
    });
  }

  it('changes again and again: Ready all the time, and only the last one stays in use', async () => {
    const { scenario } = world;
    const { server } = scenario.world.leaves.get('rome')!;
    server.addUser(NEXT_USER, ['system:masters']);
    const requests = () => scenario.world.requests()['rome']!;
    const readies = new Set<string>();

    for (let change = 0; change < CHANGES; change += 1) {
      await world.setKubeconfig('rome', server.kubeconfig(change % 2 ? SERVICE_USER : NEXT_USER));
      const body = await world.get('/api/v1/shortcuts/liqo-shortcuts/rome-milan');
      readies.add(/\\"type\\":\\"Ready\\",\\"status\\":\\"(\w+)/.exec(body)?.[1] ?? 'none');
    }

    await untilTrue('one set of watches is left', () =>
      Promise.resolve(requests().watchesOpenNow === WATCHES_OF_A_LEAF),
    );
    expect([...readies]).to.deep.equal(['True']);
  });

  it('is taken from a Secret of any type: what counts is its content', async () => {
    const metadata = { namespace: 'liqo-shortcuts', name: 'hostile-kubeconfig' };
    world.hostile.answer = (_request, response) => response.writeHead(404).end();
    const data = { kubeconfig: Buffer.from(world.hostileKubeconfig()).toString('base64') };
    const main = world.scenario.main();
    await main.delete({ kind: SECRET, ...metadata }, { signal });
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data, type: 'example.com/other' };
    await main.create(SECRET, secret, { signal });

    await world.untilHostile('LiqoMissing');
  });
});
