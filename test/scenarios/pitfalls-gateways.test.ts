import { expect } from 'chai';

import { FOREIGN_CLUSTER, GATEWAY_CLIENT, GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import type { Condition } from '../../src/model/condition.ts';
import { API_VERSION, SHORTCUT } from '../../src/model/kinds.ts';
import { SERVICE } from '../../src/sandbox/liqo/kinds.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import type { ShortcutDetail } from '../../src/status/snapshot.ts';
import { followObjects } from '../support/follow-objects.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { gatewaysAndConfigurationsOf } from '../support/pair-truth.ts';
import { FAST_PINGS, type Scenario, startScenario } from '../support/scenario.ts';
import { type ScenarioEngine, startEngine } from '../support/scenario-engine.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, refAt, specOf, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';

/** Numbers are those of NETWORK.md section 14. */
describe('pitfalls: gateways', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan', 'naples'] });
  });
  after(() => scenario.stop());

  const wish = (client: string, gateway: NonNullable<ShortcutSpec['gateway']>) =>
    scenario.commit({
      [`shortcuts/${client}.yaml`]: shortcutFile(`${client}-milan`, {
        clusters: [client, 'milan'],
        server: 'milan',
        gateway,
      }),
    });

  async function told(name: string, reason: string, what: RegExp): Promise<ShortcutDetail> {
    return eventually(`${name} is ${reason} with ${what}`, async () => {
      const found = await scenario.shortcut(name);
      const ready = found?.conditions[0];
      const isTold = ready?.reason === reason && what.test(ready.message);
      return isTold ? { done: found! } : { seen: found?.conditions };
    });
  }

  describe('one node port', () => {
    const CR = 'liqo-shortcuts/naples-milan';
    const askFor = (nodePort: number) =>
      scenario.patch('main', SHORTCUT, CR, { spec: { gateway: { nodePort } } });

    before(async () => {
      await wish('rome', { serviceType: 'NodePort', nodePort: 31_500 });
      await scenario.ready('rome-milan');
    });
    after(async () => {
      await scenario.main().delete(refAt(SHORTCUT, CR), { signal });
      await scenario.gone('naples-milan');
    });

    it('pitfall 8: asked for in two files: the second is refused, by line', async () => {
      await wish('turin', { serviceType: 'NodePort', nodePort: 31_500 });

      const problem = await eventually('the problem is told', async () => {
        const { source } = await scenario.snapshot();
        const found = source?.problems.find(({ code }) => code === 'duplicate-node-port');
        return found === undefined ? { seen: source } : { done: found };
      });

      expect(problem.file).to.equal('shortcuts/turin.yaml');
      expect(problem.line).to.be.greaterThan(1);
      expect(problem.message).to.include('shortcuts/rome.yaml');
      await scenario.commit({ 'shortcuts/turin.yaml': undefined });
      await scenario.ready('rome-milan');
    });

    it('pitfall 8: asked for by two shortcuts of a leaf: the second says so, and the first is not harmed', async () => {
      const before = await gatewaysAndConfigurationsOf(scenario.leaf('milan'), 'rome');

      // By hand: the check of a repository lets no second one through.
      await scenario.main().create(
        SHORTCUT,
        {
          apiVersion: API_VERSION,
          kind: SHORTCUT.kind,
          metadata: { name: 'naples-milan', namespace: 'liqo-shortcuts' },
          spec: {
            clusters: ['naples', 'milan'],
            server: 'milan',
            gateway: { serviceType: 'NodePort', nodePort: 31_500 },
          },
        },
        { signal },
      );

      const { phase } = await told(
        'naples-milan',
        'EndpointPending',
        /^GatewayServer\/liqo-tenant-naples\/naples on "milan": .* node port 31500 may be taken: choose another/,
      );
      expect(phase).to.equal('Progressing');
      await scenario.ready('rome-milan');
      await untilTrulyConnected(scenario, 'rome', 'milan');
      expect(await gatewaysAndConfigurationsOf(scenario.leaf('milan'), 'rome')).to.deep.equal(
        before,
      );
    });

    it('pitfall 8: another one is chosen, and all is well', async () => {
      await askFor(31_501);

      await scenario.ready('naples-milan');
      await untilTrulyConnected(scenario, 'naples', 'milan');
    });

    it('pitfall 8: taken by a Service of somebody: a change to it is not taken for done, and the tunnel goes on', async () => {
      await scenario.leaf('milan').create(
        SERVICE,
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'somebody', namespace: 'default' },
          spec: { type: 'NodePort', ports: [{ port: 53, protocol: 'UDP', nodePort: 31_502 }] },
        },
        { signal },
      );

      await askFor(31_502);

      const { sides } = await told(
        'naples-milan',
        'EndpointPending',
        /nodePort 31502 \(status\.endpoint still says 31501; if it stays so, the cluster cannot give it\)/,
      );
      expect(sides.map(({ connection }) => connection?.status)).to.deep.equal([
        'Connected',
        'Connected',
      ]);

      await askFor(31_501);
      await scenario.ready('naples-milan');
    });
  });

  describe('both ends', () => {
    it('pitfall 9: have the MTU that was asked for, also when it changes', async () => {
      for (const mtu of [1280, 1420]) {
        await wish('rome', { mtu });
        await eventually(`MTU ${mtu} on both leaves, Ready`, async () => {
          const found = await Promise.all([
            findObject(scenario.leaf('rome'), GATEWAY_CLIENT, 'liqo-tenant-milan/milan'),
            findObject(scenario.leaf('milan'), GATEWAY_SERVER, 'liqo-tenant-rome/rome'),
          ]);
          const mtus = found.map((gateway) => specOf(gateway)['mtu']);
          return mtus.every((one) => one === mtu) ? { done: true } : { seen: mtus };
        });
        await scenario.ready('rome-milan');
        await untilTrulyConnected(scenario, 'rome', 'milan');
      }
    });

    it('pitfall 10: never hear of each other by UDP: everything is in place, and what to check is said', async () => {
      await scenario.world.fault('naples', 'tunnel-lost');

      await wish('naples', {});

      const { conditions, phase, sides } = await told(
        'naples-milan',
        'Connecting',
        /check that UDP/,
      );
      expect(phase).to.equal('Progressing');
      expect(conditions.map(({ type, status }) => `${type} ${status}`)).to.deep.equal([
        'Ready False',
        'Reconciling True',
        'Accepted True',
        'Applied True',
        'Connected False',
      ]);
      // Where the packets have to come through.
      expect(sides.find(({ role }) => role === 'Server')?.gateway?.endpoint).to.have.keys(
        'address',
        'port',
        'protocol',
      );
      await scenario.world.fault('naples', 'tunnel-lost', { on: false });
      await scenario.ready('naples-milan');
    });
  });
});

