import { supports } from '../liqo/version.ts';
import type { LeafClusterSpec } from '../model/leaf-cluster.ts';
import type { ShortcutSpec } from '../model/shortcut.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { KnownSide } from './observation.ts';
import { serviceTypeOf } from './server-settings.ts';
import type { Stock } from './take-stock.ts';

/** A side that may listen, and what it holds already. */
export interface Candidate {
  readonly side: KnownSide;
  readonly stock: Stock;
}

export interface ServerChoice {
  readonly server: ClusterName;
  /** One sentence. */
  readonly reason: string;
}

/**
 * Which side listens. In this order: what the spec says; what is there already, because a change costs the tunnel;
 * the side that others reach best; the side whose Service is reachable from outside; the side that knows the Service
 * annotations asked for; the alphabet. Candidates come in alphabetical order.
 */
export function chooseServer(
  spec: ShortcutSpec,
  candidates: readonly [Candidate, Candidate],
): ServerChoice {
  const [first, second] = candidates;
  const asked = candidates.find(({ side }) => side.cluster === spec.server);
  if (asked !== undefined) return choose(asked, 'spec.server says so');
  if (first.stock.server !== undefined || second.stock.client !== undefined) {
    return choose(first, 'it does already');
  }
  if (second.stock.server !== undefined || first.stock.client !== undefined) {
    return choose(second, 'it does already');
  }
  for (const { rank, why } of RANKINGS) {
    const [a, b] = [rank(first.side, spec), rank(second.side, spec)];
    if (a !== b) return choose(a > b ? first : second, why);
  }
  return choose(first, 'nothing speaks for either side, and its name comes first');
}

function choose({ side }: Candidate, why: string): ServerChoice {
  return { server: side.cluster, reason: `"${side.cluster}" listens: ${why}.` };
}

type Reachability = NonNullable<NonNullable<LeafClusterSpec['gateway']>['reachability']>;

/** Not declared counts 2: it is more likely to be reachable than a side that says it is not. */
const REACHABILITY: Readonly<Record<Reachability, number>> = { Public: 3, Private: 1, NAT: 0 };

interface Ranking {
  readonly rank: (side: KnownSide, spec: ShortcutSpec) => number;
  readonly why: string;
}

const RANKINGS: readonly Ranking[] = [
  {
    rank: ({ gateway }) =>
      gateway?.reachability === undefined ? 2 : REACHABILITY[gateway.reachability],
    why: 'its LeafCluster declares the better gateway.reachability',
  },
  {
    rank: (side, spec) => (serviceTypeOf(spec, side) === 'ClusterIP' ? 0 : 1),
    why: 'its Service can be reached from outside the cluster',
  },
  {
    rank: ({ liqoVersion }, spec) =>
      spec.gateway?.serviceAnnotations === undefined || supports(liqoVersion, 'serviceAnnotations')
        ? 1
        : 0,
    why: 'its Liqo knows service annotations',
  },
];
