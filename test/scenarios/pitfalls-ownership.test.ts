import { expect } from 'chai';

import {
  CONFIGURATION,
  CONNECTION,
  GATEWAY_CLIENT,
  GATEWAY_SERVER,
  PUBLIC_KEY,
} from '../../src/liqo/kinds.ts';
import { SECRET } from '../../src/model/kinds.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { gatewaysAndConfigurationsOf } from '../support/pair-truth.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, refAt, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal } from '../support/scenario-wait.ts';
import {
  addressOf,
  deleteNamespace,
  makeSomeoneElses,
  type Part,
  type Spot,
} from '../support/someone-elses.ts';

const FILE = 'shortcuts/rome-milan.yaml';
const ADOPT = { 'shortcuts.liqo.io/adopt': 'true' };
const IN_ROME: Spot = { leaf: 'rome', peer: 'milan' };
const IN_MILAN: Spot = { leaf: 'milan', peer: 'rome' };

/** Numbers are those of NETWORK.md section 14. docs/pitfalls.md has the whole table. */
describe('pitfalls: whose the objects are', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan'] });
  });
  after(() => scenario.stop());

  const wish = (spec: Partial<ShortcutSpec> = {}, annotations = {}) =>
    scenario.commit({
      [FILE]: shortcutFile(
        'rome-milan',
        { clusters: ['rome', 'milan'], server: 'milan', ...spec },
        annotations,
      ),
    });
  const uids = async (): Promise<readonly string[]> => [
    ...(await gatewaysAndConfigurationsOf(scenario.leaf('rome'), 'milan')),
    ...(await gatewaysAndConfigurationsOf(scenario.leaf('milan'), 'rome')),
  ];

  /** Waits for what Ready says; answers with its message. */
  async function told(reason: string, what: RegExp): Promise<string> {
    return eventually(`${reason} with ${what}`, async () => {
      const found = await scenario.shortcut('rome-milan');
      const ready = found?.conditions[0];
      const isTold = ready?.reason === reason && what.test(ready.message);
      return isTold ? { done: ready.message } : { seen: found?.conditions };
    });
  }

  /** The gateway goes by the last PublicKey that it has seen, and keeps to it. */
  async function untilError(): Promise<void> {
    await eventually('the tunnel is in Error', async () => {
      const found = await findObject(
        scenario.leaf('rome'),
        CONNECTION,
        'liqo-tenant-milan/gw-milan',
      );
      const { value } = statusOf(found);
      return value === 'Error' ? { done: true } : { seen: value };
    });
  }

  async function takeAllAway(...namespaces: readonly (readonly [string, string])[]) {
    await scenario.commit({ [FILE]: undefined });
    await scenario.gone('rome-milan');
    for (const [leaf, namespace] of namespaces) await deleteNamespace(scenario, leaf, namespace);
  }

  describe('one of the eight objects is there already, and nothing else', () => {
    const alone: readonly (readonly [Part, Spot])[] = [
      ['configuration', IN_ROME],
      ['configuration', IN_MILAN],
      ['client', IN_ROME],
      ['server', IN_MILAN],
      ['key', IN_ROME],
      ['key', IN_MILAN],
    ];

    afterEach(() => takeAllAway(['rome', 'liqo-tenant-milan'], ['milan', 'liqo-tenant-rome']));

    for (const spot of [IN_ROME, IN_MILAN]) {
      it(`pitfall 3: a tenant namespace on ${spot.leaf} is used as it is`, async () => {
        const { metadata } = await makeSomeoneElses(scenario, 'namespace', spot);

        await wish();
        await scenario.ready('rome-milan');

        const found = await findObject(scenario.leaf(spot.leaf), ...addressOf('namespace', spot));
        expect(found?.metadata).to.deep.include({ uid: metadata.uid, labels: metadata.labels });
      });
    }

    for (const [part, spot] of alone) {
      const [kind, address] = addressOf(part, spot);

      it(`pitfall 3: a ${kind.kind} on ${spot.leaf} is named, and the connection completed once adopted`, async () => {
        await makeSomeoneElses(scenario, 'namespace', spot);
        const { metadata } = await makeSomeoneElses(scenario, part, spot);

        await wish();
        const message = await told('ForeignConnection', new RegExp(`^${kind.kind}/${address} on`));
        expect(message).to.include(spot.leaf).and.include('shortcuts.liqo.io/adopt: "true"');

        await wish({}, ADOPT);
        await scenario.ready('rome-milan');
        await untilTrulyConnected(scenario, 'rome', 'milan');
        const found = await findObject(scenario.leaf(spot.leaf), kind, address);
        expect(found?.metadata.uid).to.equal(metadata.uid);
      });
    }
  });

  it('pitfall 4: whatever the objects of a pair are called, they are found, kept and completed', async () => {
    const inRome = { ...IN_ROME, namespace: 'to-milan', name: 'milano' };
    const inMilan = { ...IN_MILAN, namespace: 'to-rome', name: 'roma' };
    for (const spot of [inRome, inMilan]) await makeSomeoneElses(scenario, 'namespace', spot);
    await makeSomeoneElses(scenario, 'configuration', inRome);
    await makeSomeoneElses(scenario, 'client', inRome);
    await makeSomeoneElses(scenario, 'server', inMilan);

    await wish({}, ADOPT);
    await scenario.ready('rome-milan');

    await untilTrulyConnected(scenario, 'rome', 'milan');
    expect(
      (await scenario.shortcut('rome-milan'))?.sides.map(({ gateway }) => gateway?.name),
    ).to.deep.equal(['milano', 'roma']);
    const made = await Promise.all([
      findObject(scenario.leaf('rome'), CONFIGURATION, 'to-milan/milano'),
      findObject(scenario.leaf('rome'), PUBLIC_KEY, 'to-milan/milan'),
      findObject(scenario.leaf('milan'), CONFIGURATION, 'to-rome/rome'),
      findObject(scenario.leaf('milan'), PUBLIC_KEY, 'to-rome/rome'),
    ]);
    expect(made.every((object) => object !== undefined)).to.equal(true);
    await takeAllAway(['rome', 'to-milan'], ['milan', 'to-rome']);
  });

  describe('a connection that runs', () => {
    before(async () => {
      await wish();
      await scenario.ready('rome-milan');
    });
    after(() => takeAllAway());

    const second: readonly (readonly [Part, Spot])[] = [
      ['configuration', { ...IN_ROME, name: 'second' }],
      ['configuration', { ...IN_MILAN, namespace: 'default' }],
      ['client', { ...IN_ROME, namespace: 'default' }],
      ['server', { ...IN_ROME, name: 'second' }],
      ['server', { ...IN_MILAN, namespace: 'default' }],
      ['key', { ...IN_ROME, name: 'second' }],
      ['key', { ...IN_MILAN, namespace: 'default' }],
    ];
    for (const [part, spot] of second) {
      const [kind, address] = addressOf(part, spot);

      it(`pitfall 5: somebody's ${kind.kind} ${address} on ${spot.leaf} beside ours is named, and all is well without it`, async () => {
        const before = await uids();

        await makeSomeoneElses(scenario, part, spot);
        const message = await told('OwnershipConflict', new RegExp(`^${kind.kind}/${address} on`));

        if (part === 'key' && spot.name !== undefined) await untilError();
        expect(message)
          .to.match(/remove it\.$/)
          .and.not.include('adopt');
        expect((await scenario.shortcut('rome-milan'))?.phase).to.equal('Stalled');
        await scenario.leaf(spot.leaf).delete(refAt(kind, address), { signal });
        await scenario.ready('rome-milan');
        await untilTrulyConnected(scenario, 'rome', 'milan');
        expect(await uids()).to.deep.equal(before);
      });
    }
  });

  describe('key Secrets of somebody', () => {
    afterEach(() => takeAllAway(['milan', 'liqo-tenant-rome']));

    async function makeSecret(name: string): Promise<void> {
      const labels = {
        'liqo.io/remote-cluster-id': 'rome',
        'networking.liqo.io/gateway-resource': 'true',
      };
      const metadata = { name, namespace: 'liqo-tenant-rome', labels };
      const data = { privateKey: KEY, publicKey: KEY };
      const secret = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, data };
      await scenario.leaf('milan').create(SECRET, secret, { signal });
    }

    const cases = [
      {
        names: ['their-key'],
        hint: /^Secret\/liqo-tenant-rome\/their-key on "milan": .* delete it$/,
      },
      {
        names: ['their-key', 'another'],
        hint: /if that lasts, .*see the events of its WgGatewayServer$/,
      },
    ];
    for (const { names, hint } of cases) {
      it(`pitfall 5: ${names.length}, of which no watch tells, keep the key waiting until they are gone`, async () => {
        await makeSomeoneElses(scenario, 'namespace', IN_MILAN);
        for (const name of names) await makeSecret(name);

        await wish();
        await eventually('what is missing is named, and what to do', async () => {
          const found = await scenario.shortcut('rome-milan');
          const isTold = found?.plan.waits.some((wait) => hint.test(wait)) === true;
          return isTold ? { done: true } : { seen: found?.plan.waits };
        });

        for (const name of names) {
          const ref = { kind: SECRET, namespace: 'liqo-tenant-rome', name };
          await scenario.leaf('milan').delete(ref, { signal });
        }
        await scenario.ready('rome-milan');
        await untilTrulyConnected(scenario, 'rome', 'milan');
      });
    }
  });

  it('pitfall 2: a connection the other way round is as good: none is made beside it', async () => {
    await wish({ deletionPolicy: 'Orphan' });
    await scenario.ready('rome-milan');
    await takeAllAway();
    const before = await uids();

    await wish({ server: 'rome' });
    await told('ForeignConnection', /adopt/);
    await wish({ server: 'rome' }, ADOPT);
    await told(
      'ForeignConnection',
      /does not fit the roles\. Set spec\.server to auto, or remove it first\.$/,
    );
    await wish({ server: 'auto' }, ADOPT);
    await scenario.ready('rome-milan');

    expect(await uids()).to.deep.equal(before);
    const { sides } = (await scenario.shortcut('rome-milan')) ?? {};
    expect(sides?.map(({ role }) => role)).to.deep.equal(['Client', 'Server']);
    expect(
      await findObject(scenario.leaf('rome'), GATEWAY_SERVER, 'liqo-tenant-milan/milan'),
    ).to.equal(undefined);
    expect(
      await findObject(scenario.leaf('milan'), GATEWAY_CLIENT, 'liqo-tenant-rome/rome'),
    ).to.equal(undefined);
    await takeAllAway(['rome', 'liqo-tenant-milan'], ['milan', 'liqo-tenant-rome']);
  });
});

const KEY = Buffer.alloc(32, 5).toString('base64');
