import { isDeepStrictEqual } from 'node:util';

import { expect } from 'chai';

import { CONFIGURATION, FOREIGN_CLUSTER } from '../../src/liqo/kinds.ts';
import { CONFIG_MAP } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import * as liqoKinds from '../../src/sandbox/liqo/kinds.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { gatewaysAndConfigurationsOf } from '../support/pair-truth.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { findObject, ownObjectsOn, refAt, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';
const PAIR: readonly (readonly [leaf: string, peer: string])[] = [
  ['rome', 'milan'],
  ['milan', 'rome'],
];
const CLUSTER_ID = 'liqo/liqo-clusterid-configmap';
/** What Liqo makes on milan once rome is connected: its FirewallConfigurations and RouteConfigurations, by name. */
const RULES = [
  'rome-gw-ext',
  'rome-masquerade-bypass',
  'rome-node-gw',
  'rome-remap-externalcidr',
  'rome-remap-podcidr',
];

/** Numbers are those of NETWORK.md section 14. */
describe('pitfalls: living with Liqo', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan', 'naples'] });
  });
  after(() => scenario.stop());

  const wish = (spec: Partial<ShortcutSpec> = {}) =>
    scenario.commit({
      [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'], server: 'milan', ...spec }),
    });
  const noWish = async () => {
    await scenario.commit({ [FILE]: undefined });
    await scenario.gone('rome-milan');
  };
  const uids = async (): Promise<readonly string[]> =>
    (
      await Promise.all(
        PAIR.map(([leaf, peer]) => gatewaysAndConfigurationsOf(scenario.leaf(leaf), peer)),
      )
    ).flat();

  it('pitfall 16: `default` is a namespace like others: a Shortcut for it is refused by name', async () => {
    const file = shortcutFile('elsewhere', { clusters: ['rome', 'naples'] });
    await scenario.commit({
      'shortcuts/elsewhere.yaml': file.replace(
        'name: elsewhere',
        'name: elsewhere\n  namespace: default',
      ),
    });

    const problem = await eventually('the problem is told', async () => {
      const { source } = await scenario.snapshot();
      const [found] = source?.problems ?? [];
      return found === undefined ? { seen: source } : { done: found };
    });

    expect(problem.message).to.match(/must be "liqo-shortcuts".* is "default"/);
    expect(await scenario.shortcut('elsewhere')).to.equal(undefined);
    await scenario.commit({ 'shortcuts/elsewhere.yaml': undefined });
  });

  describe('uninstalling Liqo from a leaf', () => {
    before(async () => {
      await wish();
      await scenario.ready('rome-milan');
    });
    after(noWish);

    /** What Liqo's check before an uninstall looks at (NETWORK.md section 8). */
    async function inTheWay(leaf: string): Promise<readonly string[]> {
      const admin = scenario.leaf(leaf);
      const configurations = (await admin.list(CONFIGURATION, { signal })).items;
      const foreignClusters = (await admin.list(FOREIGN_CLUSTER, { signal })).items;
      return [
        ...configurations.map(({ metadata }) => `Configuration ${metadata.name}`),
        ...foreignClusters
          .filter(isNetworkingEnabled)
          .map(({ metadata }) => `ForeignCluster ${metadata.name}`),
      ];
    }

    it('pitfall 17: a leaf in use says by how many, and nothing is in the way of an uninstall once they are gone', async () => {
      expect(await inTheWay('rome')).to.deep.equal(['Configuration milan', 'ForeignCluster milan']);
      expect(await shortcutsOf('rome')).to.equal(1);

      await noWish();

      await eventually('nothing is in the way', async () => {
        const left = (await Promise.all(PAIR.map(([leaf]) => inTheWay(leaf)))).flat();
        return left.length === 0 ? { done: true } : { seen: left };
      });
      await untilTrue('no shortcut', async () => (await shortcutsOf('rome')) === 0);
      await wish();
      await scenario.ready('rome-milan');
    });

    it('pitfall 17: a leaf in use cannot be taken out of Git alone: the file that uses it is named', async () => {
      await scenario.commit({ 'leaves/rome.yaml': undefined });

      const problem = await eventually('the problem is told', async () => {
        const { source } = await scenario.snapshot();
        const [found] = source?.problems ?? [];
        return found === undefined ? { seen: source } : { done: found };
      });

      expect(problem).to.include({ code: 'unknown-leaf', file: FILE });
      await scenario.ready('rome-milan');
      await scenario.commit({ 'leaves/rome.yaml': leafFile('rome') });
      await untilTrue('no problem', async () => {
        return (await scenario.snapshot()).source?.problems.length === 0;
      });
    });

    it('pitfall 17: forced in spite of all: told as LiqoMissing, and nothing is taken away', async () => {
      const before = await uids();
      const configMap = await findObject(scenario.leaf('rome'), CONFIG_MAP, CLUSTER_ID);
      await scenario.stopService();
      await scenario.leaf('rome').delete(refAt(CONFIG_MAP, CLUSTER_ID), { signal });
      await scenario.startService();

      const told = await scenario.reason('rome-milan', 'LiqoMissing');

      expect(told.phase).to.equal('Unknown');
      expect(await uids()).to.deep.equal(before);
      const { name, namespace, labels } = configMap!.metadata;
      const again = { ...configMap!, metadata: { name, namespace: namespace!, labels: labels! } };
      await scenario.leaf('rome').create(CONFIG_MAP, again, { signal });
      await scenario.ready('rome-milan');
      expect(await uids()).to.deep.equal(before);
    });
  });

  it('pitfall 18: while routes and firewall rules are held up, it says what the sides report and no more', async () => {
    const rules = async (): Promise<readonly string[]> => {
      const kinds = [liqoKinds.FIREWALL_CONFIGURATION, liqoKinds.ROUTE_CONFIGURATION];
      const lists = await Promise.all(
        kinds.map((kind) =>
          scenario.leaf('milan').list(kind, { namespace: 'liqo-tenant-rome', signal }),
        ),
      );
      return lists.flatMap(({ items }) => items.map(({ metadata }) => metadata.name)).sort();
    };
    await scenario.world.fault('milan', 'webhook-down');

    await wish();
    await scenario.ready('rome-milan');

    expect(await rules()).to.deep.equal([]);
    const told = await scenario.shortcut('rome-milan');
    expect(told?.conditions.map(({ type, message }) => `${type}: ${message}`)).to.include.members([
      'Ready: both sides report a live connection',
      'Applied: all objects of the Shortcut are in place on both sides',
    ]);
    await scenario.world.fault('milan', 'webhook-down', { on: false });
    await eventually('Liqo makes them', async () => {
      const made = await rules();
      return isDeepStrictEqual(made, RULES) ? { done: made } : { seen: made };
    });
    expect((await scenario.shortcut('rome-milan'))?.since).to.equal(told?.since);
    await noWish();
  });

  async function shortcutsOf(leaf: string): Promise<number | undefined> {
    const { leaves } = await scenario.snapshot();
    return leaves.find(({ name }) => name === leaf)?.shortcuts;
  }
});

