import { expect } from 'chai';
import { LEAF_CLUSTER, NAMESPACE, SHORTCUT } from '../../src/model/kinds.ts';
import { formatRef, type KubeObject, refOf, uidOf } from '../../src/model/kube-object.ts';

const object: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'liqo-tenant-milan', uid: 'u-1' },
};

describe('formatRef', () => {
  it('writes Kind/namespace/name', () => {
    const ref = { kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-milan' };

    expect(formatRef(ref)).to.equal('Shortcut/liqo-shortcuts/rome-milan');
  });

  it('leaves the namespace out where there is none', () => {
    expect(formatRef({ kind: NAMESPACE, name: 'liqo' })).to.equal('Namespace/liqo');
  });
});

describe('refOf', () => {
  it('addresses an object with its namespace', () => {
    const rome = { ...object, metadata: { name: 'rome', namespace: 'liqo-shortcuts' } };

    expect(refOf(LEAF_CLUSTER, rome)).to.deep.equal({
      kind: LEAF_CLUSTER,
      namespace: 'liqo-shortcuts',
      name: 'rome',
    });
  });

  it('has no field for the namespace of a cluster-scoped object', () => {
    expect(refOf(NAMESPACE, object)).to.deep.equal({ kind: NAMESPACE, name: 'liqo-tenant-milan' });
  });
});

describe('uidOf', () => {
  it('is the UID of an object that was read', () => {
    expect(uidOf(object)).to.equal('u-1');
  });

  it('is empty for an object that was never stored', () => {
    expect(uidOf({ ...object, metadata: { name: 'new' } })).to.equal('');
  });
});
