import { LEAF_CLUSTER, SHORTCUT } from '../model/kinds.ts';
import { formatRef, type KubeObject, type ObjectRef, refOf } from '../model/kube-object.ts';
import type { HeldDeletion } from '../model/source-snapshot.ts';

/** What a plan says about one resource of the main cluster: which one, and why. */
export interface Subject {
  readonly ref: ObjectRef;
  /** `Kind/namespace/name`. */
  readonly resource: string;
  /** Names of the leaves that it is about, in alphabetical order. */
  readonly clusters: readonly string[];
  /** The file that asks for it, or once did. */
  readonly file: string;
  /** One sentence, deterministic. */
  readonly reason: string;
}

/**
 * What is to happen to one resource of the main cluster.
 *
 * - `create`, `update`: server-side apply of `object`. An update carries the UID and is forced; a creation is neither,
 *   so that an object that turned up meanwhile is not taken over.
 * - `delete`: with the UID as precondition.
 * - `keep`: nothing. `blocked`: nothing, until a person decides. `unknown`: nothing, the main cluster was not seen.
 */
export type MirrorAction = Subject &
  (
    | { readonly action: 'create' | 'update'; readonly object: KubeObject }
    | { readonly action: 'delete'; readonly uid: string }
    | { readonly action: 'keep' | 'blocked' | 'unknown' }
  );

/** Something that a guard refuses until a person decides (exit code 3). */
export interface GuardRefusal {
  readonly code: 'deletion-guard' | 'ownership' | 'unverified-commit';
  readonly message: string;
  /** The resources concerned. */
  readonly held: readonly string[];
}

/** What to do so that the main cluster holds what a revision says: pure data, each list sorted by resource. */
export interface MirrorPlan {
  readonly actions: readonly MirrorAction[];
  readonly held: readonly HeldDeletion[];
  readonly guards: readonly GuardRefusal[];
}

/** True for a Shortcut; what else is mirrored is a LeafCluster. */
export function isShortcut(object: KubeObject): boolean {
  return object.kind === SHORTCUT.kind;
}

/** The leaves that a mirrored object is about. Tolerates objects that no schema has seen. */
export function clustersOf(object: KubeObject): readonly string[] {
  if (!isShortcut(object)) return [object.metadata.name];
  const { clusters } = (object['spec'] ?? {}) as { readonly clusters?: readonly string[] };
  return [...(clusters ?? [])].sort();
}

/** `Kind/namespace/name` of a mirrored object. */
export function resourceOf(object: KubeObject): string {
  return formatRef(refTo(object));
}

/** Address of a mirrored object. */
export function refTo(object: KubeObject): ObjectRef {
  return refOf(isShortcut(object) ? SHORTCUT : LEAF_CLUSTER, object);
}

/** Order of everything that a plan lists. */
export function byResource(
  a: { readonly resource: string },
  b: { readonly resource: string },
): number {
  return a.resource < b.resource ? -1 : 1;
}
