import { LEAF_CLUSTER, SHORTCUT } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { ANNOTATION_FILE, ANNOTATION_PRUNE } from '../model/names.ts';
import type { HeldDeletion } from '../model/source-snapshot.ts';
import { type DeletionGuard, refusal } from './deletion-guard.ts';
import {
  byResource,
  clustersOf,
  isShortcut,
  type MirrorAction,
  type MirrorPlan,
  refTo,
  resourceOf,
} from './mirror-plan.ts';

export interface PlanPruneInput {
  /** What carries our source label. */
  readonly ours: readonly KubeObject[];
  /** Of these, what the revision does not hold, or holds as another connection. */
  readonly surplus: readonly KubeObject[];
  /** Names (`Kind/namespace/name`) of the latter: they are made again. */
  readonly moved: ReadonlySet<string>;
  /** Every Shortcut that exists or is wished for, whoever made it. */
  readonly shortcuts: readonly KubeObject[];
  /** Every file of the revision could be read. */
  readonly complete: boolean;
  readonly guard: DeletionGuard;
  readonly commit: string;
}

type Hold = Pick<HeldDeletion, 'reason' | 'message'>;

/** Which of the surplus goes, and what holds back the rest. */
export function planPrune(input: PlanPruneInput): MirrorPlan {
  const users = usersByLeaf(input.shortcuts);
  const due = input.surplus.filter((object) => !isDeleting(object));
  const free = due.filter((object) => holdOf(object, input, users) === undefined);
  const refused = refuse(input, free);

  function verdict(object: KubeObject): Hold | undefined {
    const hold = holdOf(object, input, users);
    if (hold !== undefined || refused === undefined) return hold;
    return { reason: 'deletion-guard', message: refused };
  }

  return {
    actions: input.surplus
      .map((object) => toAction(object, verdict(object), input.moved))
      .sort(byResource),
    held: due.flatMap((object) => toHeld(object, verdict(object))).sort(byResource),
    guards:
      refused === undefined
        ? []
        : [{ code: 'deletion-guard', message: refused, held: free.map(resourceOf).sort() }],
  };
}

function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** By leaf, the first Shortcut that names it. */
function usersByLeaf(shortcuts: readonly KubeObject[]): ReadonlyMap<string, string> {
  const pairs = shortcuts.flatMap((shortcut) =>
    clustersOf(shortcut).map((leaf) => [leaf, resourceOf(shortcut)] as const),
  );
  return new Map(pairs.sort(([, a], [, b]) => (a > b ? -1 : 1)));
}

function holdOf(
  object: KubeObject,
  { complete }: PlanPruneInput,
  users: ReadonlyMap<string, string>,
): Hold | undefined {
  if (object.metadata.annotations?.[ANNOTATION_PRUNE] === 'disabled') {
    return { reason: 'prune-disabled', message: `kept by its annotation ${ANNOTATION_PRUNE}` };
  }
  if (!complete) {
    return {
      reason: 'invalid-files',
      message: 'nothing is deleted while a file is invalid or unreadable',
    };
  }
  const user = isShortcut(object) ? undefined : users.get(object.metadata.name);
  return user === undefined ? undefined : { reason: 'in-use', message: `${user} still names it` };
}

function refuse({ guard, ours, commit }: PlanPruneInput, free: readonly KubeObject[]) {
  const tolls = [SHORTCUT, LEAF_CLUSTER].map(({ kind }) => ({
    kind,
    deletions: free.filter((object) => object.kind === kind).length,
    population: ours.filter((object) => object.kind === kind).length,
  }));
  return refusal(guard, tolls, commit);
}

function toAction(
  object: KubeObject,
  hold: Hold | undefined,
  moved: ReadonlySet<string>,
): MirrorAction {
  const { annotations, uid = '' } = object.metadata;
  const subject = {
    ref: refTo(object),
    resource: resourceOf(object),
    clusters: clustersOf(object),
    file: annotations?.[ANNOTATION_FILE] ?? '',
  };
  if (isDeleting(object)) return { ...subject, action: 'keep', reason: 'is being deleted' };
  if (hold === undefined) {
    const reason = moved.has(subject.resource)
      ? 'names other leaves now: the old connection goes first, then it is made again'
      : 'is not in the repository any more';
    return { ...subject, action: 'delete', uid, reason };
  }
  const action = hold.reason === 'deletion-guard' ? 'blocked' : 'keep';
  return { ...subject, action, reason: hold.message };
}

function toHeld(object: KubeObject, hold: Hold | undefined): readonly HeldDeletion[] {
  return hold === undefined ? [] : [{ resource: resourceOf(object), ...hold }];
}
