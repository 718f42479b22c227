import type { Plan } from '../../src/model/plan.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import type { KnownSide } from '../../src/plan/observation.ts';
import { ownObjects, secretToRead } from '../../src/plan/own-objects.ts';
import { type Identity, identityOf } from '../../src/plan/ownership.ts';
import { planShortcut } from '../../src/plan/plan-shortcut.ts';
import { ModelLeaf, type ModelLeafOptions } from './model-leaf.ts';

export const INSTALLATION = 'main';

/** Two model leaves, and the loop that carries plans out on them. */
export class ModelWorld {
  readonly rome: ModelLeaf;
  readonly milan: ModelLeaf;
  readonly plans: Plan[] = [];

  constructor(rome: Partial<ModelLeafOptions> = {}, milan: Partial<ModelLeafOptions> = {}) {
    this.rome = new ModelLeaf({ cluster: 'rome', ...rome });
    this.milan = new ModelLeaf({ cluster: 'milan', ...milan });
  }

  get leaves(): readonly [ModelLeaf, ModelLeaf] {
    return [this.rome, this.milan];
  }

  get writes(): number {
    return this.rome.writes + this.milan.writes;
  }

  identity(shortcut: Shortcut): Identity {
    return identityOf(shortcut, INSTALLATION);
  }

  observe(shortcut: Shortcut): readonly [KnownSide, KnownSide] {
    const look = (leaf: ModelLeaf, peer: ModelLeaf): KnownSide => {
      const side = leaf.observe(peer.cluster);
      const secret = secretToRead(side, this.identity(shortcut));
      return { ...side, keySecret: leaf.readSecret(secret?.ref) };
    };
    return [look(this.rome, this.milan), look(this.milan, this.rome)];
  }

  plan(shortcut: Shortcut): Plan {
    return planShortcut({ shortcut, sides: this.observe(shortcut), installation: INSTALLATION });
  }

  /** One pass: observe, plan, carry out. */
  pass(shortcut: Shortcut): Plan {
    const plan = this.plan(shortcut);
    this.plans.push(plan);
    for (const action of plan.actions) {
      (action.cluster === 'rome' ? this.rome : this.milan).take(action);
    }
    return plan;
  }

  /** Time passes: controllers, gateways and garbage collectors of both leaves catch up. */
  breathe(): void {
    for (const leaf of this.leaves) leaf.collect();
    for (const leaf of this.leaves) leaf.collectSecrets();
    for (const leaf of this.leaves) leaf.settle();
    this.rome.connect(this.milan);
    this.milan.connect(this.rome);
  }

  /** Passes until there is nothing left to do, for a person either, or to wait for; the last plan. Throws when that never comes. */
  run(shortcut: Shortcut, maxPasses = 30): Plan {
    for (let passes = 0; passes < maxPasses; passes += 1) {
      const plan = this.pass(shortcut);
      this.#obey(plan);
      this.breathe();
      if (plan.actions.length === 0 && plan.waits.length === 0) return plan;
    }
    throw new Error(`not quiet: ${JSON.stringify(this.plans.at(-1), undefined, 1)}`);
  }

  /** A person does what is asked of one. */
  #obey({ waits }: Plan): void {
    for (const { cluster } of waits.filter(({ message }) => message.includes('delete this'))) {
      const leaf = cluster === 'rome' ? this.rome : this.milan;
      for (const gateway of leaf.ofKind('GatewayServer', 'GatewayClient')) leaf.remove(gateway);
    }
  }

  /** Everything of ours on both leaves, as text. */
  own(shortcut: Shortcut): readonly string[] {
    return this.observe(shortcut).flatMap((side) =>
      ownObjects(side, this.identity(shortcut)).map(
        ({ ref }) => `${side.cluster} ${ref.kind.kind}/${ref.name}`,
      ),
    );
  }
}
