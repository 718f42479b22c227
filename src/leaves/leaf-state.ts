import { reasonOf, toOperatorError } from '../errors/classify.ts';
import type { Reason } from '../model/condition.ts';
import type { Right } from '../model/right.ts';
import { describeRights } from '../liqo/describe-rights.ts';

/** Known: the leaf says who it is, and can be seen. Unknown: nothing may be concluded about it. */
export type LeafState = { readonly kind: 'known'; readonly clusterID: string } | UnknownLeaf;

export interface UnknownLeaf {
  readonly kind: 'unknown';
  readonly reason: Reason;
  readonly message: string;
  /** Where they are why: the rights that the leaf does not give. */
  readonly missingRights?: readonly Right[];
}

/** Nothing is known, and most likely it will be in a moment. */
export function passing(leaf: string, what: string): UnknownLeaf {
  return { kind: 'unknown', reason: 'Progressing', message: `leaf "${leaf}" is being ${what}` };
}

/** The state that an error stands for. */
export function unknown(leaf: string, error: unknown): UnknownLeaf {
  const known = toOperatorError(error);
  const reason = reasonOf(known);
  // One text whichever of the calls it was that got no answer, or conditions would change with every try.
  const silence = `leaf "${leaf}" does not answer: check that its API server runs and can be reached from here`;
  const message = reason === 'LeafUnreachable' ? silence : known.message;
  return { kind: 'unknown', reason, message };
}

/** The state of a leaf, or of one of its pairs, that cannot be seen for want of these rights. */
export function forbidden(leaf: string, missing: readonly Right[]): UnknownLeaf {
  const message = describeRights(leaf, missing);
  return { kind: 'unknown', reason: 'LeafForbidden', message, missingRights: missing };
}
