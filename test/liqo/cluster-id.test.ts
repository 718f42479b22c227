import { expect } from 'chai';
import { findClusterIDProblem, parseClusterID } from '../../src/liqo/cluster-id.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';

function aConfigMap(data?: Record<string, unknown>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'liqo-clusterid-configmap', namespace: 'liqo' },
    ...(data !== undefined && { data }),
  };
}

describe('parseClusterID', () => {
  it('reads it', () => {
    expect(parseClusterID([aConfigMap({ CLUSTER_ID: 'rome' })])).to.deep.equal({
      ok: true,
      clusterID: 'rome',
    });
  });

  for (const [name, configMaps, reason] of [
    ['none is there', [], 'LiqoMissing'],
    ['there are several', [aConfigMap({ CLUSTER_ID: 'a' }), aConfigMap()], 'ClusterIDMismatch'],
    ['it holds nothing', [aConfigMap()], 'LiqoMissing'],
    ['it holds an empty text', [aConfigMap({ CLUSTER_ID: '' })], 'LiqoMissing'],
    ['it holds something else', [aConfigMap({ CLUSTER_ID: 7 })], 'LiqoMissing'],
    ['the ID is no DNS label', [aConfigMap({ CLUSTER_ID: 'Rome!' })], 'InvalidSpec'],
  ] as const) {
    it(`refuses, with a reason, where ${name}`, () => {
      expect(parseClusterID(configMaps)).to.include({ ok: false, reason });
    });
  }
});

describe('findClusterIDProblem', () => {
  for (const [id, isRight] of [
    ['rome', true],
    ['0a1b-2c', true],
    ['a'.repeat(51), true],
    ['a'.repeat(52), false],
    ['-rome', false],
    ['rome-', false],
    ['', false],
    ['ro.me', false],
  ] as const) {
    it(`${isRight ? 'takes' : 'refuses'} "${id}"`, () => {
      expect(findClusterIDProblem(id) === undefined).to.equal(isRight);
    });
  }
});
