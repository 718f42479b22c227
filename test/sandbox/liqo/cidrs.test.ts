import { expect } from 'chai';
import type { KubeObject } from '../../../src/model/kube-object.ts';
import { listAt, numberAt, textAt, textsAt, valueAt } from '../../../src/sandbox/liqo/fields.ts';
import { CONFIGURATION, FOREIGN_CLUSTER, NETWORK } from '../../../src/sandbox/liqo/kinds.ts';
import type { LiqoVersion } from '../../../src/sandbox/liqo/liqo-version.ts';
import { createTunnelNetwork } from '../../../src/sandbox/liqo/tunnel-network.ts';
import {
  createConfiguration,
  createNamespace,
  eventually,
  find,
  startLeaf,
  stopAll,
  tenant,
  type TestLeaf,
} from './leaf-pair.ts';

const signal = new AbortController().signal;
const GHOST = { kind: CONFIGURATION, namespace: tenant('ghost'), name: 'ghost' };

describe('CIDRs on a simulated leaf', () => {
  let naples: TestLeaf;

  async function begin(version: LiqoVersion = '1.2'): Promise<void> {
    naples = await startLeaf('naples', createTunnelNetwork(), {
      version,
      podCIDR: '10.203.0.0/16',
    });
  }

  afterEach(() => stopAll(naples));

  function stored(): Promise<KubeObject | undefined> {
    return find(naples, CONFIGURATION, tenant('ghost'), 'ghost');
  }

  /** The Configuration once its status belongs to its newest spec. */
  function configured(): Promise<KubeObject> {
    return eventually('configured', async () => {
      const object = await stored();
      const [condition] = listAt(object, 'status.conditions');
      const observed = numberAt(condition, 'observedGeneration');
      const isSettled = (object?.metadata.generation ?? 0) > 1;
      return isSettled && observed === object?.metadata.generation ? object : undefined;
    });
  }

  async function networkNames(): Promise<readonly string[]> {
    const { items } = await naples.client.list(NETWORK, { namespace: tenant('ghost'), signal });
    return items.map(({ metadata }) => metadata.name).sort();
  }

  function setPods(...pod: readonly string[]): Promise<KubeObject> {
    return naples.client.patch(GHOST, { spec: { remote: { cidr: { pod } } } }, { signal });
  }

  it('are filled in, remapped and written in one go, with generation 2', async () => {
    await begin();
    await createConfiguration(naples, 'ghost', { pod: ['10.203.0.0/16'] });

    const configuration = await configured();

    expect(configuration.metadata.generation).to.equal(2);
    expect(valueAt(configuration, 'spec.local')).to.deep.equal({
      cidr: { pod: ['10.203.0.0/16'], external: ['10.70.0.0/16'] },
    });
    expect(valueAt(configuration, 'status.remote')).to.deep.equal({
      cidr: { pod: ['10.71.0.0/16'], external: ['10.68.0.0/16'] },
    });
    expect(await networkNames()).to.deep.equal([
      'ghost-external-10-70-0-0-16',
      'ghost-pod-10-203-0-0-16',
    ]);
  });

  it('follow changes as recorded: orphans go first, then new prefixes', async () => {
    await begin();
    await createConfiguration(naples, 'ghost', { pod: ['10.203.0.0/16'] });
    await configured();
    const steps: readonly { pods: readonly string[]; want: readonly string[] }[] = [
      { pods: ['10.99.0.0/16'], want: ['10.99.0.0/16'] },
      { pods: ['10.99.0.0/16', '10.203.0.0/16'], want: ['10.99.0.0/16', '10.69.0.0/16'] },
      { pods: ['10.203.0.0/16'], want: ['10.69.0.0/16'] },
    ];
    for (const { pods, want } of steps) {
      await setPods(...pods);
      const configuration = await configured();
      expect(textsAt(configuration, 'status.remote.cidr.pod')).to.deep.equal(want);
    }
    expect(await networkNames()).to.include('ghost-pod-10-203-0-0-16');
    expect(await networkNames()).to.not.include('ghost-pod-10-99-0-0-16');
  });

  it('keep the old status while a change is under way: observedGeneration tells', async () => {
    await begin();
    await createConfiguration(naples, 'ghost');
    await configured();

    const changed = await setPods('10.99.0.0/16');

    const [condition] = listAt(changed, 'status.conditions');
    expect(textAt(condition, 'status')).to.equal('True');
    expect(numberAt(condition, 'observedGeneration')).to.be.lessThan(changed.metadata.generation!);
    await configured();
  });

  it('go back to the pool with the Configuration; the ForeignCluster stays, disabled', async () => {
    await begin();
    await createConfiguration(naples, 'ghost', { pod: ['10.203.0.0/16'] });
    await configured();
    await naples.client.delete(GHOST, { signal });
    await eventually('Networks gone', async () => (await networkNames()).length === 0);
    await eventually('ForeignCluster disabled', async () => {
      const { items } = await naples.client.list(FOREIGN_CLUSTER, { signal });
      return valueAt(items[0], 'status.modules.networking.enabled') === false;
    });
    await createConfiguration(naples, 'ghost', { pod: ['10.203.0.0/16'] });
    expect(textsAt(await configured(), 'status.remote.cidr.pod')).to.deep.equal(['10.71.0.0/16']);
  });

  it('without a label on the Configuration are never served', async () => {
    await begin();
    await createNamespace(naples, 'ghost');
    await naples.client.create(
      CONFIGURATION,
      {
        apiVersion: CONFIGURATION.apiVersion,
        kind: CONFIGURATION.kind,
        metadata: { name: 'ghost', namespace: tenant('ghost') },
        spec: { remote: { cidr: { pod: ['10.1.0.0/16'], external: ['10.70.0.0/16'] } } },
      },
      { signal },
    );
    await createConfiguration(naples, 'other');
    await eventually('the other is served', async () => {
      const other = await find(naples, CONFIGURATION, tenant('other'), 'other');
      return textsAt(other, 'status.remote.cidr.pod').length > 0;
    });

    expect(valueAt(await stored(), 'status')).to.equal(undefined);
  });

  it('that are an empty list are never served before v1.2', async () => {
    await begin('1.0');
    await createConfiguration(naples, 'empty', { pod: [] });
    await createConfiguration(naples, 'other');
    await eventually('the other is served', async () => {
      const other = await find(naples, CONFIGURATION, tenant('other'), 'other');
      return textsAt(other, 'status.remote.cidr.pod').length > 0;
    });

    const empty = await find(naples, CONFIGURATION, tenant('empty'), 'empty');
    expect(valueAt(empty, 'status')).to.equal(undefined);
  });
});
