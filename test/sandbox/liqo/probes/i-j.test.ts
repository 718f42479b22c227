import { expect } from 'chai';
import type { KubeObject } from '../../../../src/model/kube-object.ts';
import { listAt, textAt, valueAt } from '../../../../src/sandbox/liqo/fields.ts';
import { CONFIGURATION, FOREIGN_CLUSTER } from '../../../../src/sandbox/liqo/kinds.ts';
import { createTunnelNetwork } from '../../../../src/sandbox/liqo/tunnel-network.ts';
import {
  connect,
  createConfiguration,
  eventually,
  find,
  startLeaf,
  stopAll,
  tenant,
  type TestLeaf,
} from '../leaf-pair.ts';
import { type LeafView, viewOf } from './leaf-view.ts';

const signal = new AbortController().signal;

const CONNECTED = [
  ['NetworkGatewayPresence', 'Ready', 'GatewayPresence'],
  ['NetworkGatewayServerStatus', 'Ready', 'GatewaysReady'],
  ['NetworkConnectionStatus', 'Established', 'ConnectionEstablished'],
  ['NetworkConfigurationStatus', 'Ready', 'NetworkConfigurationPresence'],
];

// probes/i-j: naples is the server for rome, and knows a third cluster whose pod CIDR is its own.
describe('probe: the ForeignCluster, and two Configurations for one peer', () => {
  let rome: TestLeaf;
  let naples: TestLeaf;
  let ofRome: LeafView;

  before(async () => {
    const network = createTunnelNetwork();
    rome = await startLeaf('rome', network, { address: '172.30.0.12' });
    naples = await startLeaf('naples', network, {
      address: '172.30.0.14',
      podCIDR: '10.203.0.0/16',
    });
    ofRome = viewOf(naples, 'rome');
    await createConfiguration(naples, 'ghost', { pod: ['10.203.0.0/16'] });
    await viewOf(naples, 'ghost').until(CONFIGURATION, 'remap', isConfigured);
    await connect(rome, naples);
    // As the probe before has left it: its Configuration was away for a while.
    await ofRome.remove(CONFIGURATION);
    await eventually('the Configuration is missed', async () =>
      (await ofRome.conditions()).at(-1)?.includes('NetworkConfigurationMissing'),
    );
    await eventually('Networks gone', async () =>
      (await ofRome.names()).every((name) => !name.startsWith('Network/')),
    );
    await createConfiguration(naples, 'rome');
    await ofRome.until(CONFIGURATION, 'remap', isConfigured);
  });
  after(() => stopAll(rome, naples));

  const status = async () => valueAt(await ofRome.get(FOREIGN_CLUSTER), 'status');
  const untilEnabled = (enabled: boolean): Promise<unknown> =>
    eventually(
      `enabled is ${enabled}`,
      async () => valueAt(await status(), 'modules.networking.enabled') === enabled,
    );

  async function untilRemapped(namespace: string, name: string): Promise<unknown> {
    const found = await eventually('the second is remapped', async () => {
      const second = await find(naples, CONFIGURATION, namespace, name);
      return second !== undefined && isConfigured(second) && second;
    });
    return valueAt(found, 'status.remote.cidr');
  }

  async function untilTold(namespace: string, name: string): Promise<void> {
    const suffixes = ['masquerade-bypass', 'remap-externalcidr', 'remap-podcidr'];
    const wanted = [
      ...suffixes.map((suffix) => `FirewallConfiguration/${name}-${suffix}`),
      `Network/${name}-external-10-70-0-0-16`,
      `Network/${name}-pod-10-200-0-0-16`,
      `RouteConfiguration/${name}-gw-ext`,
    ];
    const view = viewOf(naples, namespace.replace('liqo-tenant-', ''));
    await eventually('what it makes', async () => {
      const names = await view.names();
      return wanted.every((one) => names.includes(one));
    });
  }

  function create(namespace: string, name: string): Promise<KubeObject> {
    const { apiVersion, kind } = CONFIGURATION;
    const labels = { 'liqo.io/remote-cluster-id': 'rome' };
    const cidr = { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] };
    const object = {
      apiVersion,
      kind,
      metadata: { name, namespace, labels },
      spec: { remote: { cidr } },
    };
    return naples.client.create(CONFIGURATION, object, { signal });
  }

  it('(i) of a connected pair is this, whole', async () => {
    await eventually('connected', async () =>
      (await ofRome.conditions()).some(([, word]) => word === 'Established'),
    );

    const whole = await status();

    expect(await ofRome.conditions()).to.deep.equal(CONNECTED);
    const messages = listAt(whole, 'modules.networking.conditions').map((condition) =>
      textAt(condition, 'message'),
    );
    expect(messages).to.deep.equal([
      'There is a gateway connecting to the foreign cluster',
      'All gateway replicas are ready',
      'The network connection with the foreign cluster is established',
      'The network configuration of the peer cluster is present',
    ]);
    expect(valueAt(whole, 'modules.networking.enabled')).to.equal(true);
    const rest = { observedGeneration: 1, role: 'Unknown', tenantNamespace: {} };
    expect(whole).to.deep.equal({ ...rest, modules: valueAt(whole, 'modules') });
    for (const module of ['authentication', 'offloading']) {
      expect(valueAt(whole, `modules.${module}`)).to.deep.equal({ enabled: false });
    }
  });

  for (const { what, namespace, name } of [
    { what: '(j) in the same namespace', namespace: tenant('rome'), name: 'rome2' },
    { what: '(j2) in another namespace', namespace: tenant('ghost'), name: 'rome' },
  ]) {
    it(`${what}: both are served, and the ForeignCluster says disabled with its old conditions`, async () => {
      const first = await ofRome.get(CONFIGURATION);
      await create(namespace, name);

      expect(await untilRemapped(namespace, name)).to.deep.equal({
        pod: ['10.64.0.0/16'],
        external: ['10.65.0.0/16'],
      });
      await untilTold(namespace, name);
      await untilEnabled(false);
      expect(await ofRome.conditions()).to.deep.equal(CONNECTED);
      expect(valueAt(await status(), 'observedGeneration')).to.equal(undefined);
      expect(valueAt(await ofRome.get(CONFIGURATION), 'status')).to.deep.equal(
        valueAt(first, 'status'),
      );

      await naples.client.delete({ kind: CONFIGURATION, namespace, name }, { signal });

      await untilEnabled(true);
      expect(valueAt(await status(), 'observedGeneration')).to.equal(1);
      const view = viewOf(naples, namespace.replace('liqo-tenant-', ''));
      await eventually('what it made is gone', async () =>
        (await view.names()).every((object) => !object.startsWith(`Network/${name}-pod-`)),
      );
    });
  }
});

function isConfigured(configuration: KubeObject): boolean {
  return listAt(configuration, 'status.conditions').some(
    (condition) => textAt(condition, 'status') === 'True',
  );
}
