import type { ReportConnection } from '../model/generated/report.ts';
import { ANNOTATION_ADOPT } from '../model/names.ts';
import { clustersOf, type Shortcut } from '../model/shortcut.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { Foresight } from '../plan/foresee.ts';

/** Which side of a new connection will listen, as far as Git tells; `first`: what would be planned. */
export function predictServer(
  shortcut: Shortcut,
  { first }: Pick<Foresight, 'first'>,
  leaves: ReadonlyMap<ClusterName, unknown>,
): ReportConnection['server'] {
  const { server: cluster = '', serverReason: reason } = first;
  if (!isAuto(shortcut)) return { cluster, reason, certain: true };
  const open = 'Decided when both leaves can be seen:';
  if (shortcut.metadata.annotations?.[ANNOTATION_ADOPT] === 'true') {
    const why = `${open} a connection that is taken over keeps its roles.`;
    return { cluster: '', reason: why, certain: false };
  }
  const unknown = clustersOf(shortcut).find((name) => !leaves.has(name));
  if (unknown !== undefined) {
    const why = `${open} the LeafCluster "${unknown}" is not in the repository.`;
    return { cluster: '', reason: why, certain: false };
  }
  if (shortcut.spec.gateway?.serviceAnnotations === undefined) {
    return { cluster, reason, certain: true };
  }
  const more =
    'Annotations need Liqo 1.2, so that the versions of the leaves may decide otherwise.';
  return { cluster, reason: `${reason} ${more}`, certain: false };
}

/** The choice of the side that listens is left open. */
export function isAuto({ spec }: Pick<Shortcut, 'spec'>): boolean {
  return spec.server === undefined || spec.server === 'auto';
}
