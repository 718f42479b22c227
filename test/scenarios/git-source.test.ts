import { join } from 'node:path';

import { expect } from 'chai';

import { EVENT, LEAF_CLUSTER, SHORTCUT } from '../../src/model/kinds.ts';
import { ANNOTATION_FILE } from '../../src/model/names.ts';
import type { Snapshot } from '../../src/status/snapshot.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { objectsOn } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';

type SourceState = NonNullable<Snapshot['source']>;

/** Waits until the service says so of its source. */
function untilSource(
  scenario: Scenario,
  what: string,
  isSo: (source: SourceState) => boolean,
): Promise<SourceState> {
  return eventually(what, async () => {
    const { source } = await scenario.snapshot();
    return source !== undefined && isSo(source) ? { done: source } : { seen: source };
  });
}

async function shortcutsOf(scenario: Scenario): Promise<readonly string[]> {
  const { items } = await scenario.main().list(SHORTCUT, { signal });
  return items.map(({ metadata }) => metadata.name).sort();
}

async function connectedTo(scenario: Scenario, leaf: string): Promise<readonly string[]> {
  const all = await objectsOn(scenario.leaf(leaf));
  return all.filter((object) => object.startsWith('Namespace/liqo-tenant-'));
}

describe('a Git server with its troubles', function () {
  this.timeout(90_000);
  let scenario: Scenario;
  let server: GitServer;
  const fleet = {
    'fleet/leaves/rome.yaml': leafFile('rome'),
    'fleet/leaves/milan.yaml': leafFile('milan'),
    'fleet/leaves/naples.yaml': leafFile('naples'),
    'fleet/shortcuts/rome-milan.yaml': shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
  };
  const further = shortcutFile('milan-naples', { clusters: ['milan', 'naples'] });

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ service: false });
    await scenario.commit({ ...fleet, leaves: undefined });
    server = await startGitServer(scenario.dir);
    await start();
    await scenario.ready('rome-milan');
  });
  after(async () => {
    await scenario.stop();
    await server.stop();
  });

  const start = () =>
    scenario.startService({
      source: `${server.url}/repository/.git`,
      ref: 'main',
      path: 'fleet',
      dataDir: join(scenario.dir, 'data'),
    });
  const applied = (commit: string) =>
    untilSource(scenario, `${commit} is applied`, ({ revisionApplied, error }) => {
      return revisionApplied === `main@sha1:${commit}` && error === undefined;
    });

  /** Commits, and waits until the service says that it cannot go by that. */
  async function untilRefused(
    edits: Parameters<Scenario['commit']>[0],
    isSo: (source: SourceState) => boolean,
  ): Promise<void> {
    await scenario.commit(edits);
    await untilSource(scenario, 'the trouble is told', isSo);
    expect(await shortcutsOf(scenario)).to.deep.equal(['rome-milan']);
    await scenario.ready('rome-milan');
  }

  it('goes by the last good revision during an outage, and after a restart in it', async () => {
    server.fault = { on: /./, fault: { kind: 'hang-up' } };
    scenario.look();
    await untilSource(scenario, 'the outage is told', ({ error }) => {
      return error?.code === 'GIT_UNREACHABLE';
    });
    await scenario.stopService();
    const ref = { kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-milan' };
    const { uid } = (await scenario.main().get(ref, { signal })).metadata;
    await scenario.main().delete(ref, { signal });

    await start();

    await untilTrue('made again', async () => {
      const { items } = await scenario.main().list(SHORTCUT, { signal });
      return items.some(({ metadata }) => metadata.uid !== uid);
    });
    await scenario.ready('rome-milan');
    expect((await scenario.snapshot()).source?.error?.code).to.equal('GIT_UNREACHABLE');
  });

  it('takes up what was committed meanwhile once the server is back', async () => {
    const commit = await scenario.commit({ 'fleet/shortcuts/further.yaml': further });
    server.fault = undefined;
    scenario.look();

    await applied(commit);

    await scenario.ready('milan-naples');
    await applied(await scenario.commit({ 'fleet/shortcuts/further.yaml': undefined }));
    await scenario.gone('milan-naples');
  });

  it('safety 17: prunes nothing when the folder vanishes', async () => {
    const none = Object.fromEntries(Object.keys(fleet).map((path) => [path, undefined]));
    await untilRefused(none, ({ error }) => error?.code === 'GIT_PATH_NOT_FOUND');
    await applied(await scenario.commit(fleet));
  });

  it('safety 16: prunes nothing when the folder holds no manifest', async () => {
    const none = Object.fromEntries(Object.keys(fleet).map((path) => [path, undefined]));
    await untilRefused({ ...none, 'fleet/README.md': 'Moved.\n' }, ({ problems }) => {
      return problems.some(({ code }) => code === 'empty-source');
    });
    await applied(await scenario.commit(fleet));
  });

  it('prunes nothing when the branch vanishes', async () => {
    await scenario.git('branch', '-m', 'main', 'elsewhere');
    scenario.look();
    await untilSource(scenario, 'the trouble is told', ({ error }) => {
      return error?.code === 'GIT_REF_NOT_FOUND';
    });
    expect(await shortcutsOf(scenario)).to.deep.equal(['rome-milan']);

    await scenario.git('branch', '-m', 'elsewhere', 'main');
    await applied(await scenario.commit({}));
  });

  it('safety 15: prunes nothing while a file is invalid, and carries out all the rest', async () => {
    await scenario.commit({
      'fleet/shortcuts/rome-milan.yaml': undefined,
      'fleet/shortcuts/further.yaml': further,
      'fleet/shortcuts/invalid.yaml': 'kind: Shortcut\n',
    });

    const { held, problems } = await untilSource(scenario, 'the problem is told', (source) => {
      return source.problems.length > 0;
    });

    expect(problems.map(({ file }) => file)).to.include('fleet/shortcuts/invalid.yaml');
    expect(held.map(({ resource, reason }) => [resource, reason])).to.deep.equal([
      ['Shortcut/liqo-shortcuts/rome-milan', 'invalid-files'],
    ]);
    await scenario.ready('milan-naples', 'rome-milan');
    await applied(await scenario.commit({ 'fleet/shortcuts/invalid.yaml': undefined }));
    await scenario.gone('rome-milan');
  });

  it('safety 12: writes nothing for a file that was moved', async () => {
    const before = await scenario.main().list(SHORTCUT, { signal });
    await scenario.git('mv', 'fleet/shortcuts', 'fleet/connections');

    await applied(await scenario.commit({}));

    const after = await scenario.main().list(SHORTCUT, { signal });
    const versions = (list: typeof before) =>
      list.items.map(({ metadata }) => [metadata.name, metadata.uid, metadata.generation]);
    expect(versions(after)).to.deep.equal(versions(before));
    expect(
      after.items.map(({ metadata }) => metadata.annotations?.[ANNOTATION_FILE]),
    ).to.deep.equal(before.items.map(({ metadata }) => metadata.annotations?.[ANNOTATION_FILE]));
    await scenario.git('mv', 'fleet/connections', 'fleet/shortcuts');
    await applied(await scenario.commit({}));
  });

  it('safety 18: follows a branch whose history was written anew, and tells it', async () => {
    const start = await scenario.git('rev-list', '--max-parents=0', 'HEAD');
    await scenario.git('reset', '-q', '--soft', start);
    await scenario.git('commit', '-q', '--amend', '-m', 'Another beginning');
    await scenario.git('reflog', 'expire', '--expire=now', '--all');
    await scenario.git('gc', '-q', '--prune=now');

    await applied(
      await scenario.commit({
        'fleet/shortcuts/rome-milan.yaml': fleet['fleet/shortcuts/rome-milan.yaml'],
      }),
    );

    await scenario.ready('rome-milan', 'milan-naples');
    const { history } = await untilSource(scenario, 'it is told', (source) => 'history' in source);
    expect(history?.change).to.equal('rewritten');
    await untilTrue('an Event tells it', async () => {
      const { items } = await scenario.main().list(EVENT, { signal });
      return items.some((event) => event['reason'] === 'HistoryRewritten');
    });
  });
});

