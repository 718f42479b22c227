import { expect } from 'chai';
import type { ReportConnection } from '../../src/model/generated/report.ts';
import type { LeafClusterSpec } from '../../src/model/leaf-cluster.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { checkOffline } from '../../src/reconcile/check.ts';
import type { Outlook } from '../../src/reconcile/outlook.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { createMemorySource } from './memory-source.ts';
import { stringify } from 'yaml';

type Files = Readonly<Record<string, string>>;

const { signal } = new AbortController();

function leaf(
  name: string,
  spec: { readonly [Key in keyof LeafClusterSpec]?: LeafClusterSpec[Key] | undefined } = {},
): Files {
  const text = stringify({
    apiVersion: 'shortcuts.liqo.io/v1alpha1',
    kind: 'LeafCluster',
    metadata: { name },
    spec: { clusterID: name, kubeconfigSecretRef: { name: `${name}-kubeconfig` }, ...spec },
  });
  return { [`leaves/${name}.yaml`]: text };
}

function shortcut(
  spec: Partial<ShortcutSpec> = {},
  annotations: Readonly<Record<string, string>> = {},
): Files {
  const clusters: [string, string] = ['rome', 'milan'];
  const text = shortcutFile('rome-milan', { clusters, ...spec }, annotations);
  return { 'shortcuts/rome-milan.yaml': text };
}

const cidrs = (pod: string) => ({ cidrs: { pod: [pod], external: ['10.70.0.0/16'] } });
const LEAVES = { ...leaf('rome'), ...leaf('milan') };