/** What a connection that comes up may be called, and nothing else. */
const PROGRESS = [
  'Progressing',
  'CIDRPending',
  'EndpointPending',
  'KeysPending',
  'Connecting',
  'Connected',
];

describe('pitfalls: what takes its time', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({
      leaves: ['rome', 'milan'],
      steps: { ...FAST_PINGS, gateway: 30 },
      service: false,
    });
  });
  after(() => scenario.stop());

  it('pitfall 23: the ForeignCluster lags, and nobody takes that for a failure', async () => {
    await scenario.startService();
    await untilTrue('both leaves are known', async () => {
      return (await scenario.snapshot()).counts.leavesReady === 2;
    });
    const told = await followObjects(scenario.main(), SHORTCUT);
    const foreignClusters = await followObjects(scenario.leaf('milan'), FOREIGN_CLUSTER);

    await scenario.commit({ [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }) });
    await scenario.ready('rome-milan');

    const hasLagged = (await foreignClusters()).some(
      (object) => statusOf(object)['observedGeneration'] === undefined,
    );
    expect(hasLagged).to.equal(true);
    const seen = (await told()).flatMap(
      (object) => (statusOf(object)['conditions'] ?? []) as readonly Condition[],
    );
    expect(seen.map(({ type }) => type)).not.to.include('Stalled');
    expect(seen.filter(({ status }) => status === 'Unknown')).to.deep.equal([]);
    expect(PROGRESS).to.include.members(seen.map(({ reason }) => reason));
    await scenario.commit({ [FILE]: undefined });
    await scenario.gone('rome-milan');
    await scenario.stopService();
  });

  describe('hours, for images that nobody can pull', () => {
    let service: ScenarioEngine;

    before(async () => {
      service = await startEngine(scenario);
    });
    after(() => service.stop());

    for (const [leaf, reason] of [
      ['rome', 'Connecting'],
      ['milan', 'EndpointPending'],
    ] as const) {
      it(`pitfall 24: on ${leaf}: still Progressing, since when it began, and Ready once they are there`, async () => {
        await scenario.world.fault(leaf, 'pods-pending');
        const clusters: [string, string] = ['rome', 'milan'];
        await service.create(shortcutFile('rome-milan', { clusters, server: 'milan' }));
        const begun = await eventually('it says what to look at', async () => {
          const [ready] = await service.conditions('rome-milan');
          const isTold = ready?.reason === reason && /if that lasts,.* Pod/.test(ready.message);
          return isTold ? { done: ready } : { seen: ready };
        });

        for (let hour = 0; hour < 24; hour += 1) {
          service.putOn(3_600_000);
          await service.lookAgain();
        }

        const conditions = await service.conditions('rome-milan');
        expect(conditions[0]).to.deep.equal(begun);
        expect(conditions.map(({ type }) => type))
          .to.include('Reconciling')
          .and.not.include('Stalled');
        await scenario.world.fault(leaf, 'pods-pending', { on: false });
        await service.untilReadyIs('rome-milan', 'True', 'Connected');
        await service.remove('rome-milan');
      });
    }
  });
});
