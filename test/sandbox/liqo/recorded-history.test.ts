import { expect } from 'chai';
import { eventually, type TestLeaf } from './leaf-pair.ts';
import { type Change, readHistory, recordHistory } from './recorded/history.ts';
import { connect, disconnect, reset } from './recorded/liqoctl.ts';
import { objectsOn } from './recorded/normalised-objects.ts';
import { type RecordedPair, startRecordedPair } from './recorded/recorded-pair.ts';

const PEERS: Readonly<Record<string, string>> = { rome: 'milan', milan: 'rome' };

/** Pods and the status of namespaces are the cluster's, and a stand-in's in the recordings. */
const NOT_LIQO = /^(Pod|Namespace|Deployment)\//;

/** The runs of equal values in the life of an object, e.g. its generations. */
function lifeOf(changes: readonly Change[], value: (change: Change) => string): readonly string[] {
  const values = changes.filter(({ type }) => type !== 'DELETED').map(value);
  return values.filter((text, index) => text !== values[index - 1]);
}

const generation = (change: Change): string => String(change.generation);
const state = (change: Change): string => JSON.stringify(change.state);

function byKey(
  changes: readonly Change[],
  cluster: string,
): ReadonlyMap<string, readonly Change[]> {
  const own = changes.filter((change) => change.cluster === cluster && !NOT_LIQO.test(change.key));
  return Map.groupBy(own, ({ key }) => key);
}

/** What must have happened before what on a leaf; `PEER` and `NODE` stand for names, `*` for the rest of one. */
const CAUSES: readonly (readonly [before: string, after: string])[] = [
  ['ADDED Configuration/PEER', 'ADDED ForeignCluster/PEER'],
  ['ADDED Configuration/PEER', 'ADDED Network/PEER-pod-*'],
  ['ADDED Network/PEER-pod-*', 'ADDED Network/PEER-external-*'],
  ['ADDED Network/PEER-external-*', 'ADDED FirewallConfiguration/PEER-masquerade-bypass'],
  ['ADDED Network/PEER-external-*', 'ADDED FirewallConfiguration/PEER-remap-podcidr'],
  ['ADDED Network/PEER-external-*', 'ADDED FirewallConfiguration/PEER-remap-externalcidr'],
  ['ADDED Gateway*/PEER', 'ADDED RouteConfiguration/PEER-gw-ext'],
  ['ADDED Gateway*/PEER', 'ADDED WgGateway*/PEER'],
  ['ADDED WgGateway*/PEER', 'ADDED ServiceAccount/PEER'],
  ['ADDED ServiceAccount/PEER', 'ADDED ClusterRoleBinding/*'],
  ['ADDED ClusterRoleBinding/*', 'ADDED Secret/gw-PEER'],
  ['ADDED Secret/gw-PEER', 'ADDED Deployment/gw-PEER'],
  ['ADDED Deployment/gw-PEER', 'ADDED Pod/gw-PEER'],
  ['ADDED Pod/gw-PEER', 'ADDED InternalFabric/PEER'],
  ['ADDED InternalFabric/PEER', 'ADDED RouteConfiguration/PEER-node-gw'],
  ['ADDED RouteConfiguration/PEER-node-gw', 'ADDED GeneveTunnel/PEER-NODE'],
  ['ADDED PublicKey/PEER', 'ADDED Connection/gw-PEER'],
  // disconnect
  ['DELETED Gateway*/PEER', 'DELETED PublicKey/PEER'],
  ['DELETED Gateway*/PEER', 'DELETED Secret/gw-PEER'],
  ['DELETED Gateway*/PEER', 'DELETED Connection/gw-PEER'],
  ['DELETED Gateway*/PEER', 'TERMINATING InternalFabric/PEER'],
  ['DELETED Gateway*/PEER', 'TERMINATING WgGateway*/PEER'],
  ['TERMINATING InternalFabric/PEER', 'DELETED GeneveTunnel/PEER-NODE'],
  ['DELETED GeneveTunnel/PEER-NODE', 'DELETED InternalFabric/PEER'],
  ['DELETED InternalFabric/PEER', 'DELETED RouteConfiguration/PEER-node-gw'],
  ['TERMINATING WgGateway*/PEER', 'DELETED ClusterRoleBinding/*'],
  ['DELETED ClusterRoleBinding/*', 'DELETED WgGateway*/PEER'],
  ['DELETED WgGateway*/PEER', 'DELETED ServiceAccount/PEER'],
  ['DELETED WgGateway*/PEER', 'DELETED Deployment/gw-PEER'],
  ['DELETED Deployment/gw-PEER', 'DELETED Pod/gw-PEER'],
  ['DELETED Connection/gw-PEER', 'DELETED Configuration/PEER'],
  // reset
  ['DELETED Configuration/PEER', 'DELETED RouteConfiguration/PEER-gw-ext'],
  ['DELETED Configuration/PEER', 'DELETED FirewallConfiguration/PEER-masquerade-bypass'],
  ['DELETED Configuration/PEER', 'DELETED FirewallConfiguration/PEER-remap-podcidr'],
  ['DELETED Configuration/PEER', 'DELETED FirewallConfiguration/PEER-remap-externalcidr'],
  ['DELETED Configuration/PEER', 'TERMINATING Network/PEER-pod-*'],
  ['DELETED Configuration/PEER', 'TERMINATING Network/PEER-external-*'],
  ['TERMINATING Network/PEER-pod-*', 'DELETED Network/PEER-pod-*'],
  ['TERMINATING Network/PEER-external-*', 'DELETED Network/PEER-external-*'],
];

