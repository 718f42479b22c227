import { readOwnCIDRs, type OwnCIDRs } from '../liqo/own-cidrs.ts';
import type { Condition, ConditionStatus, LeafConditionType, Reason } from '../model/condition.ts';
import type { LeafCluster, LeafClusterStatus } from '../model/leaf-cluster.ts';
import type { SideObservation, UnknownSide } from '../plan/observation.ts';

export interface LeafStatusInput {
  readonly leafCluster: LeafCluster;
  /** The leaf, observed for no peer in particular. */
  readonly side: SideObservation;
  readonly permissionsMissing: readonly string[];
  /** How many Shortcuts name the leaf. */
  readonly shortcuts: number;
  /** RFC 3339; used for transitions only. */
  readonly now: string;
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
  const { clusterID, liqoVersion, cidrs } = leafCluster.status ?? {};
  const generation = leafCluster.metadata.generation;
  const own: OwnCIDRs | undefined = side.kind === 'known' ? readOwnCIDRs(side.ownNetworks) : undefined;
  const learnt =
    side.kind === 'known'
      ? {
          clusterID: side.clusterID,
          liqoVersion: side.liqoVersion ?? liqoVersion,
          cidrs: own?.kind === 'known' ? own.cidrs : cidrs,
        }
      : { clusterID, liqoVersion, cidrs };
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: toConditions(judge(side, own), input),
    ...(learnt.clusterID === undefined ? {} : { clusterID: learnt.clusterID }),
    ...(learnt.liqoVersion === undefined ? {} : { liqoVersion: learnt.liqoVersion }),
    ...(learnt.cidrs === undefined ? {} : { cidrs: learnt.cidrs }),
    shortcuts,
    permissionsMissing,
  };
}

type Verdicts = Readonly<Record<LeafConditionType, Verdict>>;

function judge(side: SideObservation, own: OwnCIDRs | undefined): Verdicts {
  if (side.kind === 'unknown') return judgeUnknown(side);
  const good = { status: 'True', reason: 'Connected' } as const;
  const Reachable = { ...good, message: 'the API server answers and its watches are open' };
  const Authorized = { ...good, message: 'all reads are allowed' };
  if (own?.kind !== 'known') {
    const message = `leaf "${side.cluster}": ${own?.message ?? ''}`;
    const reason = own?.kind === 'invalid' ? 'InvalidSpec' : 'CIDRPending';
    const LiqoReady: Verdict = { status: 'False', reason, message };
    return { Ready: LiqoReady, Reachable, Authorized, LiqoReady };
  }
  const LiqoReady = { ...good, message: `Liqo runs with cluster ID "${side.clusterID}"` };
  return { Ready: LiqoReady, Reachable, Authorized, LiqoReady };
}

/** Which of the three questions each reason answers with no; what lies beyond it cannot be told. */
const STEP: Readonly<Partial<Record<Reason, LeafConditionType>>> = {
  LeafUnreachable: 'Reachable',
  CredentialInvalid: 'Authorized',
  LeafForbidden: 'Authorized',
  LiqoMissing: 'LiqoReady',
  ClusterIDMismatch: 'LiqoReady',
};

const STEPS: readonly LeafConditionType[] = ['Reachable', 'Authorized', 'LiqoReady'];

function judgeUnknown({ reason, message }: UnknownSide): Verdicts {
  const failed = STEPS.indexOf(STEP[reason] ?? 'Ready');
  function verdictOf(step: LeafConditionType): Verdict {
    const index = STEPS.indexOf(step);
    if (index === failed) return { status: 'False', reason, message };
    const passed: Verdict = { status: 'True', reason: 'Connected', message: 'passed' };
    // A credential that cannot be used says nothing of whether the API server answers.
    const isPassed = index < failed && reason !== 'CredentialInvalid';
    return isPassed ? passed : { status: 'Unknown', reason, message };
  }
  return {
    Ready: { status: failed === -1 ? 'Unknown' : 'False', reason, message },
    Reachable: verdictOf('Reachable'),
    Authorized: verdictOf('Authorized'),
    LiqoReady: verdictOf('LiqoReady'),
  };
}

function toConditions(verdicts: Verdicts, input: LeafStatusInput): readonly Condition<LeafConditionType>[] {
  const previous = input.leafCluster.status?.conditions ?? [];
  const generation = input.leafCluster.metadata.generation;
  return (['Ready', ...STEPS] as const).map((type) => {
    const verdict = verdicts[type];
    const before = previous.find((condition) => condition.type === type);
    return {
      type,
      ...verdict,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime: before?.status === verdict.status ? before.lastTransitionTime : input.now,
    };
  });
}
