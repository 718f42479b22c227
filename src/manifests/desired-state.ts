import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { Problem } from '../model/problem.ts';
import type { Shortcut } from '../model/shortcut.ts';

/**
 * One valid resource: the object with the schema's defaults and its namespace filled in, and without a status;
 * `file` and `line` say where it stands.
 */
export type DesiredResource = (
  | { readonly kind: 'Shortcut'; readonly object: Shortcut }
  | { readonly kind: 'LeafCluster'; readonly object: LeafCluster }
) & { readonly file: string; readonly line: number };

/** Everything that one revision wishes for. */
export interface DesiredState {
  /** By kind, namespace, name. */
  readonly resources: readonly DesiredResource[];
  /** By file, line, column, code. */
  readonly problems: readonly Problem[];
  /** Number of YAML files looked at. */
  readonly files: number;
  /** No problem is an error: only then may something be deleted because it is not in `resources`. */
  readonly complete: boolean;
}
