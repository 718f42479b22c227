import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';
import { parse, stringify } from 'yaml';
import { FOREIGN_CLUSTER_CONNECTION } from '../../src/import/foreign-cluster-connection.ts';
import type { ImportReport } from '../../src/model/generated/import-report.ts';
import { LEAF_CLUSTER, SECRET } from '../../src/model/kinds.ts';
import { connectByLiqoctl, resetByLiqoctl, tunnelOf } from '../support/foreign-tunnel.ts';
import { addForeignConnections, foreignConnection } from '../support/foreign-connections.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { type Ran, runInProcess } from '../support/run-in-process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { findObject } from '../support/scenario-objects.ts';
import { signal, untilTrue } from '../support/scenario-wait.ts';

const CONNECTED = { client: 'rome', server: 'milan' };

/** The embedded world has no controller of ForeignClusterConnections: here one is as stopped as docs/moving-in.md asks for. */
describe('moving in with ForeignClusterConnections', function () {
  this.timeout(90_000);
  let scenario: Scenario;
  let made: readonly (readonly string[])[];

  const kubeconfig = (name: string): string => join(scenario.world.kubeconfigDir, `${name}.yaml`);
  const run = (...args: readonly string[]): Promise<Ran> => runInProcess(['import', ...args]);
  const onMain = (...args: readonly string[]): Promise<Ran> =>
    run('--kubeconfig', kubeconfig('main'), ...args);
  const report = async (...args: readonly string[]): Promise<ImportReport> => {
    const { stdout, stderr } = await onMain('--output', 'json', ...args);
    expect(stdout, stderr).to.match(/^\{/);
    return JSON.parse(stdout) as ImportReport;
  };
  const truth = (): Promise<readonly (readonly string[])[]> =>
    Promise.all([tunnelOf(scenario, 'rome', 'milan'), tunnelOf(scenario, 'milan', 'rome')]);

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario();
    // naples is not registered, and neither is its kubeconfig known.
    await scenario.commit({ 'leaves/naples.yaml': undefined });
    await untilTrue('naples is not registered', async () => {
      const found = await findObject(scenario.main(), LEAF_CLUSTER, 'liqo-shortcuts/naples');
      return found === undefined;
    });
    await connectByLiqoctl(scenario, CONNECTED, { mtu: 1400 });
    made = await truth();
    await addForeignConnections(scenario, [
      { name: 'rome-milan', ...CONNECTED, networking: { mtu: 1450 }, isConnected: true },
      { name: 'again', ...CONNECTED, networking: { mtu: 1400 }, isConnected: true },
      { name: 'wished', client: 'naples', server: 'rome' },
      { name: 'star', client: 'main', server: 'rome' },
      { name: 'wrong', client: 'rome', server: 'rome' },
    ]);
  });
  after(() => scenario.stop());

  it('finds what there is, once for each pair, and says what it thinks of each', async () => {
    const { connections, leaves, problems, exitCode } = await report();

    expect(
      connections.map(({ clusters, takeover, shortcut }) => [clusters.join(), takeover, shortcut]),
    ).to.deep.equal([
      ['main,rome', 'refused', ''],
      ['milan,rome', 'as-is', 'milan-rome'],
      ['naples,rome', 'unseen', 'naples-rome'],
    ]);
    expect(connections[1]?.foundIn).to.deep.equal([
      'leaves',
      'ForeignClusterConnection default/again',
      'ForeignClusterConnection default/rome-milan',
    ]);
    expect(connections[1]?.notes).to.deep.equal([
      'ForeignClusterConnection default/rome-milan asks for mtu 1450, where the leaves have 1400',
    ]);
    expect(leaves.map(({ name, origin }) => [name, origin])).to.deep.equal([
      ['main', 'named'],
      ['milan', 'registered'],
      ['naples', 'named'],
      ['rome', 'registered'],
    ]);
    expect(problems).to.deep.equal([
      'ForeignClusterConnection default/wrong: spec.foreignClusterA and spec.foreignClusterB are the same',
    ]);
    expect(exitCode).to.equal(2);
  });

  it('writes no LeafCluster for the main cluster, one for a leaf that is only named, and how to make its Secret', async () => {
    const { stdout, stderr } = await onMain();

    expect(stdout.match(/^kind: LeafCluster\nmetadata:\n {2}name: .*$/gm)).to.deep.equal([
      'kind: LeafCluster\nmetadata:\n  name: naples',
    ]);
    expect(stderr).to.include(
      'kubectl -n liqo-shortcuts create secret generic naples-kubeconfig --from-file=kubeconfig=<kubeconfig of naples>',
    );
  });

  it('looks at a leaf whose kubeconfig is given, and tells what it is', async () => {
    const leaf = `naples=${kubeconfig('naples')}`;
    const { connections, manifests } = await report('--leaf', leaf);

    expect(connections[2]).to.include({ takeover: 'new', shortcut: 'naples-rome' });
    const leafCluster = manifests.find(({ kind }) => kind === 'LeafCluster');
    expect(parse(leafCluster?.yaml ?? '')).to.deep.include({
      spec: {
        clusterID: 'naples',
        kubeconfigSecretRef: { name: 'naples-kubeconfig' },
        cidrs: { pod: ['10.203.0.0/16'], external: ['10.70.0.0/16'] },
      },
    });
  });

  it('refuses a leaf under a second name', async () => {
    const { leaves, manifests, exitCode } = await report('--leaf', `twin=${kubeconfig('rome')}`);

    const twin = leaves.find(({ name }) => name === 'twin');
    expect(twin?.problem).to.match(/is the cluster "rome", which leaf "rome" stands for already/);
    expect(manifests.map(({ name }) => name)).not.to.include('twin');
    expect(exitCode).to.equal(2);
  });

  it('asks only the leaves where no main cluster is named, and shows nothing of their kubeconfigs', async () => {
    const { stdout, stderr, code } = await runInProcess(
      ['import', '--leaf', `rome=${kubeconfig('rome')}`, '--leaf', `milan=${kubeconfig('milan')}`],
      { env: { HOME: scenario.dir } },
    );

    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.match(/^kind: Shortcut$/m)
      .and.match(/^ {4}serviceType: NodePort$/m);
    expect(stdout.match(/^kind: LeafCluster$/gm)).to.have.length(2);
    expect(stdout).not.to.match(/token|certificate-authority|kind: Secret/);
    expect(stderr).to.include(`--from-file=kubeconfig=${kubeconfig('rome')}`);
  });

  it('tells what a leaf that is down has kept it from, with the rest of the picture', async () => {
    await scenario.world.fault('milan', 'down');
    const { connections, leaves, exitCode } = await report();
    await scenario.world.fault('milan', 'down', { on: false });

    expect(leaves.find(({ name }) => name === 'milan')?.problem).to.match(/does not answer/);
    expect(connections.find(({ clusters }) => clusters.join() === 'milan,rome')).to.deep.include({
      takeover: 'unseen',
      shortcut: 'milan-rome',
    });
    expect(exitCode).to.equal(2);
  });

  it('reads them from a file, without any cluster', async () => {
    const file = join(scenario.dir, 'fcc.yaml');
    const items = [foreignConnection({ name: 'rome-milan', ...CONNECTED })];
    await writeFile(file, stringify({ apiVersion: 'v1', kind: 'List', items }));

    const { code, stdout } = await runInProcess(['import', '--offline', '--from', file], {
      env: { KUBECONFIG: '/does/not/exist' },
    });

    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/^ {2}name: milan-rome$/m)
      .and.match(/^ {2}server: milan$/m);
  });

  it('takes the connection over, and outlives the ForeignClusterConnections', async () => {
    const folder = join(scenario.world.repositoryDir);
    const { stdout } = await onMain('--to', folder);
    expect(stdout).to.match(/^created {4}shortcuts\/milan-rome\.yaml$/m);
    // Only what is reviewed is committed: naples cannot be seen yet.
    await scenario.commit({
      'leaves/naples.yaml': undefined,
      'shortcuts/naples-rome.yaml': undefined,
    });
    await scenario.ready('milan-rome');

    for (const name of ['rome-milan', 'again']) {
      const ref = { kind: FOREIGN_CLUSTER_CONNECTION, namespace: 'default', name };
      await scenario.main().patch(ref, { metadata: { finalizers: null } }, { signal });
      await scenario.main().delete(ref, { signal });
    }

    await scenario.ready('milan-rome');
    expect(await truth()).to.deep.equal(made);
    const { connections } = await report();
    expect(connections.find(({ clusters }) => clusters.join() === 'milan,rome')).to.deep.include({
      takeover: 'ours',
      foundIn: ['leaves'],
    });
    expect(
      await findObject(scenario.main(), SECRET, 'liqo-shortcuts/rome-kubeconfig'),
    ).not.to.equal(undefined);
  });

  it('makes the connection again where the controller of one was not stopped, and reset both leaves', async () => {
    await resetByLiqoctl(scenario, CONNECTED);

    await untilTrulyConnected(scenario, 'rome', 'milan');
    await scenario.ready('milan-rome');
    expect(await truth()).not.to.deep.equal(made);
  });

  it('leaves a file that differs alone unless it is forced to replace it', async () => {
    const folder = join(scenario.dir, 'kept');
    await onMain('--to', folder);
    await writeFile(join(folder, 'shortcuts/naples-rome.yaml'), '# mine\n');

    const kept = await onMain('--to', folder);
    const forced = await onMain('--to', folder, '--force');

    expect(kept.code).to.equal(3);
    expect(kept.stdout).to.match(/^kept {7}shortcuts\/naples-rome\.yaml \(differs/m);
    expect(forced.stdout).to.match(/^replaced {3}shortcuts\/naples-rome\.yaml$/m);
  });
});
