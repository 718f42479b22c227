import { expect } from 'chai';

import { GATEWAY_CLIENT, GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import { refOf } from '../../src/model/kube-object.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, specOf } from '../support/scenario-objects.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';

const MISSING = [
  [
    'server',
    { serverTemplate: { name: 'wireguard-server', namespace: 'liqo' } },
    /see that there is a WgGatewayServerTemplate liqo\/wireguard-server$/,
  ],
  [
    'client',
    { clientTemplate: { name: 'mine', namespace: 'liqo-system' } },
    /see that there is a WgGatewayClientTemplate liqo-system\/mine$/,
  ],
] as const;

/** The number is that of NETWORK.md section 14. */
describe('pitfalls: templates of gateways', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({
      leaves: ['rome', 'milan'],
      liqoNamespaces: { rome: 'liqo-system', milan: 'networking' },
    });
  });
  after(() => scenario.stop());

  const wish = (spec: Partial<ShortcutSpec> = {}) =>
    scenario.commit({
      [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'], ...spec }),
    });

  async function untilNamed(message: RegExp): Promise<void> {
    await eventually('the template is named', async () => {
      const told = await scenario.shortcut('rome-milan');
      const [ready] = told?.conditions ?? [];
      const isTold = ready?.status === 'False' && message.test(ready.message);
      return isTold ? { done: true } : { seen: told?.conditions };
    });
  }

  for (const [server, client] of [
    ['milan', 'rome'],
    ['rome', 'milan'],
  ] as const) {
    it(`pitfall 6: are those of each leaf's own Liqo, with ${server} as the server`, async () => {
      await wish({ server });

      await eventually('the roles are right', async () => {
        const { sides } = (await scenario.shortcut('rome-milan')) ?? {};
        const role = sides?.find(({ cluster }) => cluster === server)?.role;
        return role === 'Server' ? { done: true } : { seen: sides };
      });
      await scenario.ready('rome-milan');
      await untilTrulyConnected(scenario, 'rome', 'milan');
      const [gws, gwc] = await Promise.all([
        findObject(scenario.leaf(server), GATEWAY_SERVER, `liqo-tenant-${client}/${client}`),
        findObject(scenario.leaf(client), GATEWAY_CLIENT, `liqo-tenant-${server}/${server}`),
      ]);
      const namespaces = { rome: 'liqo-system', milan: 'networking' };
      expect(specOf(gws)['serverTemplateRef']).to.include({ namespace: namespaces[server] });
      expect(specOf(gwc)['clientTemplateRef']).to.include({ namespace: namespaces[client] });
    });
  }

  /** Each begins without a connection. */
  async function withoutIt(): Promise<void> {
    await scenario.commit({ [FILE]: undefined });
    await scenario.gone('rome-milan');
  }

  const gatewayOf = {
    server: () => findObject(scenario.leaf('milan'), GATEWAY_SERVER, 'liqo-tenant-rome/rome'),
    client: () => findObject(scenario.leaf('rome'), GATEWAY_CLIENT, 'liqo-tenant-milan/milan'),
  };

  for (const [what, gateway, message] of MISSING) {
    it(`pitfall 6: for another ${what}'s a connection that runs is not cut, until a person says so`, async () => {
      await withoutIt();
      await wish({ server: 'milan' });
      await scenario.ready('rome-milan');
      const before = await gatewayOf[what]();

      await wish({ server: 'milan', gateway });

      await untilNamed(/delete this gateway, and it is made from that$/);
      await untilTrulyConnected(scenario, 'rome', 'milan');
      const kept = await gatewayOf[what]();
      expect(kept?.metadata.uid).to.equal(before?.metadata.uid);

      await scenario
        .leaf(what === 'server' ? 'milan' : 'rome')
        .delete(refOf(what === 'server' ? GATEWAY_SERVER : GATEWAY_CLIENT, kept!), { signal });
      await untilNamed(message);
      expect((await scenario.shortcut('rome-milan'))?.phase).not.to.equal('Ready');
    });
  }

  for (const [what, gateway, message] of MISSING) {
    it(`pitfall 6: a ${what}'s that is not there is named, and the gateway of another is made in its place`, async () => {
      await withoutIt();
      await wish({ server: 'milan', gateway });

      await untilNamed(message);
      await wish({ server: 'milan' });
      await scenario.ready('rome-milan');
      await untilTrulyConnected(scenario, 'rome', 'milan');
    });
  }
});
