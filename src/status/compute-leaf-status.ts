import { readOwnCIDRs } from '../liqo/own-cidrs.ts';
import type { Condition, ConditionStatus, LeafConditionType, Reason } from '../model/condition.ts';
import type { LeafClusterStatus } from '../model/leaf-cluster.ts';
import type { KnownSide, SideObservation, UnknownSide } from '../plan/observation.ts';
import {
  type CredentialInput,
  describeCredential,
  explainRefusal,
  judgeCredential,
} from './judge-credential.ts';

export interface LeafStatusInput extends CredentialInput {
  /** The leaf, observed for no peer in particular. */
  readonly side: SideObservation;
  /** Rights that are missing, sorted. */
  readonly permissionsMissing: readonly string[];
  /** Those of them that hold nothing up: without them an empty tenant namespace stays behind. */
  readonly tidyMissing?: readonly string[];
  /** False: only tenant namespaces of peers can be seen. */
  readonly seesEverywhere?: boolean;
  /** How many Shortcuts name the leaf. */
  readonly shortcuts: number;
}

interface Verdict {
  readonly status: ConditionStatus;
  readonly reason: Reason;
  readonly message: string;
}

/**
 * The status of a LeafCluster (DESIGN section 2). What was learnt of a leaf stays when it cannot be seen: its cluster
 * ID must not change unnoticed, and its CIDRs are still the best that is known.
 */
export function computeLeafStatus(input: LeafStatusInput): LeafClusterStatus {
  const { leafCluster, side, permissionsMissing, shortcuts } = input;
  const { generation } = leafCluster.metadata;
  const credential = describeCredential(input.expiry);
  const { clusterID, liqoVersion, cidrs } = { ...leafCluster.status, ...learn(side) };
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: toConditions(judge(input), input),
    ...(clusterID === undefined ? {} : { clusterID }),
    ...(liqoVersion === undefined ? {} : { liqoVersion }),
    ...(cidrs === undefined ? {} : { cidrs }),
    ...(credential === undefined ? {} : { credential }),
    shortcuts,
    permissionsMissing,
  };
}

/** What can be told of the leaf now. */
function learn(
  side: SideObservation,
): Pick<LeafClusterStatus, 'clusterID' | 'liqoVersion' | 'cidrs'> {
  if (side.kind === 'unknown') return {};
  const { clusterID, liqoVersion, ownNetworks } = side;
  const own = readOwnCIDRs(ownNetworks);
  return {
    clusterID,
    ...(liqoVersion === undefined ? {} : { liqoVersion }),
    ...(own.kind === 'known' ? { cidrs: own.cidrs } : {}),
  };
}

/** The conditions that are always there. */
type StandingType = Exclude<LeafConditionType, 'CredentialExpiring'>;
type Verdicts = Readonly<Record<StandingType, Verdict>>;

function judge(input: LeafStatusInput): Verdicts {
  const { side } = input;
  if (side.kind === 'unknown') {
    const explanation = side.reason === 'CredentialInvalid' ? explainRefusal(input) : '';
    return judgeUnknown({ ...side, message: side.message + explanation });
  }
  const Reachable = good('the API server answers and its watches are open');
  const Authorized = judgeRights(side.cluster, input);
  const LiqoReady = judgeLiqo(side);
  const Ready = Authorized.status === 'True' ? LiqoReady : Authorized;
  return { Ready, Reachable, Authorized, LiqoReady };
}

function good(message: string): Verdict {
  return { status: 'True', reason: 'Connected', message };
}

/** So many rights are named in a message; all of them are in the status. */
const MAX_NAMED = 6;

function judgeRights(
  cluster: string,
  { permissionsMissing, tidyMissing = [], seesEverywhere = true }: LeafStatusInput,
): Verdict {
  const needed = permissionsMissing.filter((right) => !tidyMissing.includes(right));
  if (needed.length > 0) {
    const message = `leaf "${cluster}" does not allow to ${nameSome(needed)}: grant the rights as in deploy/leaf-rbac/`;
    return { status: 'False', reason: 'LeafForbidden', message };
  }
  const reach = seesEverywhere
    ? ''
    : ', in tenant namespaces only: what another connection with the same cluster has in other namespaces cannot be seen';
  const rest =
    tidyMissing.length === 0
      ? ''
      : `; without ${nameSome(tidyMissing)} an empty tenant namespace stays behind`;
  return good(`the rights that are needed are granted${reach}${rest}`);
}

function nameSome(rights: readonly string[]): string {
  const more = rights.length - MAX_NAMED;
  const named = rights.slice(0, MAX_NAMED).join(', ');
  return more > 0 ? `${named} and ${more} more (see permissionsMissing)` : named;
}

function judgeLiqo({ cluster, clusterID, ownNetworks }: KnownSide): Verdict {
  const own = readOwnCIDRs(ownNetworks);
  if (own.kind === 'known') return good(`Liqo runs with cluster ID "${clusterID}"`);
  const reason = own.kind === 'invalid' ? 'InvalidSpec' : 'CIDRPending';
  return { status: 'False', reason, message: `leaf "${cluster}": ${own.message}` };
}

/** Which of the three questions each reason answers with no; what lies beyond it cannot be told. */
const STEP: Readonly<Partial<Record<Reason, StandingType>>> = {
  LeafUnreachable: 'Reachable',
  CredentialInvalid: 'Authorized',
  LeafForbidden: 'Authorized',
  LiqoMissing: 'LiqoReady',
  ClusterIDMismatch: 'LiqoReady',
};

const STEPS: readonly StandingType[] = ['Reachable', 'Authorized', 'LiqoReady'];

function judgeUnknown({ reason, message }: UnknownSide): Verdicts {
  const failed = STEPS.indexOf(STEP[reason] ?? 'Ready');
  function verdictOf(step: StandingType): Verdict {
    const index = STEPS.indexOf(step);
    if (index === failed) return { status: 'False', reason, message };
    // A credential that cannot be used says nothing of whether the API server answers.
    const isPassed = index < failed && reason !== 'CredentialInvalid';
    return isPassed ? good('passed') : { status: 'Unknown', reason, message };
  }
  return {
    Ready: { status: failed === -1 ? 'Unknown' : 'False', reason, message },
    Reachable: verdictOf('Reachable'),
    Authorized: verdictOf('Authorized'),
    LiqoReady: verdictOf('LiqoReady'),
  };
}

function toConditions(
  verdicts: Verdicts,
  input: LeafStatusInput,
): readonly Condition<LeafConditionType>[] {
  const previous = input.leafCluster.status?.conditions ?? [];
  const generation = input.leafCluster.metadata.generation;
  const standing = (['Ready', ...STEPS] as const).map((type) => ({ type, ...verdicts[type] }));
  const expiring = judgeCredential(input);
  return [...standing, ...(expiring === undefined ? [] : [expiring])].map((condition) => {
    const before = previous.find(({ type }) => type === condition.type);
    return {
      ...condition,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime:
        before?.status === condition.status ? before.lastTransitionTime : input.now,
    };
  });
}
