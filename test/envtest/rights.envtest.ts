import { expect } from 'chai';

import { GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import { LEAF_CLUSTER, SHORTCUT } from '../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import { LEAF_GRANTS } from '../../src/sandbox/leaf-rules.ts';
import { MAIN_GRANTS } from '../../src/sandbox/main-rules.ts';
import { type Grants, rbacObjects } from '../../src/sandbox/rbac-objects.ts';
import { SERVICE_USER } from '../../src/sandbox/world.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, objectsOn, specOf, statusOf } from '../support/scenario-objects.ts';
import { eventually, untilTrue } from '../support/scenario-wait.ts';
import { createRealServer } from './real-servers.ts';

/** One verb on one resource, where a role gives it. */
interface Right {
  /** Undefined: at the cluster scope. */
  readonly namespace: string | undefined;
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

type Rule = Grants['cluster'][number];

function rulesIn(grants: Grants, namespace: string | undefined): readonly Rule[] {
  return namespace === undefined ? grants.cluster : (grants.namespaces[namespace] ?? []);
}

function rightsOf(grants: Grants): readonly Right[] {
  return [undefined, ...Object.keys(grants.namespaces)].flatMap((namespace) =>
    rulesIn(grants, namespace).flatMap(({ apiGroups, resources, verbs }) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => ({ namespace, group: apiGroups[0] ?? '', resource, verb })),
      ),
    ),
  );
}

/** As `permissionsMissing` writes it. */
function textOf({ namespace, group, resource, verb }: Right): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${kind}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

/** The rules with one verb on one resource taken out. */
function without(rules: readonly Rule[], right: Right): readonly Rule[] {
  return rules.flatMap((rule) =>
    rule.resources.flatMap((resource) => {
      const isIt = resource === right.resource && rule.apiGroups.includes(right.group);
      const verbs = rule.verbs.filter((verb) => !(isIt && verb === right.verb));
      return verbs.length === 0 ? [] : [{ ...rule, resources: [resource], verbs }];
    }),
  );
}

