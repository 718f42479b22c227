import { expect } from 'chai';

import { CONFIGURATION } from '../../src/liqo/kinds.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import * as liqoKinds from '../../src/sandbox/liqo/kinds.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { refAt } from '../support/scenario-objects.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';

/** The number is that of NETWORK.md section 14. */
describe('pitfalls: what is written in a whole life', function () {
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

  /** What the service writes on a leaf, by verb and resource, since the world began. */
  function written(leaf: string): readonly string[] {
    const requests = Object.keys(scenario.world.requests()[leaf]?.byRequest ?? {});
    return requests
      .filter((request) => request.endsWith(' liqo-shortcuts'))
      .map((request) => request.replace(/ liqo-shortcuts$/, ''))
      .filter((request) => !/^(get|list|watch) |selfsubjectaccessreviews$/.test(request));
  }

  /** What the service has a share in, on a leaf, as `Kind field`: `status`, or the first two parts of a path. */
  async function shares(leaf: string): Promise<readonly string[]> {
    const found = new Set<string>();
    for (const kind of [NAMESPACE, ...Object.values(liqoKinds)]) {
      const { items } = await scenario.leaf(leaf).list(kind, { signal });
      for (const item of items) {
        for (const field of ownFieldsOf(item)) found.add(`${kind.kind} ${field}`);
      }
    }
    return [...found].sort();
  }

  it('pitfall 13: writes no Connection, Network, ForeignCluster, spec.local or status', async () => {
    await wish();
    await scenario.ready('rome-milan');
    for (const leaf of ['rome', 'milan']) {
      expect(await shares(leaf)).to.deep.equal([
        'Configuration spec.remote',
        ...(leaf === 'milan' ? SERVER_FIELDS : CLIENT_FIELDS),
        'PublicKey spec.publicKey',
      ]);
    }
    await scenario.world.fault('rome', 'key-rotated');
    await scenario.world.fault('milan', 'gateway-moved');
    await scenario.leaf('rome').delete(refAt(CONFIGURATION, 'liqo-tenant-milan/milan'), { signal });
    await wish({ server: 'rome', gateway: { mtu: 1280 } });
    await eventually('the roles are swapped', async () => {
      const { sides } = (await scenario.shortcut('rome-milan')) ?? {};
      return sides?.[0]?.role === 'Server' ? { done: true } : { seen: sides };
    });
    await scenario.ready('rome-milan');
    await untilTrulyConnected(scenario, 'rome', 'milan');
    await scenario.commit({ [FILE]: undefined });
    await scenario.gone('rome-milan');

    for (const leaf of ['rome', 'milan']) {
      const kinds = new Set(written(leaf).map((request) => request.split(' ')[1]));
      expect([...kinds].sort()).to.deep.equal([
        'configurations',
        'gatewayclients',
        'gatewayservers',
        'namespaces',
        'publickeies',
      ]);
    }
    expect(written('naples')).to.deep.equal([]);
  });
});

const SERVER_FIELDS = [
  'GatewayServer spec.endpoint',
  'GatewayServer spec.mtu',
  'GatewayServer spec.serverTemplateRef',
];
const CLIENT_FIELDS = [
  'GatewayClient spec.clientTemplateRef',
  'GatewayClient spec.endpoint',
  'GatewayClient spec.mtu',
];

interface ManagedFields {
  readonly manager?: string;
  readonly fieldsV1?: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
}

/** The fields below `spec` and `status` that the service has written. */
function ownFieldsOf({ metadata }: KubeObject): readonly string[] {
  const { managedFields = [] } = metadata as { managedFields?: readonly ManagedFields[] };
  return managedFields
    .filter(({ manager }) => manager === 'liqo-shortcuts')
    .flatMap(({ fieldsV1 = {} }) =>
      Object.entries(fieldsV1).flatMap(([part, fields]) => {
        if (part === 'f:metadata') return [];
        return Object.keys(fields ?? {}).map((field) => `${part}.${field}`.replaceAll('f:', ''));
      }),
    );
}
