import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { leafManifest, type LeafManifestOptions } from '../../src/leaves/leaf-manifest.ts';
import type { PolicyRule } from '../../src/leaves/leaf-roles.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';

function objects(overrides: Partial<LeafManifestOptions>): readonly KubeObject[] {
  const text = leafManifest({
    scope: 'strict',
    liqoNamespace: 'liqo-system',
    peers: ['milan', 'naples'],
    subject: { kind: 'User', name: 'hub' },
    intro: ['An introduction.'],
    ...overrides,
  });
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}

function addresses(found: readonly KubeObject[]): readonly string[] {
  return found.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? metadata.name}`);
}

function rulesOf(found: readonly KubeObject[], address: string): readonly PolicyRule[] {
  const role = found.find((object) => addresses([object])[0] === address);
  return (role?.['rules'] ?? []) as readonly PolicyRule[];
}

describe('leaf manifest', () => {
  it('gives everything at the cluster scope but what lies in the Liqo namespace', () => {
    const found = objects({ scope: 'cluster' });

    expect(addresses(found)).to.deep.equal([
      'ClusterRole liqo-shortcuts',
      'ClusterRoleBinding liqo-shortcuts',
      'Role liqo-system',
      'RoleBinding liqo-system',
    ]);
  });

  it('gives a strict scope one tenant namespace with a role for each peer', () => {
    const found = objects({});

    const perPeer = (peer: string) => [
      `Namespace liqo-tenant-${peer}`,
      `Role liqo-tenant-${peer}`,
      `RoleBinding liqo-tenant-${peer}`,
    ];
    expect(addresses(found)).to.deep.equal([
      'ClusterRole liqo-shortcuts',
      'ClusterRoleBinding liqo-shortcuts',
      'Role liqo-system',
      'RoleBinding liqo-system',
      ...perPeer('milan'),
      ...perPeer('naples'),
    ]);
  });

  it('lets a strict scope do nothing to namespaces, and read one Secret of each peer', () => {
    const found = objects({});

    const atCluster = rulesOf(found, 'ClusterRole liqo-shortcuts');
    expect(atCluster).to.deep.equal([
      { apiGroups: [''], resources: ['namespaces'], verbs: ['list', 'watch'] },
    ]);
    const secrets = rulesOf(found, 'Role liqo-tenant-naples').filter(({ resources }) =>
      resources.includes('secrets'),
    );
    expect(secrets).to.deep.equal([
      { apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: ['gw-naples'] },
    ]);
  });

  it('asks for nothing at the cluster scope where namespaces may not even be listed', () => {
    const found = objects({ scope: 'namespaced' });

    expect(addresses(found).filter((address) => address.startsWith('Cluster'))).to.be.empty;
    expect(rulesOf(found, 'Role liqo-tenant-milan')[0]).to.deep.equal({
      apiGroups: [''],
      resources: ['namespaces'],
      verbs: ['get'],
      resourceNames: ['liqo-tenant-milan'],
    });
  });

  for (const scope of ['cluster', 'strict', 'namespaced'] as const) {
    it(`never asks for everything of anything in the scope ${scope}`, () => {
      const rules = objects({ scope }).flatMap((object) => (object['rules'] ?? []) as PolicyRule[]);

      expect(JSON.stringify(rules)).not.to.include('*');
      expect(rules.filter(({ verbs }) => verbs.includes('update'))).to.be.empty;
      const secrets = rules.filter(({ resources }) => resources.includes('secrets'));
      expect(secrets.flatMap(({ verbs }) => verbs)).to.deep.equal(Array.from(secrets, () => 'get'));
    });
  }

  it('binds the subject that it is given, each in the form of its kind', () => {
    const account = { kind: 'ServiceAccount', name: 'hub', namespace: 'remote' } as const;
    const subjectsOf = (found: readonly KubeObject[]) =>
      found.filter(({ kind }) => kind.endsWith('Binding')).map((binding) => binding['subjects']);

    expect(subjectsOf(objects({ scope: 'cluster', subject: account }))).to.deep.equal([
      [account],
      [account],
    ]);
    expect(subjectsOf(objects({ scope: 'cluster' }))[0]).to.deep.equal([
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'hub' },
    ]);
  });

  it('has a reason above each rule', () => {
    const text = leafManifest({
      scope: 'cluster',
      liqoNamespace: 'liqo',
      peers: [],
      subject: { kind: 'User', name: 'hub' },
      intro: ['An introduction.'],
    });

    expect(text).to.match(/^# An introduction\.\n/);
    const lines = text.split('\n');
    const rules = lines.flatMap((line, index) =>
      line.startsWith('  - apiGroups: [') ? [index] : [],
    );
    expect(rules).not.to.be.empty;
    for (const index of rules) expect(lines[index - 1]).to.match(/^ {2}# [A-Z]/);
  });
});
