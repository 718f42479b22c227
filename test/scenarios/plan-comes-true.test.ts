import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { expect } from 'chai';

import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../../src/liqo/kinds.ts';
import { readSeenAs } from '../../src/liqo/remap.ts';
import type { ReconcileReport, ReportConnection } from '../../src/model/generated/report.ts';
import { NAMESPACE, SHORTCUT } from '../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import { ANNOTATION_TOUCHED, LABEL_MANAGED_BY } from '../../src/model/names.ts';
import type { Shortcut, ShortcutSpec } from '../../src/model/shortcut.ts';
import type { PlanOverview } from '../../src/status/snapshot.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject } from '../support/scenario-objects.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const POD: ResourceKind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
const WRITTEN = [NAMESPACE, CONFIGURATION, GATEWAY_SERVER, GATEWAY_CLIENT, PUBLIC_KEY];
const GATEWAYS = [GATEWAY_SERVER, GATEWAY_CLIENT].map(({ kind }) => kind);

/** What is on both leaves at one moment: what we write by name, and the Pods of the gateways. */
interface Sight {
  readonly objects: ReadonlyMap<string, { readonly uid: string; readonly text: string }>;
  readonly pods: string;
}

/** What a dry run says before a change is what the leaves then do. */
describe('a plan comes true', function () {
  this.timeout(120_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({
      leaves: ['rome', 'milan', 'naples'],
      flags: { ref: 'main' },
    });
  });
  after(() => scenario.stop());

  /** The plan for files that are on a branch only. */
  async function propose(edits: Readonly<Record<string, string | undefined>>) {
    await scenario.git('checkout', '-q', '-B', 'proposal');
    await scenario.commit(edits);
    await scenario.git('checkout', '-q', 'main');
    const { stdout, stderr } = await runInProcess([
      ...['reconcile', '--once', '--dry-run', '--source', scenario.world.repositoryDir],
      ...['--ref', 'proposal', '--output', 'json'],
      ...['--kubeconfig', join(scenario.world.kubeconfigDir, 'service.yaml')],
    ]);
    expect(stdout, stderr).to.match(/^\{/);
    return JSON.parse(stdout) as ReconcileReport;
  }

  async function merge(): Promise<void> {
    await scenario.git('merge', '-q', '--ff-only', 'proposal');
    await scenario.git('branch', '-q', '-d', 'proposal');
    scenario.look();
  }

  /** The Shortcut is the one wished for, and the service has looked at it. */
  async function taken(wish: Partial<ShortcutSpec>): Promise<void> {
    await eventually('the wish is looked at', async () => {
      const found = await findObject(scenario.main(), SHORTCUT, 'liqo-shortcuts/rome-milan');
      const { spec, status, metadata } = (found ?? {}) as Partial<Shortcut>;
      const isWished = Object.entries(wish).every(([field, value]) => {
        const is = (spec as Record<string, unknown> | undefined)?.[field];
        return isDeepStrictEqual(is, value);
      });
      const isSeen = status?.observedGeneration === metadata?.generation;
      return found !== undefined && isWished && isSeen ? { done: true } : { seen: found };
    });
  }

  async function look(): Promise<Sight> {
    const objects = new Map<string, { uid: string; text: string }>();
    const pods: string[] = [];
    for (const [leaf, peer] of [
      ['rome', 'milan'],
      ['milan', 'rome'],
    ] as const) {
      const admin = scenario.leaf(leaf);
      const namespace = `liqo-tenant-${peer}`;
      for (const kind of WRITTEN) {
        const labelSelector = `${LABEL_MANAGED_BY}=liqo-shortcuts,liqo.io/remote-cluster-id=${peer}`;
        const { items } = await admin.list(kind, { labelSelector, signal });
        for (const object of items) objects.set(nameOf(leaf, object), contentOf(object));
      }
      const { items } = await admin.list(POD, { namespace, signal });
      pods.push(...items.map(({ metadata }) => `${leaf} ${metadata.uid}`));
    }
    return { objects, pods: pods.toSorted().join() };
  }

  /** What is there once nothing moves any more, and nothing is planned. */
  async function settled(): Promise<Sight> {
    let last = await look();
    return eventually('nothing moves', async () => {
      await pinged(scenario);
      const { items } = JSON.parse(await scenario.text('/api/v1/plan')) as PlanOverview;
      const now = await look();
      if (items.length > 0) return { seen: items };
      const isSame = JSON.stringify([...now.objects]) === JSON.stringify([...last.objects]);
      const isAtRest = isSame && now.pods === last.pods;
      last = now;
      return isAtRest ? { done: now } : { seen: now.pods };
    });
  }

  interface Change {
    readonly field: string;
    readonly from?: Partial<ShortcutSpec>;
    readonly to: Partial<ShortcutSpec>;
    readonly downtime: ReportConnection['downtime']['class'];
  }
  const balanced = { serviceType: 'LoadBalancer' } as const;
  const changes: readonly Change[] = [
    { field: 'gateway.mtu', to: { gateway: { mtu: 1400 } }, downtime: 're-handshake' },
    { field: 'gateway.port', to: { gateway: { port: 51999 } }, downtime: 're-handshake' },
    { field: 'gateway.serviceType', to: { gateway: balanced }, downtime: 're-handshake' },
    { field: 'gateway.nodePort', to: { gateway: { nodePort: 31234 } }, downtime: 're-handshake' },
    {
      field: 'gateway.nodePort, taken out',
      from: { gateway: { nodePort: 31235 } },
      to: { gateway: { mtu: 1340 } },
      downtime: 'none',
    },
    {
      field: 'gateway.loadBalancerIP',
      // In place a load balancer may or may not give another address: nobody can tell before.
      to: { gateway: { ...balanced, loadBalancerIP: '203.0.113.77' } },
      downtime: 're-handshake',
    },
    {
      field: 'gateway.clientEndpoint',
      to: { gateway: { clientEndpoint: { address: '198.51.100.1', port: 4500 } } },
      downtime: 're-handshake',
    },
    {
      field: 'gateway.serviceAnnotations',
      to: { gateway: { serviceAnnotations: { team: 'network' } } },
      downtime: 'none',
    },
    {
      field: 'gateway.serverTemplate',
      to: { gateway: { serverTemplate: { name: 'other', namespace: 'liqo' } } },
      downtime: 'none',
    },
    {
      field: 'gateway.clientTemplate',
      to: { gateway: { clientTemplate: { name: 'other', namespace: 'liqo' } } },
      downtime: 'none',
    },
    { field: 'deletionPolicy', to: { deletionPolicy: 'Orphan' }, downtime: 'none' },
    { field: 'suspend', to: { suspend: true }, downtime: 'none' },
    { field: 'server, to auto', to: { server: 'auto' }, downtime: 'none' },
    { field: 'server', to: { server: 'rome' }, downtime: 're-created' },
  ];

  for (const { field, from = {}, to, downtime } of changes) {
    it(`for a change of ${field}: ${downtime}`, async () => {
      const former = { server: 'milan', ...from };
      await scenario.commit(wish(former));
      await taken(former);
      await scenario.ready('rome-milan');
      const before = await settled();
      const wished = { ...former, ...to };

      const { connections } = await propose(wish(wished));
      expect((await look()).objects).to.deep.equal(before.objects);
      await merge();
      await taken(wished);

      expect(connections).to.have.lengthOf(1);
      const [connection] = connections as [ReportConnection];
      expect(connection.downtime.class, connection.downtime.reason).to.equal(downtime);
      if (downtime === 'none') await pinged(scenario);
      await eventually(
        `the tunnel has met with ${downtime}, the objects with the plan`,
        async () => {
          const after = await look();
          const seen = { class: classOf(before, after), objects: happened(before, after) };
          const isTrue = seen.class === downtime && seen.objects.join() === told(connection).join();
          return isTrue ? { done: true } : { seen: { ...seen, told: told(connection) } };
        },
      );
    });
  }

  describe('in the addresses that are predicted', () => {
    before(async () => {
      const former = { server: 'milan' };
      await scenario.commit(wish(former));
      await taken(former);
      await scenario.ready('rome-milan');
    });

    for (const [name, clusters] of [
      ['rome-naples', ['rome', 'naples']],
      ['milan-naples', ['milan', 'naples']],
    ] as const) {
      it(`for ${name}, with others there already`, async () => {
        const [a, b] = clusters;
        const file = shortcutFile(name, { clusters: [a, b] });
        const { connections } = await propose({ [`shortcuts/${name}.yaml`]: file });
        await merge();
        await scenario.ready(name);

        const really = await Promise.all([seenAs(a, b), seenAs(b, a)]);
        const [connection] = connections as [ReportConnection];
        const predicted = connection.remap.map(({ cluster, seenBy, seenAs: prefix }) => {
          return `${seenBy} sees ${cluster} as ${prefix}`;
        });
        expect(predicted.toSorted()).to.deep.equal(really.flat().toSorted());
        expect(predicted).to.have.lengthOf(4);
      });
    }

    it('and of the end of them what goes', async () => {
      const { connections, summary } = await propose({ 'shortcuts/milan-naples.yaml': undefined });
      await merge();
      await scenario.gone('milan-naples');

      expect(summary.connections).to.deep.equal({ existing: 3, deleted: 1, recreated: 0 });
      const [connection] = connections as [ReportConnection];
      expect(connection.downtime.class).to.equal('ends');
      expect(connection.objects.map(({ action }) => action)).to.deep.equal(
        Array.from({ length: 8 }, () => 'delete'),
      );
    });
  });

  async function seenAs(leaf: string, peer: string): Promise<readonly string[]> {
    const address = `liqo-tenant-${peer}/${peer}`;
    const found = await findObject(scenario.leaf(leaf), CONFIGURATION, address);
    const { pod = [], external = [] } = (found && readSeenAs(found)) ?? {};
    return [...pod, ...external].map((prefix) => `${leaf} sees ${peer} as ${prefix}`);
  }
});

