import { expect } from 'chai';

import { GATEWAY_CLIENT, GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import { LEAF_RULES, type LeafScope } from '../../src/liqo/leaf-rules.ts';
import { LEAF_CLUSTER } from '../../src/model/kinds.ts';
import { type GrantedRight, textOf } from './granted-right.ts';
import { changeRights, grantRights, type LeafGrant } from './leaf-rights.ts';
import { type Scenario, startScenario } from './scenario.ts';
import { shortcutFile } from './scenario-files.ts';
import { findObject, objectsOn, specOf } from './scenario-objects.ts';
import { eventually, untilTrue } from './scenario-wait.ts';

const LEAVES = ['rome', 'milan'] as const;
type Leaf = (typeof LEAVES)[number];
const PEERS: Readonly<Record<Leaf, Leaf>> = { rome: 'milan', milan: 'rome' };

/** Two connected leaves, each with the least rights of a scope, and what a test does with them. */
export class RightsScenario {
  readonly #scope: LeafScope;
  readonly #without = new Map<Leaf, LeafGrant['without']>();
  #scenario: Scenario | undefined;
  #mtu = 1300;

  constructor(scope: LeafScope) {
    this.#scope = scope;
  }

  get scenario(): Scenario {
    if (this.#scenario === undefined) throw new Error('not started');
    return this.#scenario;
  }

  grantOn(leaf: Leaf): LeafGrant {
    const without = this.#without.get(leaf);
    return { scope: this.#scope, peers: [PEERS[leaf]], ...(without && { without }) };
  }

  /** Starts all but the service, with each leaf's rights granted. */
  async prepare(): Promise<void> {
    this.#scenario = await startScenario({ leaves: [...LEAVES], service: false });
    for (const leaf of LEAVES) await grantRights(this.scenario.leaf(leaf), this.grantOn(leaf));
  }

  /** Takes from milan what the filter names, or gives all back. */
  async take(without?: LeafGrant['without']): Promise<void> {
    this.#without.set('milan', without);
    await changeRights(this.scenario.leaf('milan'), this.grantOn('milan'));
  }

  /** Asks for another MTU, which shows whether a wish is carried out. */
  async wish(): Promise<void> {
    this.#mtu += 1;
    await this.scenario.commit({
      'shortcuts/a.yaml': shortcutFile('rome-milan', {
        clusters: ['rome', 'milan'],
        server: 'milan',
        gateway: { mtu: this.#mtu },
      }),
    });
  }

  /** Waits until the shortcut says LeafForbidden of the present wish, in these words among others; answers with its phase. */
  async forbidden(...words: readonly string[]): Promise<string> {
    return eventually(`it says LeafForbidden: ${words.join(' … ')}`, async () => {
      const told = await this.scenario.shortcut('rome-milan');
      const ready = told?.conditions.find(({ type }) => type === 'Ready');
      const isSeen = (told?.spec as Spec | undefined)?.gateway?.mtu === this.#mtu;
      const isTold =
        ready?.reason === 'LeafForbidden' && words.every((word) => ready.message.includes(word));
      return told !== undefined && isSeen && isTold
        ? { done: told.phase }
        : { seen: [told?.spec, told?.conditions] };
    });
  }

  async untilCarriedOut(): Promise<void> {
    for (const [leaf, kind, address] of [
      ['milan', GATEWAY_SERVER, 'liqo-tenant-rome/rome'],
      ['rome', GATEWAY_CLIENT, 'liqo-tenant-milan/milan'],
    ] as const) {
      await untilTrue('the wish is carried out', async () => {
        const found = await findObject(this.scenario.leaf(leaf), kind, address);
        return found !== undefined && specOf(found)['mtu'] === this.#mtu;
      });
    }
    await this.scenario.ready('rome-milan');
  }

  /** Waits until the LeafCluster of milan names these rights as missing, and none but them. */
  async untilMissing(wanted: readonly string[]): Promise<void> {
    await eventually(`milan lacks [${wanted.join(', ')}]`, async () => {
      const leaf = await findObject(this.scenario.main(), LEAF_CLUSTER, 'liqo-shortcuts/milan');
      const { permissionsMissing: missing = [] } = (leaf?.['status'] ?? {}) as MissingStatus;
      return JSON.stringify(missing) === JSON.stringify(wanted)
        ? { done: undefined }
        : { seen: missing };
    });
  }

  /** Waits until milan was asked again for what is missing. */
  async untilAskedAgain(): Promise<void> {
    const reviews = (): number =>
      this.scenario.world.requests()['milan']?.byRequest[
        'create selfsubjectaccessreviews liqo-shortcuts'
      ] ?? 0;
    const before = reviews();
    await untilTrue('asked again', () => Promise.resolve(reviews() > before));
  }

  /** Everything that lies on either leaf. */
  async holdings(): Promise<readonly (readonly string[])[]> {
    return Promise.all(LEAVES.map((leaf) => objectsOn(this.scenario.leaf(leaf))));
  }

  /** Writes on both leaves since the last reset. */
  writes(): number {
    const requests = this.scenario.world.requests();
    return LEAVES.reduce((sum, leaf) => sum + (requests[leaf]?.writes ?? 0), 0);
  }
}

interface MissingStatus {
  readonly permissionsMissing?: readonly string[];
}

interface Spec {
  readonly gateway?: { readonly mtu?: number };
}

function purposeOf({ verb, resource }: GrantedRight): string | undefined {
  return LEAF_RULES.find(
    ({ kinds, verbs }) =>
      verbs.some((one) => one === verb) && kinds.some(({ plural }) => plural === resource),
  )?.purpose;
}

/** Of some rights one for each kind and for each verb: what a quick run takes away, so that none of them is left out. */
export function oneOfEach(rights: readonly GrantedRight[]): readonly GrantedRight[] {
  const seen = new Set<string>();
  return rights.filter(({ verb, resource }) => {
    const isNew = !seen.has(verb) || !seen.has(resource);
    seen.add(verb).add(resource);
    return isNew;
  });
}

/**
 * Declares, for each right, a test that takes it away from one of two connected leaves while the service runs, and gives
 * it back.
 */
export function describeRightsTakenAway(scope: LeafScope, rights: readonly GrantedRight[]): void {
  describe(`a right that is taken away and given back, in the scope ${scope}`, function () {
    this.timeout(120_000);
    const leaves = new RightsScenario(scope);

    before(async () => {
      await leaves.prepare();
      await leaves.scenario.startService({ resync: '1s' });
      await leaves.wish();
      await leaves.untilCarriedOut();
    });
    after(() => leaves.scenario.stop());

    for (const right of rights) {
      const text = textOf(right);
      it(text, async () => {
        await leaves.take((other) => textOf(other) === text);
        await leaves.untilMissing([text]);
        leaves.scenario.world.resetRequests();
        await leaves.wish();

        if (purposeOf(right) !== 'tidy') {
          const phase = await leaves.forbidden('leaf "milan"', right.verb, right.resource);
          expect(phase).to.equal(purposeOf(right) === 'see' ? 'Unknown' : 'Stalled');
          await leaves.untilAskedAgain();
          expect(leaves.writes()).to.equal(0);
        }

        await leaves.take();
        await leaves.untilMissing([]);
        await leaves.untilCarriedOut();
      });
    }
  });
}
