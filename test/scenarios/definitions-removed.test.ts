import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';
import { parse } from 'yaml';

import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import {
  CUSTOM_RESOURCE_DEFINITION,
  EVENT,
  LEAF_CLUSTER,
  NAMESPACE,
  SHORTCUT,
  SHORTCUT_DEFINITION,
} from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { ANNOTATION_CONFIRM_DELETION, DEFAULT_NAMESPACE } from '../../src/model/names.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, ownObjectsOn } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';

const LEAVES = ['rome', 'milan', 'naples', 'turin'];
const LEAF_DEFINITION = 'leafclusters.shortcuts.liqo.io';
/** A real controller looks at what is left of a definition only now and then. */
const DEFINITION_GOES = { longestMs: 180_000 };

/** What makes a connection on a leaf: each object with its UID. */
async function connectionOn(scenario: Scenario, leaf: string): Promise<readonly string[]> {
  const lists = await Promise.all(
    [CONFIGURATION, GATEWAY_SERVER, GATEWAY_CLIENT].map(async (kind) => {
      const { items } = await scenario.leaf(leaf).list(kind, { signal });
      return items.map(({ metadata }) => `${kind.kind}/${metadata.name}/${metadata.uid}`);
    }),
  );
  return lists.flat().sort();
}

async function allConnections(scenario: Scenario): Promise<Readonly<Record<string, unknown>>> {
  const entries = LEAVES.map(async (leaf) => [leaf, await connectionOn(scenario, leaf)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function connected(): Promise<Scenario> {
  const scenario = await startScenario({ leaves: LEAVES });
  await scenario.commit({
    'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
    'shortcuts/naples-turin.yaml': shortcutFile('naples-turin', { clusters: ['naples', 'turin'] }),
  });
  await scenario.ready('rome-milan', 'naples-turin');
  return scenario;
}

async function remove(scenario: Scenario, name: string): Promise<void> {
  await scenario.main().delete({ kind: CUSTOM_RESOURCE_DEFINITION, name }, { signal });
}

async function install(scenario: Scenario, name: string): Promise<void> {
  const [plural = ''] = name.split('.');
  const file = join(import.meta.dirname, `../../deploy/crds/${plural}.shortcuts.liqo.io.yaml`);
  const definition = parse(await readFile(file, 'utf8')) as KubeObject;
  await scenario.main().create(CUSTOM_RESOURCE_DEFINITION, definition, { signal });
}

async function untilDefinitionIsGone(scenario: Scenario, name: string): Promise<void> {
  await eventually(
    `${name} is gone`,
    async () => {
      const found = await findObject(scenario.main(), CUSTOM_RESOURCE_DEFINITION, name);
      return found === undefined ? { done: true } : { seen: found['status'] };
    },
    DEFINITION_GOES,
  );
}

async function untilMainError(scenario: Scenario, pattern: RegExp): Promise<void> {
  await eventually(`the service says ${String(pattern)}`, async () => {
    const { mainError } = await scenario.snapshot();
    return pattern.test(mainError ?? '') ? { done: true } : { seen: mainError };
  });
}

describe('the definition of Shortcuts, removed while the service runs', function () {
  this.timeout(240_000);
  let scenario: Scenario;
  let made: Readonly<Record<string, unknown>>;

  before(async () => {
    scenario = await connected();
    made = await allConnections(scenario);
  });
  after(() => scenario.stop());

  it('disconnects nothing, and the service says why', async () => {
    await remove(scenario, SHORTCUT_DEFINITION);

    for (const name of ['rome-milan', 'naples-turin']) {
      const { conditions } = await scenario.reason(name, 'DeletionBlocked');
      expect(conditions[0]?.message)
        .to.include(SHORTCUT_DEFINITION)
        .and.include(ANNOTATION_CONFIRM_DELETION);
    }
    expect(await allConnections(scenario)).to.deep.equal(made);
  });

  it('is told by an Event', async () => {
    await untilTrue('there is an Event', async () => {
      const { items } = await scenario.main().list(EVENT, { signal });
      return items.some(({ reason, type }) => reason === 'DeletionBlocked' && type === 'Warning');
    });
  });

  it('disconnects nothing after a restart of the service either', async () => {
    await scenario.stopService();
    scenario.world.resetRequests();
    await scenario.startService();
    for (const name of ['rome-milan', 'naples-turin']) {
      await eventually(`${name} was looked at`, async () => {
        const { plan } = (await scenario.shortcut(name)) ?? {};
        return (plan?.blocked ?? []).some((text) => text.includes(SHORTCUT_DEFINITION))
          ? { done: true }
          : { seen: plan };
      });
    }

    expect(await allConnections(scenario)).to.deep.equal(made);
    for (const leaf of LEAVES) expect(scenario.world.requests()[leaf]?.writes ?? 0).to.equal(0);
  });

  it('disconnects the one whose deletion a person confirms', async () => {
    await scenario.patch('main', SHORTCUT, `${DEFAULT_NAMESPACE}/naples-turin`, {
      metadata: { annotations: { [ANNOTATION_CONFIRM_DELETION]: 'true' } },
    });
    await scenario.gone('naples-turin');

    expect(await ownObjectsOn(scenario.leaf('naples'))).to.deep.equal([]);
    expect(await ownObjectsOn(scenario.leaf('turin'))).to.deep.equal([]);
    expect(await connectionOn(scenario, 'rome')).to.deep.equal(made['rome']);
  });

  it('leaves the connection when a person takes the finalizer off and the definition goes', async () => {
    await scenario.patch('main', SHORTCUT, `${DEFAULT_NAMESPACE}/rome-milan`, {
      metadata: { finalizers: null },
    });
    await untilDefinitionIsGone(scenario, SHORTCUT_DEFINITION);
    await untilMainError(scenario, /does not know this kind/);

    expect(await connectionOn(scenario, 'rome')).to.deep.equal(made['rome']);
    expect(await connectionOn(scenario, 'milan')).to.deep.equal(made['milan']);
  });

  it('finds the connection again when the definition is back', async () => {
    await install(scenario, SHORTCUT_DEFINITION);
    await scenario.ready('rome-milan', 'naples-turin');

    expect(await connectionOn(scenario, 'rome')).to.deep.equal(made['rome']);
    expect(await connectionOn(scenario, 'milan')).to.deep.equal(made['milan']);
  });

  it('has changed nothing about the deletion of a single one', async () => {
    await scenario.commit({ 'shortcuts/naples-turin.yaml': undefined });
    await scenario.gone('naples-turin');
    const ref = { kind: SHORTCUT, namespace: DEFAULT_NAMESPACE, name: 'rome-milan' };
    const { metadata } = await scenario.main().get(ref, { signal });
    await scenario.main().delete(ref, { signal });
    await untilTrue('it is another one, as Git wants it', async () => {
      const found = await findObject(scenario.main(), SHORTCUT, `${ref.namespace}/${ref.name}`);
      return found !== undefined && found.metadata.uid !== metadata.uid;
    });
    await scenario.ready('rome-milan');

    expect(await ownObjectsOn(scenario.leaf('turin'))).to.deep.equal([]);
    expect(await connectionOn(scenario, 'rome')).not.to.deep.equal(made['rome']);
  });
});

describe('everything of ours, removed while the service runs', function () {
  this.timeout(240_000);
  let scenario: Scenario;
  let made: Readonly<Record<string, unknown>>;

  beforeEach(async () => {
    scenario = await connected();
    made = await allConnections(scenario);
  });
  afterEach(() => scenario.stop());

  it('as by kubectl delete -f deploy/crds, leaves every connection', async () => {
    // The order in which the service would disconnect, were it to.
    await remove(scenario, SHORTCUT_DEFINITION);
    await remove(scenario, LEAF_DEFINITION);
    await untilDefinitionIsGone(scenario, LEAF_DEFINITION);
    await untilMainError(scenario, /LeafCluster.*does not know this kind/);
    expect(await allConnections(scenario)).to.deep.equal(made);

    await install(scenario, LEAF_DEFINITION);
    for (const name of ['rome-milan', 'naples-turin']) {
      await scenario.reason(name, 'DeletionBlocked');
    }
    expect(await allConnections(scenario)).to.deep.equal(made);
  });

  it('as by the deletion of the namespace, leaves every connection', async () => {
    await scenario.main().delete({ kind: NAMESPACE, name: DEFAULT_NAMESPACE }, { signal });
    await untilTrue('the leaves are gone from the main cluster', async () => {
      const { items } = await scenario.main().list(LEAF_CLUSTER, { signal });
      return items.length === 0;
    });
    // Its own rights go with the namespace, so that it can tell of it over HTTP at best.
    await eventually('the service has seen it', async () => {
      const { mainError } = await scenario.snapshot();
      const { plan } = (await scenario.shortcut('rome-milan')) ?? {};
      const isHeld = (plan?.blocked ?? []).some((text) => text.includes('Namespace/'));
      return isHeld || mainError !== undefined ? { done: true } : { seen: plan };
    });

    expect(await allConnections(scenario)).to.deep.equal(made);
  });
});
