import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import type { ImportReport } from '../../src/model/generated/import-report.ts';
import type { LiqoVersion } from '../../src/sandbox/liqo/liqo-version.ts';
import { WG_CLIENT_TEMPLATE, WG_SERVER_TEMPLATE } from '../../src/sandbox/liqo/kinds.ts';
import { connectByLiqoctl, type Roles, tunnelOf } from '../support/foreign-tunnel.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { type Ran, runInProcess } from '../support/run-in-process.ts';
import { type Edits, type Scenario, startScenario } from '../support/scenario.ts';
import { ownObjectsOn } from '../support/scenario-objects.ts';
import { eventually, signal } from '../support/scenario-wait.ts';
import type { ConnectFlags } from '../sandbox/liqo/recorded/liqoctl.ts';

const VERSIONS: Readonly<Record<string, LiqoVersion>> = {
  milan: '1.1',
  naples: '1.0',
  rome: '1.2',
  turin: 'HEAD',
};
const LEAVES = Object.keys(VERSIONS);

interface Tunnel extends Roles {
  readonly flags: ConnectFlags;
  /** Lines of its Shortcut, from `spec` on. */
  readonly spec: string;
}

/** Every way to listen, custom values, both directions, all versions. */
const TUNNELS: readonly Tunnel[] = [
  {
    client: 'milan',
    server: 'rome',
    flags: { nodePort: 30_777, mtu: 1400 },
    spec: 'server: rome\n  gateway:\n    mtu: 1400\n    nodePort: 30777\n',
  },
  {
    client: 'milan',
    server: 'turin',
    flags: { serviceType: 'ClusterIP', clientEndpoint: { address: '203.0.113.9', port: 40_000 } },
    spec: 'server: turin\n  gateway:\n    serviceType: ClusterIP\n    clientEndpoint:\n      address: 203.0.113.9\n      port: 40000\n',
  },
  {
    client: 'rome',
    server: 'naples',
    flags: { serviceType: 'LoadBalancer', port: 51_999 },
    spec: 'server: naples\n  gateway:\n    serviceType: LoadBalancer\n    port: 51999\n',
  },
  {
    client: 'turin',
    server: 'naples',
    flags: { serverTemplate: 'own-server', clientTemplate: 'own-client' },
    spec: 'server: naples\n  gateway:\n    serverTemplate:\n      name: own-server\n    clientTemplate:\n      name: own-client\n',
  },
];
const PAIRS = TUNNELS.map(({ client, server }) => [client, server].sort() as [string, string]);
const DIALS =
  'the client dials 203.0.113.9:40000, which is not what the server publishes; without gateway.clientEndpoint it would follow the server';
const NAMES = PAIRS.map((pair) => pair.join('-'));