describe('a commit that takes away', function () {
  this.timeout(90_000);
  let scenario: Scenario;
  const names = ['rome-milan', 'milan-naples', 'rome-naples'];
  const fileOf = (name: string): string => `shortcuts/${name}.yaml`;
  const contentOf = (name: string, annotations = {}): string =>
    shortcutFile(name, { clusters: name.split('-') as [string, string] }, annotations);
  const all = Object.fromEntries(names.map((name) => [fileOf(name), contentOf(name)]));

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ flags: { maxDeletions: '2' } });
    await scenario.commit(all);
    await scenario.ready(...names);
  });
  after(() => scenario.stop());

  it('is held when it takes away too much, until a person allows that very commit', async () => {
    const commit = await scenario.commit(
      Object.fromEntries(names.map((name) => [fileOf(name), undefined])),
    );
    const { held } = await untilSource(scenario, 'held', (source) => source.held.length === 3);
    expect(new Set(held.map(({ reason }) => reason))).to.deep.equal(new Set(['deletion-guard']));
    expect(held[0]?.message).to.include(`--allow-deletions-at ${commit.slice(0, 12)}`);
    await scenario.ready(...names);

    await scenario.stopService();
    await scenario.startService({ allowDeletionsAt: commit });

    await scenario.gone(...names);
    expect((await scenario.snapshot()).source?.held).to.deep.equal([]);
  });

  it('is held for what says prune: disabled', async () => {
    const annotations = { 'shortcuts.liqo.io/prune': 'disabled' };
    await scenario.commit({
      [fileOf('rome-milan')]: contentOf('rome-milan', annotations),
      [fileOf('milan-naples')]: contentOf('milan-naples'),
    });
    await scenario.ready('rome-milan', 'milan-naples');

    await scenario.commit({
      [fileOf('rome-milan')]: undefined,
      [fileOf('milan-naples')]: undefined,
    });

    await scenario.gone('milan-naples');
    const { held } = await untilSource(scenario, 'held', (source) => source.held.length > 0);
    expect(held.map(({ resource, reason }) => [resource, reason])).to.deep.equal([
      ['Shortcut/liqo-shortcuts/rome-milan', 'prune-disabled'],
    ]);
    await scenario.ready('rome-milan');
  });

  it('disconnects a leaf before it forgets the leaf, though both go in one commit', async () => {
    await scenario.commit({ [fileOf('rome-naples')]: contentOf('rome-naples') });
    await scenario.ready('rome-naples');

    await scenario.commit({ [fileOf('rome-naples')]: undefined, 'leaves/naples.yaml': undefined });

    await scenario.gone('rome-naples');
    await untilTrue('the LeafCluster is gone', async () => {
      const { items } = await scenario.main().list(LEAF_CLUSTER, { signal });
      return !items.some(({ metadata }) => metadata.name === 'naples');
    });
    expect(await connectedTo(scenario, 'naples')).to.deep.equal([]);
    expect(await connectedTo(scenario, 'rome')).to.deep.equal(['Namespace/liqo-tenant-milan']);
    await untilTrue('its watches are closed', () =>
      Promise.resolve(scenario.world.requests()['naples']?.watchesOpenNow === 0),
    );
  });
});
