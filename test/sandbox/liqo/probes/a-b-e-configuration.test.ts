import { expect } from 'chai';
import type { KubeObject } from '../../../../src/model/kube-object.ts';
import { listAt, numberAt, valueAt } from '../../../../src/sandbox/liqo/fields.ts';
import {
  CONFIGURATION,
  FIREWALL_CONFIGURATION,
  NETWORK,
  ROUTE_CONFIGURATION,
} from '../../../../src/sandbox/liqo/kinds.ts';
import { createTunnelNetwork } from '../../../../src/sandbox/liqo/tunnel-network.ts';
import {
  createNamespace,
  eventually,
  find,
  startLeaf,
  stopAll,
  tenant,
  type TestLeaf,
} from '../leaf-pair.ts';
import { type LeafView, viewOf } from './leaf-view.ts';

const signal = new AbortController().signal;

function apply(leaf: TestLeaf, pod: readonly string[]): Promise<KubeObject> {
  const object = {
    apiVersion: CONFIGURATION.apiVersion,
    kind: CONFIGURATION.kind,
    metadata: {
      name: 'ghost',
      namespace: tenant('ghost'),
      labels: { 'liqo.io/remote-cluster-id': 'ghost' },
    },
    spec: { remote: { cidr: { pod, external: ['10.70.0.0/16'] } } },
  };
  return leaf.client.apply(CONFIGURATION, object, { signal, force: true });
}

function observed(configuration: KubeObject): number | undefined {
  return numberAt(listAt(configuration, 'status.conditions')[0], 'observedGeneration');
}

