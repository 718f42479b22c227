import type { Shortcut } from '../model/shortcut.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { SideConnection } from '../status/side-connection.ts';

/** What the service would do with a connection once its Shortcut is committed. */
export type Takeover =
  /** It takes it over and writes nothing but its own labels and annotations. */
  | { readonly kind: 'as-is' }
  /** It takes it over and changes something in place; the gateways and their keys stay. */
  | { readonly kind: 'with-changes'; readonly changes: readonly string[] }
  /** There is nothing to take over: a ForeignClusterConnection wishes for it, and the service would make it. */
  | { readonly kind: 'new' }
  /** Nobody can tell: a leaf cannot be seen. A Shortcut is written only where a ForeignClusterConnection wishes for it. */
  | { readonly kind: 'unseen'; readonly why: string }
  /** It would not, or would cut the tunnel. No Shortcut is written. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It has it already. No Shortcut is written. */
  | { readonly kind: 'ours'; readonly why: string };

/** A connection between two clusters that somebody made or wishes for. */
export interface FoundConnection {
  /** In alphabetical order. Names of leaves; a cluster ID where no leaf stands for it. */
  readonly clusters: readonly [ClusterName, ClusterName];
  /** `leaves`, and `ForeignClusterConnection <namespace>/<name>` for each. */
  readonly foundIn: readonly string[];
  /** In the order of `clusters`: what each side says of the tunnel. */
  readonly health: readonly [SideConnection['status'], SideConnection['status']];
  readonly takeover: Takeover;
  /** Sentences for whoever reviews it; also comments in its file. */
  readonly notes: readonly string[];
  /** As it is to be committed; undefined where nothing is written. */
  readonly shortcut?: Pick<Shortcut, 'apiVersion' | 'kind' | 'metadata' | 'spec'>;
}