describe('pitfalls: a cluster and its copy', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan', 'naples'], service: false });
    const data = { CLUSTER_ID: 'rome' };
    await scenario.patch('naples', CONFIG_MAP, CLUSTER_ID, { data });
    await scenario.commit({ 'leaves/naples.yaml': undefined });
    await scenario.startService();
  });
  after(() => scenario.stop());

  it('pitfall 15: have one cluster ID: the second is refused, with everybody who wants it, and the first is safe', async () => {
    await scenario.commit({
      [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
    });
    await scenario.ready('rome-milan');

    await scenario.commit({
      'leaves/naples.yaml': leafFile('naples'),
      'shortcuts/naples-milan.yaml': shortcutFile('naples-milan', {
        clusters: ['naples', 'milan'],
      }),
      'shortcuts/rome-naples.yaml': shortcutFile('rome-naples', { clusters: ['rome', 'naples'] }),
    });

    for (const name of ['naples-milan', 'rome-naples']) {
      const told = await scenario.reason(name, 'ClusterIDMismatch');
      expect(told.conditions[0]?.message).to.include('"rome"');
    }
    expect(await ownObjectsOn(scenario.leaf('naples'))).to.deep.equal([]);
    await scenario.ready('rome-milan');
    await untilTrulyConnected(scenario, 'rome', 'milan');
  });
});

function isNetworkingEnabled(foreignCluster: KubeObject): boolean {
  const { modules } = statusOf(foreignCluster) as {
    modules?: { networking?: { enabled?: boolean } };
  };
  return modules?.networking?.enabled === true;
}