describe('probe: a Configuration that is made, applied again and changed', () => {
  let naples: TestLeaf;
  let ghost: LeafView;

  before(async () => {
    naples = await startLeaf('naples', createTunnelNetwork(), { podCIDR: '10.203.0.0/16' });
    ghost = viewOf(naples, 'ghost');
    await createNamespace(naples, 'ghost');
  });
  after(() => stopAll(naples));

  const untilObserved = (generation: number): Promise<KubeObject> =>
    ghost.until(
      CONFIGURATION,
      `observed generation ${generation}`,
      (object) => observed(object) === generation,
    );
  const generationOf = async (suffix: string): Promise<number | undefined> =>
    (await ghost.get(FIREWALL_CONFIGURATION, `ghost-${suffix}`))?.metadata.generation;
  const untilGenerations = async (bypass: number, remap: number): Promise<void> => {
    for (const [suffix, generation] of [
      ['masquerade-bypass', bypass],
      ['remap-podcidr', remap],
    ] as const) {
      await ghost.until(
        FIREWALL_CONFIGURATION,
        `generation ${generation}`,
        ({ metadata }) => metadata.generation === generation,
        `ghost-${suffix}`,
      );
    }
  };

  it('(a) its own pod CIDR as the peer’s is remapped, and so is the external one', async () => {
    await apply(naples, ['10.203.0.0/16']);

    const configuration = await untilObserved(2);

    expect(configuration.metadata.generation).to.equal(2);
    expect(valueAt(configuration, 'spec.local.cidr')).to.deep.equal({
      pod: ['10.203.0.0/16'],
      external: ['10.70.0.0/16'],
    });
    expect(valueAt(configuration, 'status.remote.cidr')).to.deep.equal({
      pod: ['10.71.0.0/16'],
      external: ['10.68.0.0/16'],
    });
    await untilGenerations(1, 1);
    expect(await ghost.conditions()).to.deep.equal([
      ['NetworkConfigurationStatus', 'Ready', 'NetworkConfigurationPresence'],
      ['NetworkGatewayPresence', 'NotReady', 'GatewayMissing'],
      ['NetworkConnectionStatus', 'NotReady', 'ConnectionMissing'],
    ]);
  });

  it('(e) an identical second apply changes nothing, and the fields have these owners', async () => {
    const before = await ghost.get(CONFIGURATION);

    const again = await apply(naples, ['10.203.0.0/16']);

    expect(again.metadata.resourceVersion).to.equal(before?.metadata.resourceVersion);
    const cidr = { 'f:external': {}, 'f:pod': {} };
    expect(again.metadata.managedFields?.map(({ fieldsV1 }) => fieldsV1)).to.deep.equal([
      {
        'f:metadata': { 'f:labels': { 'f:liqo.io/remote-cluster-id': {} } },
        'f:spec': { 'f:remote': { 'f:cidr': cidr } },
      },
      { 'f:spec': { 'f:local': { '.': {}, 'f:cidr': { '.': {}, ...cidr } } } },
      {
        'f:status': {
          '.': {},
          'f:conditions': {},
          'f:remote': { '.': {}, 'f:cidr': { '.': {}, ...cidr } },
        },
      },
    ]);
  });

  it('(b) another pod CIDR: the former Network goes, the new one is not remapped', async () => {
    const extcidr = async () => find(naples, ROUTE_CONFIGURATION, 'liqo', 'naples-node-extcidr');
    const routes = (await extcidr())?.metadata.generation ?? 0;
    await apply(naples, ['10.99.0.0/16']);

    const configuration = await untilObserved(3);

    expect(valueAt(configuration, 'status.remote.cidr')).to.deep.equal({
      pod: ['10.99.0.0/16'],
      external: ['10.68.0.0/16'],
    });
    expect(await ghost.get(NETWORK, 'ghost-pod-10-203-0-0-16')).to.equal(undefined);
    // Nothing to translate any more.
    await untilGenerations(2, 2);
    const remap = await ghost.get(FIREWALL_CONFIGURATION, 'ghost-remap-podcidr');
    const rules = listAt(remap, 'spec.table.chains').map((chain) => valueAt(chain, 'rules'));
    expect(rules).to.deep.equal([{}, {}]);
    // Emptied as soon as the change is seen, filled again at its end.
    await eventually(
      'routes again',
      async () => (await extcidr())?.metadata.generation === routes + 2,
    );
  });

  it('(b2) two pod CIDRs: the former one gets another remap than before', async () => {
    await apply(naples, ['10.99.0.0/16', '10.203.0.0/16']);

    const configuration = await untilObserved(4);

    expect(valueAt(configuration, 'status.remote.cidr.pod')).to.deep.equal([
      '10.99.0.0/16',
      '10.69.0.0/16',
    ]);
    await untilGenerations(3, 3);
  });

  it('(b3) back to one, the other: it keeps that remap', async () => {
    await apply(naples, ['10.203.0.0/16']);

    const configuration = await untilObserved(5);

    expect(valueAt(configuration, 'status.remote.cidr.pod')).to.deep.equal(['10.69.0.0/16']);
    expect(await ghost.get(NETWORK, 'ghost-pod-10-99-0-0-16')).to.equal(undefined);
    await ghost.until(
      FIREWALL_CONFIGURATION,
      'generation 4',
      ({ metadata }) => metadata.generation === 4,
      'ghost-masquerade-bypass',
    );
    expect(await generationOf('remap-podcidr')).to.equal(3);
  });

  it('keeps the old remap, and True, while a change is under way: observedGeneration tells', async () => {
    const states: string[] = [];
    const { resourceVersion } = await naples.client.list(CONFIGURATION, { signal });
    const stopping = new AbortController();
    const events = naples.client.watch(CONFIGURATION, { resourceVersion, signal: stopping.signal });
    await apply(naples, ['10.98.0.0/16']);

    for await (const event of events) {
      if (event.type === 'BOOKMARK') continue;
      const { object } = event;
      const [pod] = listAt(object, 'status.remote.cidr.pod');
      const [condition] = listAt(object, 'status.conditions');
      const status = String(valueAt(condition, 'status'));
      states.push(
        `${String(pod)} ${status} ${String(observed(object))}/${String(object.metadata.generation)}`,
      );
      if (observed(object) === object.metadata.generation) break;
    }
    stopping.abort();

    expect(states).to.deep.equal(['10.69.0.0/16 True 5/6', '10.98.0.0/16 True 6/6']);
  });
});