async function outlook(
  before: Files,
  after: Files,
  guard = { maxDeletions: 5, maxDeletionsPercent: 30 },
): Promise<Outlook> {
  const found = await checkOffline({
    source: createMemorySource(after),
    base: createMemorySource(before),
    ...{ sourceName: 'fleet', namespace: 'liqo-shortcuts', guard, signal },
  });
  expect(found.desired.problems.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
  return found.outlook;
}

async function only(before: Files, after: Files): Promise<ReportConnection> {
  const { connections } = await outlook(before, after);
  expect(connections).to.have.lengthOf(1);
  return connections[0]!;
}

const objects = (connection: ReportConnection) =>
  connection.objects.map(
    ({ action, cluster, kind, name }) => `${action} ${cluster} ${kind}/${name}`,
  );

describe('foreseeOffline', () => {
  describe('of a new connection', () => {
    it('tells who listens and why, and every object', async () => {
      const leaves = { ...leaf('rome'), ...leaf('milan', { gateway: { reachability: 'Public' } }) };

      const found = await only(leaves, { ...leaves, ...shortcut() });

      expect(found).to.deep.include({
        ...{ resource: 'Shortcut/liqo-shortcuts/rome-milan', action: 'create' },
        clusters: ['milan', 'rome'],
        downtime: { class: 'none', reason: 'It is new: nothing runs yet.' },
        server: {
          cluster: 'milan',
          reason: '"milan" listens: its LeafCluster declares the better gateway.reachability.',
          certain: true,
        },
      });
      expect(objects(found)).to.include('create milan GatewayServer/rome').and.have.lengthOf(8);
    });

    it('does not guess who listens where only the leaves can tell', async () => {
      const adopt = { 'shortcuts.liqo.io/adopt': 'true' };
      const found = await only(LEAVES, { ...LEAVES, ...shortcut({}, adopt) });

      expect(found.server).to.deep.include({ cluster: '', certain: false });
      expect(found.server.reason).to.match(/^Decided when both leaves can be seen: /);
      expect(objects(found)).to.include('create milan GatewayServer or GatewayClient/rome');
    });

    it('says that versions of Liqo may decide otherwise', async () => {
      const gateway = { serviceAnnotations: { a: 'b' } };
      const { server } = await only(LEAVES, { ...LEAVES, ...shortcut({ gateway }) });

      expect(server.certain).to.equal(false);
      expect(server.reason).to.include('versions');
    });

    it('does what spec.server says, for certain', async () => {
      const { server } = await only(LEAVES, { ...LEAVES, ...shortcut({ server: 'rome' }) });

      expect(server).to.deep.include({ cluster: 'rome', certain: true });
    });

    it('predicts addresses where the CIDRs of both leaves are declared', async () => {
      const leaves = {
        ...leaf('rome', cidrs('10.200.0.0/16')),
        ...leaf('milan', cidrs('10.200.0.0/16')),
      };

      const { remap, notes } = await only(leaves, { ...leaves, ...shortcut() });

      expect(notes).to.deep.equal([]);
      expect(remap[0]).to.deep.equal({
        ...{ cluster: 'rome', seenBy: 'milan', kind: 'pod', cidr: '10.200.0.0/16' },
        ...{ seenAs: '10.71.0.0/16', predicted: true, clash: '10.200.0.0/16 is its own pod CIDR' },
      });
      expect(remap).to.have.lengthOf(4);
    });

    it('names the third leaf that is in the way', async () => {
      const third = shortcutFile('rome-naples', { clusters: ['rome', 'naples'] });
      const before = {
        ...leaf('rome', cidrs('10.203.0.0/16')),
        ...leaf('milan', cidrs('10.200.0.0/16')),
        ...leaf('naples', cidrs('10.200.0.0/16')),
        'shortcuts/rome-naples.yaml': third,
      };

      const { remap } = await only(before, { ...before, ...shortcut() });

      const pod = remap.find(({ seenBy, kind }) => seenBy === 'rome' && kind === 'pod');
      expect(pod?.clash).to.equal('10.200.0.0/16 is given to a pod CIDR of "naples"');
      expect(pod?.seenAs).not.to.equal('10.200.0.0/16');
    });

    it('says what to add where it had to assume something', async () => {
      const leaves = { ...LEAVES, ...leaf('rome', { clusterID: undefined }) };

      const { remap, notes } = await only(leaves, { ...leaves, ...shortcut() });

      expect(remap).to.deep.equal([]);
      expect(notes.join()).to.include('spec.clusterID').and.include('spec.cidrs');
    });
  });

  describe('of a change', () => {
    const running = { ...LEAVES, ...shortcut({ server: 'milan' }) };

    it('tells the objects and what it does to the tunnel', async () => {
      const changed = { ...LEAVES, ...shortcut({ server: 'milan', gateway: { mtu: 1400 } }) };

      const found = await only(running, changed);

      expect(found.downtime.class).to.equal('re-handshake');
      expect(objects(found)).to.deep.equal([
        'update milan GatewayServer/rome',
        'update rome GatewayClient/milan',
      ]);
    });

    it('counts what is made anew', async () => {
      const swapped = { ...LEAVES, ...shortcut({ server: 'rome' }) };

      const { connections } = await outlook(running, swapped);

      expect(connections[0]?.downtime.class).to.equal('re-created');
      expect(objects(connections[0]!)).to.include('re-create rome PublicKey/milan');
    });

    it('says that only the leaves tell which side listens now', async () => {
      const was = { ...LEAVES, ...shortcut() };

      const swapped = await only(was, { ...LEAVES, ...shortcut({ server: 'rome' }) });
      const open = await only(was, { ...LEAVES, ...shortcut({ gateway: { mtu: 1400 } }) });

      expect(swapped.notes.join()).to.include('only the leaves can tell');
      expect(open.server).to.deep.include({ certain: false });
    });

    it('tells of connections that a leaf changes, though their files do not', async () => {
      const found = await only(running, {
        ...running,
        ...leaf('milan', { gateway: { serviceType: 'NodePort' } }),
      });

      expect(found).to.include({ action: 'update', reason: 'a leaf is declared otherwise' });
      expect(objects(found)).to.include('update milan GatewayServer/rome');
    });

    it('takes one that is suspended for what it was before', async () => {
      const suspended = { ...LEAVES, ...shortcut({ server: 'milan', suspend: true }) };

      expect((await only(suspended, running)).objects).to.deep.equal([]);
      expect((await only(running, suspended)).downtime.class).to.equal('none');
    });

    it('does not list what stays as it is', async () => {
      const { connections, existing } = await outlook(running, running);

      expect({ connections, existing }).to.deep.equal({ connections: [], existing: 1 });
    });
  });

  describe('of an end', () => {
    it('tells what goes, and counts it', async () => {
      const { connections, existing, deleted } = await outlook(
        { ...LEAVES, ...shortcut() },
        LEAVES,
      );

      expect({ existing, deleted }).to.deep.equal({ existing: 1, deleted: 1 });
      expect(connections[0]).to.include({ action: 'delete' });
      expect(connections[0]?.downtime.class).to.equal('ends');
      expect(objects(connections[0]!)).to.have.lengthOf(8);
    });

    it('does not count one that is given up', async () => {
      const { connections, deleted } = await outlook(
        { ...LEAVES, ...shortcut({ deletionPolicy: 'Orphan' }) },
        LEAVES,
      );

      expect(deleted).to.equal(0);
      expect(connections[0]?.downtime.class).to.equal('none');
    });

    it('tells both of another pair under the same name', async () => {
      const leaves = { ...LEAVES, ...leaf('naples') };
      const moved = shortcutFile('rome-milan', { clusters: ['rome', 'naples'] });

      const { connections } = await outlook(
        { ...leaves, ...shortcut() },
        { ...leaves, 'shortcuts/rome-milan.yaml': moved },
      );

      expect(connections.map(({ action, clusters }) => [action, ...clusters])).to.deep.equal([
        ['delete', 'milan', 'rome'],
        ['create', 'naples', 'rome'],
      ]);
    });

    it('tells nothing of what the guard holds, but that it does', async () => {
      const guard = { maxDeletions: 0, maxDeletionsPercent: 30 };

      const { connections, deleted } = await outlook({ ...LEAVES, ...shortcut() }, LEAVES, guard);

      expect(deleted).to.equal(0);
      expect(connections[0]).to.deep.include({ action: 'blocked', objects: [] });
    });
  });
});