function firstIndex(changes: readonly Change[], cluster: string, what: string): number {
  const pattern = what
    .replaceAll('PEER', PEERS[cluster] ?? '')
    .replaceAll('NODE', `${cluster}-node`)
    .replaceAll('*', '[^/]*');
  const isIt = new RegExp(`^${pattern}$`);
  return changes.findIndex(
    (change) => change.cluster === cluster && isIt.test(`${change.type} ${change.key}`),
  );
}

function expectCauses(
  changes: readonly Change[],
  cluster: string,
  causes: typeof CAUSES = CAUSES,
): void {
  for (const [before, after] of causes) {
    const [first, second] = [before, after].map((what) => firstIndex(changes, cluster, what));
    expect(first, `${before} on ${cluster}`).to.be.at.least(0);
    expect(second, `${after} on ${cluster} after ${before}`).to.be.greaterThan(first ?? 0);
  }
}

/** Rules and fabric come after liqoctl is done. */
async function isSettled(leaf: TestLeaf): Promise<boolean> {
  const objects = await objectsOn(leaf);
  const rules = objects
    .filter(({ kind }) => /^(Route|Firewall)Configuration$/.test(kind))
    .filter(({ metadata }) => !/(bypass|node-gw)$/.test(metadata.name));
  const fabric = objects.find(({ kind }) => kind === 'InternalFabric');
  return (
    fabric?.metadata.generation === 3 &&
    rules.every((object) => JSON.stringify(object['status'] ?? '').includes('Applied'))
  );
}

async function untilNothingLeft(leaf: TestLeaf, kinds: RegExp): Promise<void> {
  await eventually(`nothing left on ${leaf.id}`, async () =>
    (await objectsOn(leaf)).every(
      ({ kind, metadata }) =>
        !kinds.test(kind) || !(metadata.namespace ?? '').startsWith('liqo-tenant-'),
    ),
  );
}

describe('liqoctl network connect, disconnect and reset, in the order of events', () => {
  let simulated: readonly Change[];
  let recorded: readonly Change[];
  let withoutGateways: readonly Change[];

  before(async function () {
    this.timeout(60_000);
    recorded = await readHistory(
      'connect-real-tunnel/timeline.jsonl',
      'disconnect/timeline-real-tunnel.jsonl',
      'reset/timeline-real-tunnel.jsonl',
    );
    withoutGateways = await readHistory(
      'connect/timeline.jsonl',
      'disconnect/timeline.jsonl',
      'reset/timeline.jsonl',
    );
    simulated = await replay(await startRecordedPair({ pace: 'recorded' }));
  });

  async function replay(pair: RecordedPair): Promise<readonly Change[]> {
    const { rome, milan, client, server } = pair;
    // The real collector deletes one object after the other, each in its time.
    for (const leaf of [rome, milan]) leaf.server.faults.garbageCollection({ delayMs: 30 });
    const recording = await recordHistory(rome, milan);
    try {
      await connect(client, server);
      for (const leaf of [rome, milan]) await eventually('settled', () => isSettled(leaf));
      await disconnect(client, server);
      const gateways = /^(Pod|InternalFabric|RouteConfiguration|Connection|Secret)$/;
      for (const leaf of [rome, milan]) {
        await untilNothingLeft(
          leaf,
          new RegExp(gateways.source.replace('RouteConfiguration|', '')),
        );
      }
      await reset(client, server);
      for (const leaf of [rome, milan]) await untilNothingLeft(leaf, /^(?!Namespace)/);
      await eventually('peerings disabled', async () =>
        [...(await objectsOn(rome)), ...(await objectsOn(milan))]
          .filter(({ kind }) => kind === 'ForeignCluster')
          .every((cluster) => JSON.stringify(cluster).includes('"networking":{"enabled":false')),
      );
    } finally {
      simulated = await recording.stop();
      await pair.stop();
    }
    return simulated;
  }

  for (const cluster of ['rome', 'milan']) {
    it(`${cluster}: causes come before effects, in the recordings and here`, () => {
      expectCauses(recorded, cluster);
      // These clusters had been connected before.
      const known = (what: string) => what === 'ADDED ForeignCluster/PEER';
      const fresh = CAUSES.filter(([, after]) => !known(after));
      expectCauses(withoutGateways, cluster, fresh);
      expectCauses(simulated, cluster);
    });

    it(`${cluster}: each object goes through the recorded generations`, () => {
      const lives = byKey(simulated, cluster);
      for (const [key, changes] of byKey(recorded, cluster)) {
        const wanted = lifeOf(changes, generation);
        const life = lifeOf(lives.get(key) ?? [], generation);
        // Of what was there before, the recording shows the end.
        const wasThere = changes[0]?.type !== 'ADDED';
        expect(wasThere ? life.slice(-wanted.length) : life, key).to.deep.equal(wanted);
      }
    });

    it(`${cluster}: each object goes through the recorded states`, () => {
      const lives = byKey(simulated, cluster);
      const others = byKey(withoutGateways, cluster);
      for (const [key, changes] of byKey(recorded, cluster)) {
        const wanted = lifeOf(changes, state);
        const life = lifeOf(lives.get(key) ?? [], state);
        const wasThere = changes[0]?.type !== 'ADDED';
        const shown = wasThere ? life.slice(-wanted.length) : life;
        // Where two of Liqo's controllers race, the two recordings show two ways.
        const other = lifeOf(others.get(key) ?? [], state);
        const race = JSON.stringify(shown) === JSON.stringify(other);
        expect(shown, key).to.deep.equal(race ? other : wanted);
      }
    });
  }
});
