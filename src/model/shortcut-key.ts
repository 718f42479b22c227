/** Name of a LeafCluster object, which is how a cluster is addressed everywhere in our API. */
export type ClusterName = string;

/** Canonical identity of an unordered pair of leaves: `<first>--<second>` in alphabetical order. */
export type ShortcutKey = string;

/**
 * The identity of the pair; equal for (a, b) and (b, a). Unambiguous, because the schema refuses `--` within
 * a cluster name.
 */
export function shortcutKey(clusters: readonly [ClusterName, ClusterName]): ShortcutKey {
  const [a, b] = clusters;
  return a < b ? `${a}--${b}` : `${b}--${a}`;
}