function wish(spec: Partial<ShortcutSpec>): Readonly<Record<string, string>> {
  const clusters: [string, string] = ['rome', 'milan'];
  return { 'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', { clusters, ...spec }) };
}

function nameOf(leaf: string, { kind, metadata }: KubeObject): string {
  return `${leaf} ${kind}/${metadata.name}`;
}

/** But for the mark on a key that was shown to Liqo again: that may happen whenever a gateway is slow. */
function contentOf({ metadata, spec }: KubeObject): { uid: string; text: string } {
  const { uid = '', labels, annotations } = metadata;
  const { local, ...ours } = (spec ?? {}) as { readonly local?: unknown };
  const marks = { ...annotations, [ANNOTATION_TOUCHED]: undefined };
  return { uid, text: JSON.stringify([ours, labels, marks, local === undefined]) };
}

/** What became of the objects, in the words of `told`. */
function happened({ objects: before }: Sight, { objects: after }: Sight): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    if (is === undefined) return [`delete ${key}`];
    if (was === undefined) return [`create ${key}`];
    if (was.uid !== is.uid) return [`re-create ${key}`];
    return was.text === is.text ? [] : [`update ${key}`];
  });
}

function told({ objects }: ReportConnection): readonly string[] {
  return objects
    .map(({ action, cluster, kind, name }) => [`${cluster} ${kind}/${name}`, action] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, action]) => `${action} ${key}`);
}

/** New gateways mean new keys; new Pods, or another key of the peer, a new session; else nothing has happened. */
function classOf(before: Sight, after: Sight): ReportConnection['downtime']['class'] {
  const gatewaysOf = ({ objects }: Sight) =>
    [...objects]
      .filter(([key]) => GATEWAYS.some((kind) => key.includes(` ${kind}/`)))
      .map(([key, { uid }]) => `${key} ${uid}`)
      .join();
  if (gatewaysOf(before) !== gatewaysOf(after)) return 're-created';
  return before.pods === after.pods ? 'none' : 're-handshake';
}

/** Both sides have told of the tunnel twice more: what was under way has had its time. */
async function pinged(scenario: Scenario): Promise<void> {
  const seen = new Set<unknown>();
  await eventually('the tunnel goes on', async () => {
    const sides = (await scenario.shortcut('rome-milan'))?.sides ?? [];
    seen.add(JSON.stringify(sides.map(({ connection }) => connection)));
    return seen.size > 2 ? { done: true } : { seen: [...seen] };
  });
}
