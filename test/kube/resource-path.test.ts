import { expect } from 'chai';
import { InvariantError } from '../../src/errors/errors.ts';
import { collectionPath, objectPath } from '../../src/kube/resource-path.ts';
import { NAMESPACE, SECRET, SHORTCUT } from '../../src/model/kinds.ts';

describe('resource paths', () => {
  for (const { path, want } of [
    { path: collectionPath(NAMESPACE), want: '/api/v1/namespaces' },
    { path: collectionPath(SECRET, 'ns'), want: '/api/v1/namespaces/ns/secrets' },
    {
      path: collectionPath(SHORTCUT),
      want: '/apis/shortcuts.liqo.io/v1alpha1/shortcuts',
    },
    { path: objectPath({ kind: NAMESPACE, name: 'a' }), want: '/api/v1/namespaces/a' },
    {
      path: objectPath({ kind: SHORTCUT, namespace: 'ns', name: 'a' }, 'status'),
      want: '/apis/shortcuts.liqo.io/v1alpha1/namespaces/ns/shortcuts/a/status',
    },
    {
      path: objectPath({ kind: SECRET, namespace: 'n/s', name: 'a?b' }),
      want: '/api/v1/namespaces/n%2Fs/secrets/a%3Fb',
    },
  ]) {
    it(`leads to ${want}`, () => {
      expect(path).to.equal(want);
    });
  }

  for (const name of ['', '.', '..']) {
    it(`never leads elsewhere by the name "${name}"`, () => {
      expect(() => objectPath({ kind: NAMESPACE, name })).to.throw(InvariantError);
      expect(() => collectionPath(SECRET, name)).to.throw(InvariantError);
    });
  }
});