describe('the rights of the service, as a real API server judges them', function () {
  this.timeout(120_000);
  let scenario: Scenario;
  let mtu = 1300;

  before(async function () {
    this.timeout(240_000);
    scenario = await startScenario({
      leaves: ['rome', 'milan'],
      createServer: createRealServer,
      flags: { resync: '1s' },
    });
    await wish();
    await scenario.ready('rome-milan');
  });
  after(() => scenario.stop());

  /** Asks for another MTU, which shows whether a wish still arrives. */
  async function wish(): Promise<void> {
    mtu += 1;
    await scenario.commit({
      'shortcuts/a.yaml': shortcutFile('rome-milan', {
        clusters: ['rome', 'milan'],
        server: 'milan',
        gateway: { mtu },
      }),
    });
  }

  async function gatewayMTU(): Promise<unknown> {
    const found = await findObject(scenario.leaf('milan'), GATEWAY_SERVER, 'liqo-tenant-rome/rome');
    return found === undefined ? undefined : specOf(found)['mtu'];
  }

  const untilCarriedOut = () =>
    untilTrue('the wish is carried out', async () => (await gatewayMTU()) === mtu);

  function roleAt(grants: Grants, namespace: string | undefined): [ResourceKind, KubeObject] {
    const role = rbacObjects(SERVICE_USER, grants).find(
      ({ kind, object }) => kind.kind.endsWith('Role') && object.metadata.namespace === namespace,
    );
    if (role === undefined) throw new Error('there is no such role');
    return [role.kind, role.object];
  }

  async function setRules(cluster: string, grants: Grants, right: Right, rules: readonly Rule[]) {
    const [kind, { metadata }] = roleAt(grants, right.namespace);
    const address = [metadata.namespace, metadata.name].filter(Boolean).join('/');
    await scenario.patch(cluster, kind, address, { rules });
  }
  const revoke = (cluster: string, grants: Grants, right: Right) =>
    setRules(cluster, grants, right, without(rulesIn(grants, right.namespace), right));
  const grantAgain = (cluster: string, grants: Grants, right: Right) =>
    setRules(cluster, grants, right, rulesIn(grants, right.namespace));

  describe('on a leaf', () => {
    async function untilMissing(wanted: readonly string[]): Promise<void> {
      await eventually(`milan lacks [${wanted.join(', ')}]`, async () => {
        const leaf = await findObject(scenario.main(), LEAF_CLUSTER, 'liqo-shortcuts/milan');
        const missing = (statusOf(leaf)['permissionsMissing'] ?? []) as readonly string[];
        // What is missing everywhere is then looked for in the Liqo namespace, and is missing there too.
        const everywhere = missing.filter(
          (text) => !missing.some((wider) => text === `${wider} in namespace liqo`),
        );
        const isSo = JSON.stringify(everywhere) === JSON.stringify(wanted);
        return isSo ? { done: undefined } : { seen: missing };
      });
    }

    for (const right of rightsOf(LEAF_GRANTS)) {
      it(`told when it is missing, and when it is back: ${textOf(right)}`, async () => {
        await revoke('milan', LEAF_GRANTS, right);
        await untilMissing([textOf(right)]);

        await grantAgain('milan', LEAF_GRANTS, right);
        await untilMissing([]);
      });
    }

    it('one that writing needs: nothing is begun on either leaf without it', async () => {
      const [right] = rightsOf(LEAF_GRANTS).filter(
        ({ resource, verb }) => resource === 'publickeies' && verb === 'create',
      );
      await scenario.commit({ 'shortcuts/a.yaml': undefined });
      await scenario.gone('rome-milan');
      const before = await Promise.all(
        ['rome', 'milan'].map((leaf) => objectsOn(scenario.leaf(leaf))),
      );
      await revoke('milan', LEAF_GRANTS, right!);
      await untilMissing([textOf(right!)]);
      await wish();

      const told = await scenario.reason('rome-milan', 'LeafForbidden');

      expect(told.conditions[0]?.message).to.include('publickeies').and.include('milan');
      for (const [index, leaf] of ['rome', 'milan'].entries()) {
        expect(await objectsOn(scenario.leaf(leaf))).to.deep.equal(before[index]);
      }
      await grantAgain('milan', LEAF_GRANTS, right!);
      await untilCarriedOut();
      await scenario.ready('rome-milan');
    });
  });

  describe('on the main cluster', () => {
    const rights = new Map(
      rightsOf(MAIN_GRANTS).map((right) => [`${right.verb} ${right.resource}`, right]),
    );

    async function detailOf(path: string): Promise<{ status: number; text: string }> {
      const { status, body } = await scenario.http(path);
      return { status, text: JSON.stringify(body) };
    }

    async function startWithout(right: string): Promise<void> {
      await scenario.stopService();
      await revoke('main', MAIN_GRANTS, rights.get(right)!);
    }

    afterEach(async function () {
      for (const right of rights.values()) await grantAgain('main', MAIN_GRANTS, right);
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
          const { status, text } = await detailOf('/readyz');
          return status === 503 ? { done: undefined } : { seen: text };
        });
        expect(await gatewayMTU()).to.equal(former);

        await grantAgain('main', MAIN_GRANTS, rights.get(right)!);
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

        await grantAgain('main', MAIN_GRANTS, rights.get(right)!);

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
      await grantAgain('main', MAIN_GRANTS, rights.get('patch shortcuts')!);
      await untilCarriedOut();
    });

    it('the work goes on, though the CR cannot tell, without: patch shortcuts/status', async () => {
      await startWithout('patch shortcuts/status');
      await scenario.startService();
      await wish();

      await untilCarriedOut();

      const { metadata, ...cr } = (await findObject(
        scenario.main(),
        SHORTCUT,
        'liqo-shortcuts/rome-milan',
      ))!;
      expect(
        (cr as { status?: { observedGeneration?: number } }).status?.observedGeneration,
      ).to.be.below(metadata.generation ?? 0);
    });

    for (const right of ['create events', 'patch events', 'get configmaps']) {
      it(`the work goes on without: ${right}`, async () => {
        await startWithout(right);
        await scenario.startService();
        await wish();

        await untilCarriedOut();

        await scenario.ready('rome-milan');
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
