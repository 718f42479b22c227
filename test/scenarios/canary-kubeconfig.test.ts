import { expect } from 'chai';

import { LEAF_CLUSTER, SECRET } from '../../src/model/kinds.ts';
import { aKubeconfig } from '../support/builders/a-kubeconfig.ts';
import { type CanaryWorld, startCanaryWorld } from '../support/canary-world.ts';
import { expectSilence } from '../support/expect-silence.ts';
import { refuse } from '../support/raw-api-server.ts';
import { findObject, refAt } from '../support/scenario-objects.ts';
import { signal, untilTrue } from '../support/scenario-wait.ts';
import { WEAK_CERTIFICATE, WEAK_KEY } from '../support/weak-certificate.ts';

const REFUSED: readonly (readonly [string, (secret: string) => string])[] = [
  ['a program', (secret) => aKubeconfig({ user: { exec: { command: secret } } })],
  ['a plugin', (secret) => aKubeconfig({ user: { 'auth-provider': { name: secret } } })],
  ['a password', (secret) => aKubeconfig({ user: { username: secret, password: secret } })],
  ['a path', (secret) => aKubeconfig({ user: { tokenFile: `/${secret}` } })],
  ['somebody else', (secret) => aKubeconfig({ user: { as: secret } })],
  ['a field nobody knows', (secret) => aKubeconfig({ user: { [secret]: secret } })],
  ['a field of a field nobody knows', (s) => aKubeconfig({ cluster: { [s]: { [s]: s } } })],
  ['no YAML', (secret) => `${secret}: [${secret}`],
  ['YAML with an alias', (secret) => `a: &${secret} ${secret}\nb: *${secret}\n`],
  ['YAML with a tag', (secret) => `!${secret} ${secret}`],
  ['YAML with a doubled key', (secret) => `${secret}: 1\n${secret}: ${secret}\n`],
  ['nothing but a text', (secret) => secret],
  ['a list', (secret) => `- ${secret}`],
  ['a token of two lines', (secret) => aKubeconfig({ user: { token: `${secret}\n${secret}` } })],
  ['a token that is a map', (secret) => aKubeconfig({ user: { token: { [secret]: secret } } })],
  ['a key that is none', (s) => aKubeconfig({ user: { 'client-key-data': s } })],
  ['a certificate that is none', (s) => aKubeconfig({ user: { 'client-certificate-data': s } })],
  ['an authority that is none', (s) => certificateAuthority(s)],
  ['an authority of other bytes', (s) => certificateAuthority(Buffer.from(s).toString('base64'))],
  ['a user in the address', (s) => aKubeconfig({ cluster: { server: `https://u:${s}@h` } })],
  ['a query in the address', (s) => aKubeconfig({ cluster: { server: `https://h/?t=${s}` } })],
  ['an address that is none', (s) => aKubeconfig({ cluster: { server: s } })],
  ['a proxy', (s) => aKubeconfig({ cluster: { 'proxy-url': `http://u:${s}@h` } })],
  ['a context that is not there', (s) => aKubeconfig({ file: { 'current-context': s } })],
  ['a user that is not there', (s) => aKubeconfig({ context: { user: s } })],
];

function certificateAuthority(data: string): string {
  return aKubeconfig({ cluster: { 'certificate-authority-data': data } });
}

describe('a secret in the kubeconfig of a leaf', function () {
  this.timeout(120_000);
  let world: CanaryWorld;

  before(async () => {
    world = await startCanaryWorld();
  });
  after(() => world.stop());
  afterEach(() => expectSilence(world));

  /** Leads to a state that only a kubeconfig which is taken leads to. */
  async function takeGoodOne(): Promise<void> {
    world.hostile.requests.length = 0;
    await world.setKubeconfig('hostile', world.hostileKubeconfig());
    await world.untilHostile('LiqoMissing');
  }

  it('is used, token and certificate, and not told', async () => {
    const { hostile } = world;
    hostile.requests.length = 0;
    await world.setKubeconfig('hostile', world.hostileKubeconfig());
    await untilTrue('it was asked', () => Promise.resolve(hostile.requests.length > 0));

    const [request] = hostile.requests;
    expect(request?.headers.authorization).to.match(/^Bearer q7zk/);
    expect(request?.hasCertificate).to.equal(true);
  });

  for (const [name, kubeconfig] of REFUSED) {
    it(`is refused and not quoted: ${name}`, async () => {
      await world.setKubeconfig('hostile', kubeconfig(world.canaries.plant(name)));

      await world.untilHostile('CredentialInvalid');
      await expectSilence(world);
      await takeGoodOne();
    });
  }

  it('is refused and not quoted: a certificate too weak, with its key', async () => {
    const user = {
      'client-certificate-data': Buffer.from(WEAK_CERTIFICATE).toString('base64'),
      'client-key-data': Buffer.from(WEAK_KEY).toString('base64'),
    };
    world.canaries.add('the weak key', WEAK_KEY.split('\n')[4]!);
    await world.setKubeconfig('hostile', aKubeconfig({ user }));

    await world.untilHostile('CredentialInvalid');
    await takeGoodOne();
  });

  for (const [name, server] of [
    ['nobody listens', 'https://127.0.0.1:1'],
    ['there is no such host', 'https://nowhere.invalid'],
  ] as const) {
    it(`is not told where ${name}`, async () => {
      const token = world.canaries.plant(name);
      await world.setKubeconfig('hostile', aKubeconfig({ cluster: { server }, user: { token } }));

      await world.untilHostile('LeafUnreachable');
      await takeGoodOne();
    });
  }

  it('is not told where the leaf refuses it, and repeats it', async () => {
    const { hostile } = world;
    const { answer } = hostile;
    hostile.answer = ({ headers: { authorization = '' } }, response) =>
      refuse(response, { code: 401, reason: authorization, message: authorization });
    await world.setKubeconfig('hostile', world.hostileKubeconfig());

    await world.untilHostile('CredentialInvalid');
    hostile.answer = answer;
    await takeGoodOne();
  });

  it('is not told by what stands beside it in its Secret, nor by names', async () => {
    const secret = world.canaries.plant('beside');
    const data = { [secret]: Buffer.from(secret).toString('base64'), kubeconfig: null };
    const where = 'liqo-shortcuts/hostile-kubeconfig';
    const metadata = { annotations: { [secret]: secret }, labels: { [secret]: secret } };
    await world.scenario.patch('main', SECRET, where, { metadata, data });
    await world.untilHostile('CredentialInvalid');
    await world.scenario.main().delete(refAt(SECRET, where), { signal });
    await untilTrue('it is gone', async () => {
      return (await findObject(world.scenario.main(), SECRET, where)) === undefined;
    });

    await world.untilHostile('CredentialInvalid');
  });

  it('is not told once it is replaced, deleted and forgotten with its leaf', async () => {
    await takeGoodOne();
    await world.scenario.commit({
      'leaves/hostile.yaml': undefined,
      'shortcuts/rome-hostile.yaml': undefined,
    });

    await untilTrue('the leaf is gone', async () => {
      const address = 'liqo-shortcuts/hostile';
      return (await findObject(world.scenario.main(), LEAF_CLUSTER, address)) === undefined;
    });
  });
});