describe('moving in with connections that somebody made with liqoctl', function () {
  this.timeout(120_000);
  let scenario: Scenario;
  let made: readonly (readonly string[])[];

  const run = (...args: readonly string[]): Promise<Ran> =>
    runInProcess([
      ...['import', '--kubeconfig', join(scenario.world.kubeconfigDir, 'main.yaml'), ...args],
    ]);
  const report = async (): Promise<ImportReport> =>
    JSON.parse((await run('--output', 'json')).stdout) as ImportReport;
  const truth = async (): Promise<readonly (readonly string[])[]> =>
    Promise.all(PAIRS.flatMap(([a, b]) => [tunnelOf(scenario, a, b), tunnelOf(scenario, b, a)]));
  const writes = (): number =>
    Object.values(scenario.world.requests()).reduce((sum, { writes: count }) => sum + count, 0);
  const folder = (): string => join(scenario.dir, 'imported');
  const imported = async (): Promise<Edits> => {
    const files = await readdir(join(folder(), 'shortcuts'));
    const texts = await Promise.all(
      files.map((file) => readFile(join(folder(), 'shortcuts', file), 'utf8')),
    );
    return Object.fromEntries(files.map((file, index) => [`shortcuts/${file}`, texts[index]]));
  };

  before(async function () {
    this.timeout(120_000);
    scenario = await startScenario({ leaves: LEAVES, versions: VERSIONS });
    await addTemplates(scenario);
    // Somebody leads a public address to the Service of turin's gateway, which is for its own cluster only.
    scenario.world.network.publish(
      'way in',
      ['203.0.113.9:40000'],
      'turin/liqo-tenant-milan/milan',
    );
    for (const { client, server, flags } of TUNNELS) {
      await connectByLiqoctl(scenario, { client, server }, flags);
    }
    made = await truth();
  });
  after(() => scenario.stop());

  it('finds them all, takes each for what it is, and writes on no cluster', async () => {
    scenario.world.resetRequests();

    const found = await report();
    const { connections, exitCode, problems } = found;

    const validate = new Ajv2020().compile(
      JSON.parse(await readFile('schemas/import-report.schema.json', 'utf8')) as object,
    );
    expect(validate(found), JSON.stringify(validate.errors)).to.equal(true);
    expect(connections.map(({ clusters }) => clusters)).to.deep.equal(PAIRS);
    expect(connections.map(({ takeover, notes, why }) => [takeover, notes, why])).to.deep.equal(
      TUNNELS.map(({ flags }) => ['as-is', flags.clientEndpoint === undefined ? [] : [DIALS], '']),
    );
    expect(connections.flatMap(({ health }) => health)).to.deep.equal(
      PAIRS.flatMap(() => ['Connected', 'Connected']),
    );
    expect([exitCode, problems]).to.deep.equal([0, []]);
    expect(writes()).to.equal(0);
  });

  it('writes a file for each, with what differs from the defaults and nothing else', async () => {
    const { code, stdout, stderr } = await run('--to', folder());

    expect(code, stderr).to.equal(0);
    expect(stdout.trim().split('\n').sort()).to.deep.equal(
      NAMES.map((name) => `created    shortcuts/${name}.yaml`).sort(),
    );
    const files = await imported();
    for (const [index, { spec }] of TUNNELS.entries()) {
      const text = files[`shortcuts/${NAMES[index]}.yaml`] ?? '';
      expect(text).to.match(/^# yaml-language-server: \$schema=\S+shortcut\.schema\.json\n/);
      expect(text).to.include("shortcuts.liqo.io/adopt: 'true'");
      expect(text.slice(text.indexOf('\n  server: ') + 3)).to.equal(spec);
    }
  });

  it('says that they are there already when it is run again', async () => {
    const { code, stdout } = await run('--to', folder());

    expect(code).to.equal(0);
    expect(stdout.match(/^unchanged /gm)).to.have.length(TUNNELS.length);
  });

  it('takes them over with a commit: ours, Ready, and the very same tunnels', async () => {
    await scenario.commit(await imported());
    await scenario.ready(...NAMES);

    expect(await truth()).to.deep.equal(made);
    for (const [a, b] of PAIRS) {
      await untilTrulyConnected(scenario, a, b);
      for (const [leaf, peer] of [
        [a, b],
        [b, a],
      ] as const) {
        const own = await ownObjectsOn(scenario.leaf(leaf));
        expect(own).to.include(`Configuration/liqo-tenant-${peer}/${peer}`);
        expect(own).to.include(`PublicKey/liqo-tenant-${peer}/${peer}`);
      }
    }
  });

  it('has nothing to do when it is run afterwards', async () => {
    const { connections, manifests, exitCode } = await report();

    expect(connections.map(({ takeover }) => takeover)).to.deep.equal(PAIRS.map(() => 'ours'));
    expect(connections[0]?.why).to.include('liqo-shortcuts/').and.include('already');
    expect([manifests, exitCode]).to.deep.equal([[], 0]);
  });

  it('disconnects wholly what git removes', async () => {
    await scenario.git('rm', '-q', '-r', 'shortcuts');
    await scenario.git('commit', '-q', '-m', 'Remove all shortcuts');
    const commit = (await scenario.git('rev-parse', 'HEAD')).trim();
    await scenario.stopService();
    await scenario.startService({ allowDeletionsAt: commit });

    await scenario.gone(...NAMES);

    await eventually('nothing is left of the tunnels', async () => {
      const left = (await truth()).flat();
      return left.length === 0 ? { done: true } : { seen: left };
    });
    expect((await report()).connections).to.deep.equal([]);
  });
});

/** Copies of the chart's templates under other names. */
async function addTemplates(scenario: Scenario): Promise<void> {
  for (const leaf of ['naples', 'turin']) {
    const admin = scenario.leaf(leaf);
    for (const [kind, name, own] of [
      [WG_SERVER_TEMPLATE, 'wireguard-server', 'own-server'],
      [WG_CLIENT_TEMPLATE, 'wireguard-client', 'own-client'],
    ] as const) {
      const found = await admin.get({ kind, namespace: 'liqo', name }, { signal });
      const { labels = {} } = found.metadata;
      const metadata = { name: own, namespace: 'liqo', labels };
      await admin.create(kind, { ...found, metadata }, { signal });
    }
  }
}
