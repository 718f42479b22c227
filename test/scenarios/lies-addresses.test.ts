import { isDeepStrictEqual } from 'node:util';

import { expect } from 'chai';

import { GATEWAY_CLIENT, GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import { fieldAt } from '../../src/liqo/read-field.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { WG_SERVER_TEMPLATE } from '../../src/sandbox/liqo/kinds.ts';
import type { ShortcutDetail } from '../../src/status/snapshot.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, refAt, specOf, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';
const SERVER = 'liqo-tenant-rome/rome';
const CLIENT = 'liqo-tenant-milan/milan';
type Gateway = NonNullable<ShortcutSpec['gateway']>;
const FIXED: Gateway = { serviceType: 'NodePort', nodePort: 31_700 };

/** What Liqo publishes and what was asked for (NETWORK.md 7.1). A node port that is taken is in pitfalls-gateways.test.ts. */
describe('lies about addresses', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan'] });
  });
  after(() => scenario.stop());

  const wish = (gateway: Gateway = {}, spec: Partial<ShortcutSpec> = {}): Promise<string> =>
    scenario.commit({
      [FILE]: shortcutFile('rome-milan', {
        clusters: ['rome', 'milan'],
        server: 'milan',
        gateway,
        ...spec,
      }),
    });
  /** The same, once the service has taken it up. */
  async function settle(gateway: Gateway = {}, spec: Partial<ShortcutSpec> = {}): Promise<void> {
    const wanted = [gateway, spec.suspend ?? false];
    await wish(gateway, spec);
    await eventually('the wish is taken up', async () => {
      const found = await findObject(scenario.main(), SHORTCUT, 'liqo-shortcuts/rome-milan');
      const { gateway: now, suspend = false } = specOf(found);
      const isTaken = isDeepStrictEqual([now ?? {}, suspend], wanted);
      const isSeen = statusOf(found)['observedGeneration'] === found?.metadata.generation;
      return isTaken && isSeen ? { done: true } : { seen: found };
    });
  }

  async function settleWhole(gateway: Gateway = {}): Promise<void> {
    await settle(gateway);
    await untilTrulyConnected(scenario, 'rome', 'milan');
    await scenario.ready('rome-milan');
  }

  const server = () => findObject(scenario.leaf('milan'), GATEWAY_SERVER, SERVER);
  const client = () => findObject(scenario.leaf('rome'), GATEWAY_CLIENT, CLIENT);
  const dialled = async () => specOf(await client())['endpoint'];

  async function told(reason: string, what: RegExp): Promise<ShortcutDetail> {
    return eventually(`${reason} with ${what}`, async () => {
      const found = await scenario.shortcut('rome-milan');
      const ready = found?.conditions[0];
      const isTold = ready?.reason === reason && what.test(ready.message);
      return isTold ? { done: found! } : { seen: found?.conditions };
    });
  }

  async function untilWhole(): Promise<void> {
    await untilTrulyConnected(scenario, 'rome', 'milan');
    await scenario.ready('rome-milan');
  }

  function expectConnected({ sides }: ShortcutDetail): void {
    expect(sides.map(({ connection }) => connection?.status)).to.deep.equal([
      'Connected',
      'Connected',
    ]);
  }

  it('lie: one address, which is empty: no client dials it, and Ready once there is a real one', async () => {
    await scenario.world.fault('milan', 'node-not-ready');
    await wish({ serviceType: 'NodePort' });

    await eventually('an empty address', async () => {
      const addresses = fieldAt(await server(), 'status', 'endpoint', 'addresses');
      return isDeepStrictEqual(addresses, ['']) ? { done: true } : { seen: addresses };
    });
    await told('EndpointPending', /an address in status\.endpoint \(service type NodePort\)/);
    expect(await client()).to.equal(undefined);
    await scenario.world.fault('milan', 'node-not-ready', { on: false });
    await untilWhole();
  });

  it('lie: the address of a node that is gone: the client keeps what it dials, and the wait is named', async () => {
    const before = await dialled();
    await scenario.world.fault('milan', 'node-not-ready');

    const found = await eventually('the wait is told', async () => {
      const seen = await scenario.shortcut('rome-milan');
      const wait = seen?.sides[1]?.waitingFor ?? '';
      const isTold = wait.includes('an address in status.endpoint');
      return isTold && seen !== undefined ? { done: seen } : { seen };
    });

    expectConnected(found);
    expect(found.sides[1]?.gateway?.endpoint).to.equal(undefined);
    expect(await dialled()).to.deep.equal(before);
    await scenario.world.fault('milan', 'node-not-ready', { on: false });
    await untilWhole();
  });

  it('lie: a load balancer that is pending, behind a tunnel that runs: not Ready until it is as asked', async () => {
    const before = await dialled();
    await scenario.world.fault('milan', 'no-load-balancer-address');
    await wish({ serviceType: 'LoadBalancer' });

    const found = await told('EndpointPending', /an address .*\(service type LoadBalancer\)/);

    expectConnected(found);
    expect(await dialled()).to.deep.equal(before);
    await scenario.world.fault('milan', 'no-load-balancer-address', { on: false });
    await untilWhole();
    expect(await dialled()).to.not.deep.equal(before);
  });

  describe('after a change that cannot be', () => {
    before(async () => {
      await settleWhole(FIXED);
    });

    const endpoint = async () => statusOf(await server())['endpoint'];

    for (const [what, gateway] of Object.entries({
      'node port 80': { serviceType: 'NodePort', nodePort: 80 },
      ExternalName: { serviceType: 'ExternalName' },
    })) {
      it(`lie: the previous endpoint, with ${what} in Git: the file is refused, and nothing changes`, async () => {
        const before = specOf(await server());
        await wish(gateway as Gateway);

        await eventually('the file is refused', async () => {
          const { problems } = (await scenario.snapshot()).source ?? { problems: [] };
          const isTold = problems.some(
            ({ file, code }) => file === FILE && code === 'schema-violation',
          );
          return isTold ? { done: true } : { seen: problems };
        });

        expect(specOf(await server())).to.deep.equal(before);
        await settleWhole(FIXED);
      });
    }

    for (const [what, asked] of Object.entries({
      'node port 80': { nodePort: 80 },
      ExternalName: { serviceType: 'ExternalName' },
    })) {
      it(`lie: the previous endpoint, with ${what} by somebody's hand: named while suspended, then put back`, async () => {
        await settle(FIXED, { suspend: true });
        const before = await endpoint();

        await scenario.patch('milan', GATEWAY_SERVER, SERVER, { spec: { endpoint: asked } });

        const field = Object.keys(asked).join();
        const found = await told(
          'Suspended',
          new RegExp(`Held: GatewayServer/.*Somebody else changed spec\\.endpoint\\.${field}\\.$`),
        );
        expectConnected(found);
        expect(found.conditions[0]?.status).to.equal('False');
        expect(await endpoint()).to.deep.equal(before);
        await settleWhole(FIXED);
      });
    }

    const templates: Readonly<Record<string, { service: object; gateway: Gateway; says: RegExp }>> =
      {
        'does not take a node port': {
          service: { type: '{{ .Spec.Endpoint.ServiceType }}', ports: [{ port: '{{ .Port }}' }] },
          gateway: { serviceType: 'NodePort', nodePort: 31_701 },
          says: /waiting for nodePort 31701 \(status\.endpoint still says \d+; if it stays so,/,
        },
        'has a type of its own': {
          service: { type: 'NodePort', ports: [{ port: '{{ .Port }}' }] },
          gateway: { serviceType: 'ClusterIP' },
          says: /service type ClusterIP \(its WgGatewayServer has NodePort; if it stays so, the template/,
        },
      };
    for (const [what, { service, gateway, says }] of Object.entries(templates)) {
      it(`lie: the previous endpoint, since the template ${what}`, async () => {
        await makeTemplate('plain', service);
        const serverTemplate = { name: 'plain', namespace: 'liqo' };
        await remake({ serviceType: 'NodePort', serverTemplate });

        await wish({ ...gateway, serverTemplate });

        expectConnected(await told('EndpointPending', says));

        await remake(FIXED);
        await scenario.leaf('milan').delete(refAt(WG_SERVER_TEMPLATE, 'liqo/plain'), { signal });
      });
    }
  });

  /** Another template takes a new gateway, for which a person has to delete the old one. */
  async function remake(gateway: Gateway): Promise<void> {
    await wish(gateway);
    await told('EndpointPending', /then delete this gateway, and it is made from that$/);
    await scenario.leaf('milan').delete(refAt(GATEWAY_SERVER, SERVER), { signal });
    await untilWhole();
  }

  async function makeTemplate(name: string, spec: object): Promise<void> {
    const milan = scenario.leaf('milan');
    const shipped = (await findObject(milan, WG_SERVER_TEMPLATE, 'liqo/wireguard-server'))!;
    const { apiVersion, kind } = shipped;
    const { objectKind } = specOf(shipped);
    const template = { spec: { service: { spec } } };
    const object = {
      apiVersion,
      kind,
      metadata: { name, namespace: 'liqo' },
      spec: { objectKind, template },
    };
    await milan.create(WG_SERVER_TEMPLATE, object, { signal });
  }
});
