import { expect } from 'chai';
import {
  ClusterForbiddenError,
  ClusterIDMismatchError,
  ClusterUnreachableError,
  LiqoMissingError,
} from '../../src/errors/errors.ts';
import { identifyLeaf } from '../../src/leaves/identify-leaf.ts';
import { CONFIG_MAP } from '../../src/model/kinds.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { aLeafCluster, type LeafClusterOverrides } from '../support/builders/a-leaf-cluster.ts';
import { createLeafServer } from './leaf-server.ts';

const { signal } = new AbortController();

describe('identifyLeaf', () => {
  let leaf: ApiServer;

  beforeEach(async () => {
    leaf = await createLeafServer('rome', 'rome-id');
  });

  function identify(overrides: LeafClusterOverrides = {}, seenBefore?: string): Promise<unknown> {
    return identifyLeaf({
      leafCluster: aLeafCluster(overrides),
      seenBefore,
      client: leaf.client({ outside: true }),
      signal,
    }).catch((thrown: unknown) => thrown);
  }

  const agreed: readonly { name: string; overrides: LeafClusterOverrides; seenBefore?: string }[] =
    [
      { name: 'registered without one', overrides: {} },
      { name: 'registered with the same', overrides: { spec: { clusterID: 'rome-id' } } },
      { name: 'that had the same in its status', overrides: { status: { clusterID: 'rome-id' } } },
      { name: 'seen with the same before', overrides: {}, seenBefore: 'rome-id' },
    ];

  for (const { name, overrides, seenBefore } of agreed) {
    it(`takes the cluster ID of a leaf ${name}`, async () => {
      expect(await identify(overrides, seenBefore)).to.equal('rome-id');
    });
  }

  const refused: readonly { name: string; overrides: LeafClusterOverrides; seenBefore?: string }[] =
    [
      { name: 'registered', overrides: { spec: { clusterID: 'milan-id' } } },
      { name: 'seen by an earlier process', overrides: { status: { clusterID: 'milan-id' } } },
      { name: 'seen before', overrides: {}, seenBefore: 'milan-id' },
    ];

  for (const { name, overrides, seenBefore } of refused) {
    it(`refuses another cluster than the one ${name}`, async () => {
      expect(await identify(overrides, seenBefore)).to.be.instanceOf(ClusterIDMismatchError);
    });
  }

  it('looks in the namespace that was registered', async () => {
    expect(await identify({ spec: { liqoNamespace: 'elsewhere' } })).to.be.instanceOf(
      LiqoMissingError,
    );
  });

  it('finds no Liqo where nothing names a cluster ID', async () => {
    const name = 'liqo-clusterid-configmap';
    await leaf.client().delete({ kind: CONFIG_MAP, namespace: 'liqo', name }, { signal });

    expect(await identify()).to.be.instanceOf(LiqoMissingError);
  });

  it('does not take a refusal for a missing Liqo', async () => {
    leaf.faults.forbidden(true);

    expect(await identify()).to.be.instanceOf(ClusterForbiddenError);
  });

  it('does not take silence for a missing Liqo', async () => {
    leaf.faults.down(true);

    expect(await identify()).to.be.instanceOf(ClusterUnreachableError);
  });
});
