import { type KubeObject, type ObjectRef, uidOf } from '../model/kube-object.ts';
import type { Action, Plan } from '../model/plan.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import { answerAsLeaf } from './answer-as-leaf.ts';
import { carryOut, collect } from './carry-out.ts';
import type { KnownSide, SideObservation } from './observation.ts';
import { type FoundObject, writtenObjects } from './own-objects.ts';
import type { PlanInput } from './plan-input.ts';
import { planShortcut } from './plan-shortcut.ts';

/** Connecting takes five turns, and making everything anew nine; more means that two wishes contradict each other. */
const MAX_TURNS = 20;

/** What becomes of one object on a leaf in the end, whatever lies in between. */
export interface ForeseenObject {
  readonly action: 'create' | 'update' | 're-create' | 'delete';
  readonly cluster: ClusterName;
  readonly ref: ObjectRef;
  readonly reason: string;
  /** As it is; undefined where there is none. */
  readonly before: KubeObject | undefined;
  /** As it will be, but for what only the leaf can choose; undefined where there will be none. */
  readonly after: KubeObject | undefined;
}

/** How the life of one shortcut goes on when nobody and nothing is in the way. */
export interface Foresight {
  /** What would be done now. */
  readonly first: Plan;
  /** What would be left to do in the end: waits for what no leaf gives by itself, and what is blocked. */
  readonly last: Plan;
  /** By cluster, kind, namespace, name. */
  readonly objects: readonly ForeseenObject[];
  /** Both sides in the end. */
  readonly sides: readonly [SideObservation, SideObservation];
}

/**
 * Plays a plan to its end: carries its actions out on what was observed, answers as the leaves would, plans again, until
 * there is nothing left to do. The planner is the one that the service uses, so what it will do is what is told. Pure.
 * `era`: another one for a play that goes on where another has ended, so that what it makes is not taken for what is there.
 */
export function foresee(input: PlanInput, era = 0): Foresight {
  const before = mapSides(input.sides, collect);
  const first = planShortcut(input);
  let plan = first;
  let { sides } = input;
  const reasons = new Map<string, string>();
  for (let turn = 1; turn <= MAX_TURNS; turn += 1) {
    for (const { cluster, ref, reason } of plan.actions) {
      const key = keyOf(cluster, ref);
      // The first one says why; those that follow from it say that something is missing.
      if (!reasons.has(key)) reasons.set(key, reason);
    }
    const next = mapSides(sides, (side) => live(side, plan.actions, era * MAX_TURNS + turn));
    plan = planShortcut({ ...input, sides: next });
    const isAtRest = plan.actions.length === 0 && JSON.stringify(next) === JSON.stringify(sides);
    sides = next;
    if (isAtRest) break;
  }
  return { first, last: plan, objects: compare(before, sides, reasons), sides };
}

/** One turn on a side: what the plan writes there, then what the leaf makes of it. */
function live(side: KnownSide, actions: readonly Action[], turn: number): KnownSide {
  const mine = actions.filter(({ cluster }) => cluster === side.cluster);
  const written = new Set(mine.flatMap((action) => ('uid' in action ? [action.uid ?? ''] : [])));
  const acted = mine.reduce((sofar, action) => carryOut(sofar, action, turn), side);
  return answerAsLeaf(acted, written);
}

function mapSides(
  [first, second]: PlanInput['sides'],
  change: (side: KnownSide) => KnownSide,
): PlanInput['sides'] {
  const changed = (side: SideObservation): SideObservation =>
    side.kind === 'known' ? change(side) : side;
  return [changed(first), changed(second)];
}

function keyOf(cluster: ClusterName, { kind, namespace = '', name }: ObjectRef): string {
  return [cluster, kind.kind, namespace, name].join('\u0000');
}

function compare(
  before: PlanInput['sides'],
  after: PlanInput['sides'],
  reasons: ReadonlyMap<string, string>,
): readonly ForeseenObject[] {
  const [old, made] = [indexOf(before), indexOf(after)];
  return [...new Set([...old.keys(), ...made.keys()])].toSorted().flatMap((key) => {
    const [was, is] = [old.get(key), made.get(key)];
    const found = is ?? was;
    const action = judge(was?.object, is?.object, reasons.has(key));
    if (found === undefined || action === undefined) return [];
    const { cluster, ref } = found;
    const reason = reasons.get(key) ?? 'It goes with its gateway.';
    return [{ action, cluster, ref, reason, before: was?.object, after: is?.object }];
  });
}

function judge(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  isWritten: boolean,
): ForeseenObject['action'] | undefined {
  if (after === undefined) return 'delete';
  if (before === undefined) return 'create';
  if (uidOf(before) !== uidOf(after)) return 're-create';
  return isWritten ? 'update' : undefined;
}

function indexOf(
  sides: PlanInput['sides'],
): ReadonlyMap<string, FoundObject & { readonly cluster: ClusterName }> {
  return new Map(
    sides.flatMap((side) => {
      if (side.kind === 'unknown') return [];
      const { cluster } = side;
      return writtenObjects(side).map((found) => [
        keyOf(cluster, found.ref),
        { ...found, cluster },
      ]);
    }),
  );
}
