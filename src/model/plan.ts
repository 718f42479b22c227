import type { Reason } from './condition.ts';
import type { KubeObject, ObjectRef } from './kube-object.ts';
import type { ClusterName, ShortcutKey } from './shortcut-key.ts';

/**
 * One idempotent change of one object on one leaf. All actions of a plan may be carried out at the same time.
 *
 * - `apply`: server-side apply of `object`. `create: true` says that the planner saw no such object: not forced,
 *   so that an object of somebody else is never taken over. Otherwise forced, with `uid` as a precondition.
 * - `patch`: merge patch of `body` on an object of ours (`uid` is the precondition): takes away fields that somebody
 *   added, or touches an object so that Liqo looks at it again.
 * - `delete`: delete with `uid` as precondition.
 */
export type Action =
  | {
      readonly kind: 'apply';
      readonly cluster: ClusterName;
      readonly ref: ObjectRef;
      readonly object: KubeObject;
      readonly create: boolean;
      readonly uid?: string;
      /** One sentence, deterministic. */
      readonly reason: string;
      /** True when it puts back what somebody else changed. */
      readonly drift: boolean;
    }
  | {
      readonly kind: 'patch';
      readonly cluster: ClusterName;
      readonly ref: ObjectRef;
      readonly body: Readonly<Record<string, unknown>>;
      readonly uid: string;
      readonly reason: string;
      readonly drift: boolean;
    }
  | {
      readonly kind: 'delete';
      readonly cluster: ClusterName;
      readonly ref: ObjectRef;
      readonly uid: string;
      /** A leaf may forbid this one: then leave the object and go on (tenant namespaces only). */
      readonly optional: boolean;
      readonly reason: string;
    };

/** Something on a leaf that has to happen before the next action can be planned. */
export interface Wait {
  readonly cluster: ClusterName;
  readonly reason: Reason;
  /** One sentence naming object and field. */
  readonly message: string;
  /** True where no watch tells of it: it has to be looked at again. */
  readonly isUnwatched?: boolean;
}

/** Why nothing may be done for a shortcut (or for one side of it), until a person or a leaf changes something. */
export interface Blocked {
  readonly reason: Reason;
  readonly message: string;
  /** Set when one side is to blame. */
  readonly cluster?: ClusterName;
  /** True: only a person or a new spec can help (condition `Stalled`). False: it may heal by itself. */
  readonly stalled: boolean;
}

/** What to do now for one shortcut: pure data, sorted by cluster, kind, namespace, name. */
export interface Plan {
  readonly key: ShortcutKey;
  /** The side that listens, once it is known, and why it was chosen. */
  readonly server?: ClusterName;
  readonly serverReason: string;
  /** What a user has to know although it holds nothing up. */
  readonly notes?: readonly string[];
  readonly actions: readonly Action[];
  readonly waits: readonly Wait[];
  readonly blocked: readonly Blocked[];
  /** Deletion only: nothing of ours is left, so the finalizer may go. */
  readonly finished: boolean;
  /** All our objects are in place on both sides, as far as they can be seen. */
  readonly applied: boolean;
}

/** What became of an action. */
export type ActionResult =
  | { readonly kind: 'done'; readonly object?: KubeObject }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: Error };
