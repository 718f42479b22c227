import { expect } from 'chai';
import { parse, stringify } from 'yaml';

import { LEAF_CLUSTER, SECRET } from '../../src/model/kinds.ts';
import { createCertificate } from '../../src/sandbox/kubernetes/http/certificate.ts';
import { SERVICE_USER } from '../../src/sandbox/world.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { findObject, ownObjectsOn, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';

const NEXT_USER = 'liqo-shortcuts-next';
const WATCHES_OF_A_LEAF = 9;
const DAY_MS = 24 * 3_600_000;
/** How long the certificates that we make here are valid. */
const VALID_MS = 3650 * DAY_MS;

describe('the credential of a leaf', function () {
  this.timeout(90_000);
  let scenario: Scenario;
  let objectsBefore: readonly string[];

  const address = (leaf: string): string => `liqo-shortcuts/${leaf}-kubeconfig`;
  const server = (leaf: string) => scenario.world.leaves.get(leaf)!.server;
  const requestsOf = (leaf: string) => scenario.world.requests()[leaf]!;

  async function setSecret(leaf: string, kubeconfig: string): Promise<void> {
    const data = { kubeconfig: Buffer.from(kubeconfig).toString('base64') };
    await scenario.patch('main', SECRET, address(leaf), { data });
  }

  async function conditionOf(leaf: string, type: string) {
    const found = await findObject(scenario.main(), LEAF_CLUSTER, `liqo-shortcuts/${leaf}`);
    const conditions = statusOf(found)['conditions'] as readonly Record<string, string>[];
    return conditions.find((condition) => condition['type'] === type);
  }

  async function untilLeaf(leaf: string, reason: string): Promise<Record<string, string>> {
    return eventually(`leaf ${leaf} is ${reason}`, async () => {
      const ready = await conditionOf(leaf, 'Ready');
      return ready?.['reason'] === reason ? { done: ready } : { seen: ready };
    });
  }

  /** Every status that Ready of the shortcut takes on, until it is called. */
  function watchReady(): { stop(): Promise<readonly string[]> } {
    const ending = new AbortController();
    const seen = new Set<string>();
    const looking = (async () => {
      while (!ending.signal.aborted) {
        const found = await scenario.shortcut('rome-milan');
        seen.add(found?.conditions.find(({ type }) => type === 'Ready')?.status ?? 'none');
      }
    })();
    return {
      stop: async () => {
        ending.abort();
        await looking;
        return [...seen];
      },
    };
  }

  function requestsBy(leaf: string, user: string): number {
    const entries = Object.entries(requestsOf(leaf).byRequest);
    return entries.filter(([key]) => key.endsWith(` ${user}`)).reduce((sum, [, n]) => sum + n, 0);
  }

  before(async () => {
    scenario = await startScenario({
      leaves: ['rome', 'milan', 'naples'],
      flags: { resync: '5s' },
    });
    for (const { server: leafServer } of scenario.world.leaves.values()) {
      leafServer.addUser(NEXT_USER, ['system:masters']);
    }
    await scenario.commit({
      'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
    });
    await scenario.ready('rome-milan');
    objectsBefore = await ownObjectsOn(scenario.leaf('rome'));
  });
  after(() => scenario.stop());
  afterEach(async () => {
    expect(await ownObjectsOn(scenario.leaf('rome')), 'nothing was taken away').to.deep.equal(
      objectsBefore,
    );
  });

  it('is replaced while the service runs: Ready all the time, and the old one is used no more', async () => {
    const ready = watchReady();

    await setSecret('rome', server('rome').kubeconfig(NEXT_USER));
    await untilTrue('the old watches are closed', () =>
      Promise.resolve(
        requestsBy('rome', NEXT_USER) > 0 &&
          requestsOf('rome').watchesOpenNow === WATCHES_OF_A_LEAF,
      ),
    );
    scenario.world.resetRequests();
    await scenario.commit({
      'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', {
        clusters: ['rome', 'milan'],
        gateway: { mtu: 1300 },
      }),
    });
    await untilTrue('the new one is used', () => Promise.resolve(requestsOf('rome').writes > 0));
    await scenario.ready('rome-milan');

    expect(await ready.stop()).to.not.include('Unknown');
    expect(requestsBy('rome', SERVICE_USER)).to.equal(0);
  });

  it('was revoked before the next one came: told as such, and healed by the next one', async () => {
    await scenario.world.fault('rome', 'revoked', { user: NEXT_USER });
    await scenario.world.fault('rome', 'drop-watches');
    const told = await scenario.reason('rome-milan', 'CredentialInvalid');
    expect(told.phase).to.equal('Unknown');
    await untilLeaf('rome', 'CredentialInvalid');

    await setSecret('rome', server('rome').kubeconfig(SERVICE_USER));

    await scenario.ready('rome-milan');
    await scenario.world.fault('rome', 'revoked', { user: NEXT_USER, on: false });
  });

  it('is gone with its Secret: Unknown, and healed when that is back', async () => {
    const ref = { kind: SECRET, namespace: 'liqo-shortcuts', name: 'rome-kubeconfig' };
    const { data, type } = await scenario.main().get(ref, { signal });
    await scenario.main().delete(ref, { signal });

    const told = await scenario.reason('rome-milan', 'CredentialInvalid');
    expect(told.phase).to.equal('Unknown');
    expect((await untilLeaf('rome', 'CredentialInvalid'))['message']).to.include(
      'Secret "liqo-shortcuts/rome-kubeconfig" does not exist',
    );
    await untilTrue('no watch is left open', () =>
      Promise.resolve(requestsOf('rome').watchesOpenNow === 0),
    );

    const metadata = { namespace: ref.namespace, name: ref.name };
    await scenario
      .main()
      .create(SECRET, { apiVersion: 'v1', kind: 'Secret', metadata, data, type }, { signal });
    await scenario.ready('rome-milan');
  });

  for (const { what, text, says } of [
    {
      what: 'garbage',
      text: 'a-very-secret: [',
      says: 'kubeconfig is not one plain YAML document',
    },
    {
      what: 'a program',
      text: kubeconfigWith({ exec: { command: 'a-very-secret' } }),
      says: 'user.exec is not allowed',
    },
    {
      what: 'a token of two lines',
      text: kubeconfigWith({ token: 'a-very-secret\nX: y' }),
      says: 'user.token is malformed',
    },
  ]) {
    it(`is replaced by ${what}: the field is named, not the value, and it heals`, async () => {
      await setSecret('rome', text);

      await scenario.reason('rome-milan', 'CredentialInvalid');
      const { message = '' } = await untilLeaf('rome', 'CredentialInvalid');
      expect(message).to.include(says).and.not.include('a-very-secret');

      await setSecret('rome', server('rome').kubeconfig(SERVICE_USER));
      await scenario.ready('rome-milan');
    });
  }

  it('suddenly leads to another leaf: refused, and nothing is written on either', async () => {
    scenario.world.resetRequests();

    await setSecret('rome', server('milan').kubeconfig(SERVICE_USER));
    const told = await scenario.reason('rome-milan', 'ClusterIDMismatch');

    expect(told.phase).to.equal('Unknown');
    expect((await untilLeaf('rome', 'ClusterIDMismatch'))['message']).to.include('"milan"');
    expect((await conditionOf('milan', 'Ready'))?.['status']).to.equal('True');
    expect([requestsOf('rome').writes, requestsOf('milan').writes]).to.deep.equal([0, 0]);
  });

  it('is still refused after a restart, when the status alone knows which cluster it was', async () => {
    await scenario.stopService();
    scenario.world.resetRequests();

    await scenario.startService();
    await untilTrue('the leaf was asked', () =>
      Promise.resolve(requestsBy('milan', SERVICE_USER) > 0),
    );
    await scenario.reason('rome-milan', 'ClusterIDMismatch');

    expect([requestsOf('rome').writes, requestsOf('milan').writes]).to.deep.equal([0, 0]);
    await setSecret('rome', server('rome').kubeconfig(SERVICE_USER));
    await scenario.ready('rome-milan');
  });

  it('pitfall 15: leads to a cluster that another leaf stands for: the younger is refused, in a shortcut too', async () => {
    const metadata = { namespace: 'liqo-shortcuts', name: 'copy-kubeconfig' };
    const data = {
      kubeconfig: Buffer.from(server('rome').kubeconfig(SERVICE_USER)).toString('base64'),
    };
    await scenario
      .main()
      .create(SECRET, { apiVersion: 'v1', kind: 'Secret', metadata, data }, { signal });
    const counted = requestsOf('naples').writes;
    await scenario.commit({
      'leaves/copy.yaml': leafFile('copy'),
      'shortcuts/copy-naples.yaml': shortcutFile('copy-naples', { clusters: ['copy', 'naples'] }),
    });

    await scenario.reason('copy-naples', 'ClusterIDMismatch');

    expect((await untilLeaf('copy', 'ClusterIDMismatch'))['message']).to.include('leaf "rome"');
    expect(requestsOf('naples').writes).to.equal(counted);
    await scenario.ready('rome-milan');
  });

  it('ends soon: told before the fact, once, in status and metrics, and renewed without a word', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) * 1000 + 3 * DAY_MS;
    const { certificate, privateKey } = createCertificate('us', expiresAt - VALID_MS);
    const kubeconfig = parse(server('milan').kubeconfig(SERVICE_USER)) as {
      users: { user: Record<string, string> }[];
    };
    Object.assign(kubeconfig.users[0]!.user, {
      'client-certificate-data': Buffer.from(certificate).toString('base64'),
      'client-key-data': Buffer.from(privateKey).toString('base64'),
    });

    await setSecret('milan', stringify(kubeconfig));
    const told = await eventually('the condition', async () => {
      const condition = await conditionOf('milan', 'CredentialExpiring');
      return condition === undefined ? { seen: condition } : { done: condition };
    });

    const at = new Date(expiresAt).toISOString().replace('.000', '');
    expect(told).to.include({ status: 'True', reason: 'CredentialExpiring' });
    expect(told['message']).to.include(at).and.include('milan-kubeconfig');
    expect((await conditionOf('milan', 'Ready'))?.['status']).to.equal('True');
    const leaf = await scenario.http('/api/v1/leaves/milan');
    expect(leaf.body).to.deep.include({ credential: { kind: 'ClientCertificate', expiresAt: at } });
    expect(await scenario.text('/metrics')).to.include(
      `liqo_shortcuts_leaf_credential_expiry_timestamp_seconds{leaf="milan"} ${expiresAt / 1000}\n`,
    );
    scenario.world.resetRequests();
    await untilTrue('leaves were looked at again', () =>
      Promise.resolve(requestsOf('milan').reads > 0),
    );
    expect(scenario.world.requests()['main']?.writes).to.equal(0);

    await setSecret('milan', server('milan').kubeconfig(SERVICE_USER));
    await untilTrue('the condition is gone', async () => {
      return (await conditionOf('milan', 'CredentialExpiring')) === undefined;
    });
    await scenario.ready('rome-milan');
  });

  function kubeconfigWith(user: object): string {
    return stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    });
  }
});
