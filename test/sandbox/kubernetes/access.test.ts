import { expect } from 'chai';
import { NAMESPACE } from '../../../src/model/kinds.ts';
import type { ApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import { HttpCaller } from './http-caller.ts';
import { addNamespace, kind, rejection, signal, toyServer } from './toy-server.ts';
import { aWidget, WIDGET, WIDGET_REF } from './widgets.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
const ROLE = kind(RBAC, 'Role', 'roles');
const CLUSTER_ROLE = kind(RBAC, 'ClusterRole', 'clusterroles', false);
const ROLE_BINDING = kind(RBAC, 'RoleBinding', 'rolebindings');
const CLUSTER_ROLE_BINDING = kind(RBAC, 'ClusterRoleBinding', 'clusterrolebindings', false);

describe('access', () => {
  let server: ApiServer;

  beforeEach(async () => {
    server = await toyServer();
    await addNamespace(server.client(), 'other');
  });
  afterEach(() => server.stop());

  async function grant(rules: readonly object[], subject: object, scope?: string): Promise<void> {
    const client = server.client();
    const metadata = { name: 'r', ...(scope !== undefined && { namespace: scope }) };
    const [role, binding] =
      scope === undefined ? [CLUSTER_ROLE, CLUSTER_ROLE_BINDING] : [ROLE, ROLE_BINDING];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: role.kind, name: 'r' };
    await client.create(role, { apiVersion: RBAC, kind: role.kind, metadata, rules }, { signal });
    await client.create(
      binding,
      {
        apiVersion: RBAC,
        kind: binding.kind,
        metadata,
        roleRef,
        subjects: [subject],
      },
      { signal },
    );
  }
  const widgets = (verbs: readonly string[], more: object = {}) => ({
    apiGroups: ['example.org'],
    resources: ['widgets'],
    verbs,
    ...more,
  });
  const hub = { kind: 'User', name: 'hub' };
  const asHub = () => server.client({ user: 'hub' });
  const read = (namespace = 'toys') => asHub().list(WIDGET, { namespace, signal });

  it('is denied without a rule', async () => {
    expect((await rejection(read())).code).to.equal('CLUSTER_FORBIDDEN');
  });

  for (const [name, subject, groups] of [
    ['the user', hub, []],
    ['a group of the user', { kind: 'Group', name: 'team' }, ['team']],
    ['everybody', { kind: 'Group', name: 'system:authenticated' }, []],
  ] as const) {
    it(`is granted to ${name}, in one namespace`, async () => {
      server.addUser('hub', groups);
      await grant([widgets(['list'])], subject, 'toys');

      expect((await read()).items).to.be.empty;
      expect((await rejection(read('other'))).code).to.equal('CLUSTER_FORBIDDEN');
    });
  }

  it('is granted to service accounts', async () => {
    await grant([widgets(['list'])], { kind: 'ServiceAccount', name: 'a', namespace: 'toys' });
    const account = server.client({ user: 'system:serviceaccount:toys:a' });

    expect((await account.list(WIDGET, { signal })).items).to.be.empty;
  });

  it('is granted everywhere by a cluster role, and in one namespace by a binding to it', async () => {
    await grant([widgets(['list'])], hub);

    expect((await read('other')).items).to.be.empty;
  });

  it('can be limited to names', async () => {
    await server.client().create(WIDGET, aWidget(), { signal });
    await grant([widgets(['get'], { resourceNames: ['w'] })], hub);

    expect((await asHub().get(WIDGET_REF, { signal })).metadata.name).to.equal('w');
    expect((await rejection(asHub().get({ ...WIDGET_REF, name: 'v' }, { signal }))).code).to.equal(
      'CLUSTER_FORBIDDEN',
    );
  });

  it('tells a subresource from its resource', async () => {
    await server.client().create(WIDGET, aWidget(), { signal });
    await grant([widgets(['patch'], { resources: ['*/status'] })], hub);
    const body = { status: { seen: 1 } };

    const patched = await asHub().patch(WIDGET_REF, body, { subresource: 'status', signal });

    expect(patched['status']).to.deep.equal({ seen: 1 });
    expect((await rejection(asHub().patch(WIDGET_REF, body, { signal }))).code).to.equal(
      'CLUSTER_FORBIDDEN',
    );
  });

  it('asks for the right to create when an apply creates', async () => {
    await grant([widgets(['patch'])], hub);

    const created = asHub().apply(WIDGET, aWidget(), { force: true, signal });
    expect((await rejection(created)).code).to.equal('CLUSTER_FORBIDDEN');
    await server.client().create(WIDGET, aWidget(), { signal });
    await asHub().apply(WIDGET, aWidget({ size: 1 }), { force: true, signal });
  });

  it('takes a namespace to lie within itself', async () => {
    const rule = { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] };
    await grant([rule], hub, 'toys');

    expect(
      (await asHub().get({ kind: NAMESPACE, name: 'toys' }, { signal })).metadata.name,
    ).to.equal('toys');
  });

  it('says over HTTPS who cannot do what where', async () => {
    server.addUser('hub');
    await server.start();
    const http = new HttpCaller(server, 'hub');
    const group = '/apis/example.org/v1';

    const list = await http.call('GET', `${group}/namespaces/toys/widgets`);
    const status = await http.call('PATCH', `${group}/namespaces/toys/widgets/w/status`, {
      body: {},
      type: 'application/merge-patch+json',
    });
    const cluster = await http.call('POST', '/api/v1/namespaces', { body: {} });
    const apply = await http.call('PATCH', `${group}/namespaces/toys/widgets/w?fieldManager=m`, {
      body: aWidget(),
      type: 'application/apply-patch+yaml',
    });
    await http.close();

    expect(list.body).to.deep.include({
      code: 403,
      message:
        'widgets.example.org is forbidden: User "hub" cannot list resource "widgets" in API group "example.org" in the namespace "toys"',
    });
    expect(status.body.message).to.equal(
      'widgets.example.org "w" is forbidden: User "hub" cannot patch resource "widgets/status" in API group "example.org" in the namespace "toys"',
    );
    expect(cluster.body.message).to.equal(
      'namespaces is forbidden: User "hub" cannot create resource "namespaces" in API group "" at the cluster scope',
    );
    expect(apply.code).to.equal(403);
  });

  it('answers what the caller may do', async () => {
    server.addUser('hub');
    await grant(
      [widgets(['list'], { resourceNames: ['w'] }), { verbs: ['get'], nonResourceURLs: ['/x'] }],
      hub,
    );
    await server.start();
    const http = new HttpCaller(server, 'hub');
    const root = '/apis/authorization.k8s.io/v1';
    const ask = async (spec: object) => {
      const { body } = await http.call('POST', `${root}/selfsubjectaccessreviews`, {
        body: { spec },
      });
      return body.status.allowed;
    };
    const attributes = { verb: 'list', group: 'example.org', resource: 'widgets', name: 'w' };

    expect(await ask({ resourceAttributes: attributes })).to.equal(true);
    expect(await ask({ resourceAttributes: { ...attributes, verb: 'get' } })).to.equal(false);
    expect(await ask({ resourceAttributes: { ...attributes, subresource: 'status' } })).to.equal(
      false,
    );
    expect(await ask({ nonResourceAttributes: { path: '/api', verb: 'get' } })).to.equal(true);
    const rules = await http.call('POST', `${root}/selfsubjectrulesreviews`, {
      body: { spec: { namespace: 'toys' } },
    });
    await http.close();
    const { resourceRules, nonResourceRules } = rules.body.status;
    expect(resourceRules[0]).to.deep.equal({
      verbs: ['list'],
      apiGroups: ['example.org'],
      resources: ['widgets'],
      resourceNames: ['w'],
    });
    expect(nonResourceRules[0]).to.deep.equal({ verbs: ['get'], nonResourceURLs: ['/x'] });
  });
});
