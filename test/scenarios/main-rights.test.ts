import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import { CONFIG_MAP, LEAF_CLUSTER, SECRET, SHORTCUT } from '../../src/model/kinds.ts';
import type { PolicyRule } from '../../src/leaves/leaf-roles.ts';
import { MAIN_GRANTS } from '../../src/sandbox/main-rules.ts';
import { rbacObjects } from '../../src/sandbox/rbac-objects.ts';
import { SERVICE_USER } from '../../src/sandbox/world.ts';
import { type GrantedRight, rightsIn } from '../support/granted-right.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { findObject, refAt, specOf, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';
import { UsedRights } from '../support/used-rights.ts';

const FILE = 'shortcuts/rome-milan.yaml';
const SHORTCUT_AT = 'liqo-shortcuts/rome-milan';

const RIGHTS: readonly GrantedRight[] = [
  ...MAIN_GRANTS.cluster.flatMap((rule) => rightsIn(rule, undefined)),
  ...Object.entries(MAIN_GRANTS.namespaces).flatMap(([namespace, rules]) =>
    rules.flatMap((rule) => rightsIn(rule, namespace)),
  ),
];

describe('the rights on the main cluster', () => {
  describe('in a whole life', function () {
    this.timeout(120_000);
    const used = new UsedRights();
    let scenario: Scenario;

    before(async () => {
      const { createServer } = used;
      scenario = await startScenario({ leaves: ['rome', 'milan'], createServer, service: false });
      // As on a main cluster where Liqo is not.
      await scenario.main().delete(refAt(CONFIG_MAP, 'liqo/liqo-clusterid-configmap'), { signal });
      const webhookSecretFile = join(scenario.dir, 'webhook-secret');
      await writeFile(webhookSecretFile, 'webhook-secret');
      await scenario.startService({ webhookSecretFile });
      // It does not lead yet.
      scenario.look();
    });
    after(() => scenario.stop());

    const wish = (mtu: number) => {
      const clusters: [string, string] = ['rome', 'milan'];
      return scenario.commit({
        [FILE]: shortcutFile('rome-milan', { clusters, server: 'milan', gateway: { mtu } }),
      });
    };

    async function untilMTU(mtu: number): Promise<void> {
      await untilTrue('the gateway has its MTU', async () => {
        const found = await findObject(
          scenario.leaf('milan'),
          GATEWAY_SERVER,
          'liqo-tenant-rome/rome',
        );
        return found !== undefined && specOf(found)['mtu'] === mtu;
      });
      await scenario.ready('rome-milan');
    }

    /** A drift on a leaf, of which an Event tells. */
    async function drift(): Promise<void> {
      await scenario.patch('milan', GATEWAY_SERVER, 'liqo-tenant-rome/rome', {
        spec: { mtu: 1200 },
      });
      await untilMTU(1300);
    }

    it('connects, and puts a drift back', async () => {
      await wish(1300);
      await untilMTU(1300);

      await drift();
    });

    it('counts on the same Event what happens again', async () => {
      await drift();

      await untilTrue('it was counted', () =>
        Promise.resolve(
          !used
            .compare('main', RIGHTS)
            .unused.includes('patch events.events.k8s.io in namespace liqo-shortcuts'),
        ),
      );
    });

    it('changes, also what somebody changed on the main cluster', async () => {
      await wish(1310);
      await untilMTU(1310);
      await scenario.patch('main', SHORTCUT, SHORTCUT_AT, { spec: { gateway: { mtu: 1350 } } });

      await scenario.commit({});

      await untilTrue('put back', async () => {
        const found = await findObject(scenario.main(), SHORTCUT, SHORTCUT_AT);
        return JSON.stringify(specOf(found)).includes('1310');
      });
      await untilMTU(1310);
    });

    it('takes another kubeconfig', async () => {
      const { kubeconfig } = (await findObject(
        scenario.main(),
        SECRET,
        'liqo-shortcuts/milan-kubeconfig',
      ))!['data'] as { readonly kubeconfig: string };
      await scenario.patch('main', SECRET, 'liqo-shortcuts/milan-kubeconfig', {
        data: { kubeconfig: Buffer.from('nothing').toString('base64') },
      });
      await scenario.reason('rome-milan', 'CredentialInvalid');

      await scenario.patch('main', SECRET, 'liqo-shortcuts/milan-kubeconfig', {
        data: { kubeconfig },
      });

      await scenario.ready('rome-milan');
    });

    it('disconnects, and forgets a leaf', async () => {
      await scenario.commit({ [FILE]: undefined, 'leaves/milan.yaml': undefined });

      await scenario.gone('rome-milan');
      await untilTrue('the leaf is gone', async () => {
        const found = await findObject(scenario.main(), LEAF_CLUSTER, 'liqo-shortcuts/milan');
        return found === undefined;
      });
      await scenario.commit({ 'leaves/milan.yaml': leafFile('milan') });
    });

    it('are all that it used, and it used all of them', async () => {
      await scenario.stopService();

      expect(used.compare('main', RIGHTS)).to.deep.equal({ missing: [], unused: [] });
      expect(used.refusedOn('main')).to.deep.equal([]);
    });
  });

  describe('while one is missing', function () {
    this.timeout(120_000);
    let scenario: Scenario;
    let mtu = 1300;

    before(async () => {
      scenario = await startScenario({ leaves: ['rome', 'milan'], flags: { resync: '1s' } });
      await wish();
      await scenario.ready('rome-milan');
    });
    after(() => scenario.stop());

    /** Asks for another MTU, which shows whether a wish still arrives. */
    async function wish(): Promise<void> {
      mtu += 1;
      await scenario.commit({
        [FILE]: shortcutFile('rome-milan', {
          clusters: ['rome', 'milan'],
          server: 'milan',
          gateway: { mtu },
        }),
      });
    }

    async function gatewayMTU(): Promise<unknown> {
      const address = 'liqo-tenant-rome/rome';
      const found = await findObject(scenario.leaf('milan'), GATEWAY_SERVER, address);
      return found === undefined ? undefined : specOf(found)['mtu'];
    }

    const untilCarriedOut = () =>
      untilTrue('the wish is carried out', async () => (await gatewayMTU()) === mtu);

    /** Gives the service all its rights on the main cluster, or all but one. */
    async function grantAllBut(missing?: string): Promise<void> {
      const isLeft = (verb: string, resource: string) => `${verb} ${resource}` !== missing;
      for (const { kind, object } of rbacObjects(SERVICE_USER, MAIN_GRANTS)) {
        const { namespace = '', name } = object.metadata;
        if (object['rules'] === undefined) continue;
        const rules = (object['rules'] as readonly PolicyRule[]).flatMap((rule) =>
          rule.resources.map((resource) => ({
            ...rule,
            resources: [resource],
            verbs: rule.verbs.filter((verb) => isLeft(verb, resource)),
          })),
        );
        const body = { rules: rules.filter(({ verbs }) => verbs.length > 0) };
        await scenario.patch('main', kind, namespace === '' ? name : `${namespace}/${name}`, body);
      }
    }

    async function startWithout(right: string): Promise<void> {
      await scenario.stopService();
      await grantAllBut(right);
    }

    afterEach(async () => {
      await grantAllBut();
      await scenario.stopService();
      await scenario.startService();
      await untilCarriedOut();
      await scenario.ready('rome-milan');
    });

    for (const right of ['list shortcuts', 'list leafclusters', 'list secrets']) {
      it(`not ready, and nothing done, without: ${right}; both once it is granted`, async () => {
        await startWithout(right);
        const former = await gatewayMTU();
        const starting = scenario.startService();
        await wish();

        await eventually('it says that it cannot look', async () => {
          const { status, body } = await scenario.http('/readyz');
          return status === 503 ? { done: undefined } : { seen: body };
        });
        expect(await gatewayMTU()).to.equal(former);

        await grantAllBut();
        await starting;
        await untilCarriedOut();
      });
    }

    for (const right of ['watch shortcuts', 'watch leafclusters', 'watch secrets']) {
      it(`nothing done, and the status says why, without: ${right}`, async () => {
        await startWithout(right);
        const former = await gatewayMTU();
        await scenario.startService();
        await eventually('it says that it cannot watch', async () => {
          const { mainError } = await scenario.snapshot();
          return mainError === undefined ? { seen: mainError } : { done: mainError };
        });
        await wish();
        expect(await gatewayMTU()).to.equal(former);

        await grantAllBut();

        await untilCarriedOut();
      });
    }

    it('the error of the source says so, and the old wish stands, without: patch shortcuts', async () => {
      await startWithout('patch shortcuts');
      const former = await gatewayMTU();
      await scenario.startService();
      await wish();

      const error = await eventually('it says that it may not', async () => {
        const found = (await scenario.snapshot()).source?.error;
        return found === undefined ? { seen: found } : { done: found };
      });

      expect(error).to.include({ code: 'CLUSTER_FORBIDDEN' });
      expect(error.message).to.include('Shortcut/liqo-shortcuts/rome-milan');
      expect(await gatewayMTU()).to.equal(former);
      await grantAllBut();
      await untilCarriedOut();
    });

    it('the work goes on, though the CR cannot tell, without: patch shortcuts/status', async () => {
      await startWithout('patch shortcuts/status');
      await scenario.startService();
      await wish();

      await untilCarriedOut();

      const found = await findObject(scenario.main(), SHORTCUT, SHORTCUT_AT);
      expect(statusOf(found)['observedGeneration']).to.be.below(found?.metadata.generation ?? 0);
    });

    it('the work goes on without: create events', async () => {
      await startWithout('create events');
      await scenario.startService();
      await wish();

      await untilCarriedOut();

      await scenario.ready('rome-milan');
    });

    for (const right of ['get leases', 'patch leases']) {
      it(`nobody leads, and nothing is done, without: ${right}; both once it is granted`, async () => {
        await startWithout(right);
        const former = await gatewayMTU();
        await scenario.startService();
        await wish();

        // A follower reads all the same.
        await untilTrue('ready', async () => (await scenario.http('/readyz')).status === 200);
        expect((await scenario.snapshot()).role).to.equal('follower');
        expect(await gatewayMTU()).to.equal(former);

        await grantAllBut();
        await untilCarriedOut();
        expect((await scenario.snapshot()).role).to.equal('leader');
      });
    }

    it('no start, and a word on what to do, without: list configmaps', async () => {
      await startWithout('list configmaps');

      const error = await scenario.startService().catch((thrown: unknown) => thrown);

      expect(error).to.be.instanceOf(Error);
      expect((error as Error).message)
        .to.include('ConfigMap')
        .and.include('--installation');
    });
  });
});
