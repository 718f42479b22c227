import { isDeepStrictEqual } from 'node:util';
import type { DesiredResource, DesiredState } from '../manifests/desired-state.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { ANNOTATION_ADOPT, ANNOTATION_FILE, LABEL_SOURCE } from '../model/names.ts';
import { commitOf, type Revision } from '../model/revision.ts';
import type { DeletionGuard } from './deletion-guard.ts';
import {
  byResource,
  clustersOf,
  type GuardRefusal,
  isShortcut,
  type MirrorAction,
  type MirrorPlan,
  refTo,
  resourceOf,
} from './mirror-plan.ts';
import { differences, mirroredObject } from './mirrored-object.ts';
import { planPrune } from './plan-prune.ts';
import { tellRenamed } from './tell-renamed.ts';

export interface PlanMirrorInput {
  readonly desired: DesiredState;
  /**
   * All Shortcuts and LeafClusters of the main cluster, in any namespace. Undefined while it could not be read: then
   * nothing may be concluded, and every action is `unknown`.
   */
  readonly actual: readonly KubeObject[] | undefined;
  /** Name of the source, a valid label value. */
  readonly source: string;
  readonly revision: Revision;
  readonly guard: DeletionGuard;
}

/**
 * Compares a revision with the main cluster. Only what carries our source label is changed or deleted, and nothing
 * is deleted
 * - while a file is invalid or unreadable: it might be the one that holds the resource;
 * - when it is annotated `shortcuts.liqo.io/prune: disabled`;
 * - when it is a LeafCluster that a Shortcut still names: its credential is needed to disconnect;
 * - when the deletion guard finds that there are too many at once.
 * A Shortcut that names other leaves than before is deleted in the same way, and made again once it is gone.
 */
export function planMirror(input: PlanMirrorInput): MirrorPlan {
  const { desired, actual, source } = input;
  const existing = new Map((actual ?? []).map((object) => [resourceOf(object), object]));
  const ours = [...existing.values()].filter((object) => sourceOf(object) === source);
  const wishes = new Map(desired.resources.map(({ object }) => [resourceOf(object), object]));
  const moved = new Set(
    ours
      .filter((object) => isMoved(object, wishes.get(resourceOf(object))))
      .map((object) => resourceOf(object)),
  );
  const wanted = desired.resources
    .filter(({ object }) => !moved.has(resourceOf(object)))
    .map((resource) =>
      actual === undefined
        ? act(resource, { action: 'unknown', reason: 'the main cluster was not looked at' })
        : act(resource, judge(input, resource, existing.get(resourceOf(resource.object)))),
    )
    .sort(byResource);

  const kept = new Set(wanted.map(({ resource }) => resource));
  const prune = planPrune({
    ours,
    moved,
    surplus: ours.filter((object) => !kept.has(resourceOf(object))),
    shortcuts: [...existing.values(), ...wishes.values()].filter(isShortcut),
    complete: desired.complete,
    guard: input.guard,
    commit: commitOf(input.revision),
  });
  return {
    actions: tellRenamed([...wanted, ...prune.actions].sort(byResource)),
    held: prune.held,
    guards: [...refusals(wanted), ...prune.guards],
  };
}

/**
 * True for a Shortcut whose manifest names other leaves now. It is another connection under the same name: the old
 * one has to go first, which the finalizer sees to; a later pass makes the new one.
 */
function isMoved(object: KubeObject, wish: KubeObject | undefined): boolean {
  const isComparable = wish !== undefined && isShortcut(object) && clustersOf(object).length === 2;
  return isComparable && !isDeepStrictEqual(clustersOf(object), clustersOf(wish));
}

type Verdict =
  | { readonly action: 'create' | 'update'; readonly reason: string; readonly object: KubeObject }
  | { readonly action: 'keep' | 'blocked' | 'unknown'; readonly reason: string };

function act({ object, file }: DesiredResource, verdict: Verdict): MirrorAction {
  const subject = {
    ref: refTo(object),
    resource: resourceOf(object),
    clusters: clustersOf(object),
  };
  return { ...subject, file, ...verdict };
}

function sourceOf(object: KubeObject): string | undefined {
  return object.metadata.labels?.[LABEL_SOURCE];
}

/** What to do about a resource of the revision, given the object of its name. */
function judge(
  { source, revision }: PlanMirrorInput,
  resource: DesiredResource,
  existing: KubeObject | undefined,
): Verdict {
  const object = mirroredObject(resource, { source, revision });
  if (existing === undefined) return { action: 'create', object, reason: 'is new' };
  const { deletionTimestamp, annotations } = existing.metadata;
  if (deletionTimestamp !== undefined) {
    return { action: 'keep', reason: 'is being deleted; made again once it is gone' };
  }
  const owner = sourceOf(existing);
  if (owner !== undefined && owner !== source) {
    return { action: 'blocked', reason: `belongs to the source "${owner}"` };
  }
  if (owner === undefined && annotations?.[ANNOTATION_ADOPT] !== 'true') {
    const remedy = `annotate it with ${ANNOTATION_ADOPT}: "true" to hand it over to the repository`;
    return { action: 'blocked', reason: `was made by hand: ${remedy}` };
  }
  return compare(object, existing);
}

/** What to do about an object that is ours. */
function compare(object: KubeObject, existing: KubeObject): Verdict {
  const parts = differences(object, existing);
  if (parts.length === 0) {
    const [now, then] = [object, existing].map(({ metadata }) => {
      return metadata.annotations?.[ANNOTATION_FILE];
    });
    return {
      action: 'keep',
      reason: now === then ? 'is up to date' : 'is the same in another file',
    };
  }
  const { uid } = existing.metadata;
  return {
    action: 'update',
    object: { ...object, metadata: { ...object.metadata, ...(uid === undefined ? {} : { uid }) } },
    reason: `differs in ${parts.join(', ')}`,
  };
}

function refusals(wanted: readonly MirrorAction[]): readonly GuardRefusal[] {
  return wanted
    .filter(({ action }) => action === 'blocked')
    .map(({ resource, reason }) => ({
      code: 'ownership',
      message: `${resource} ${reason}`,
      held: [resource],
    }));
}
