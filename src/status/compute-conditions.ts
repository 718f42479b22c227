import type { Condition, ConditionStatus, ConditionType, Reason } from '../model/condition.ts';
import type { Blocked, Plan } from '../model/plan.ts';
import type { Shortcut } from '../model/shortcut.ts';
import type { SideConnection } from './side-connection.ts';

/** An action that was refused or did not get through. */
export interface Failure {
  readonly reason: Reason;
  readonly message: string;
  /** True: only a new input can help. */
  readonly terminal: boolean;
}

export interface ConditionInput {
  readonly shortcut: Shortcut;
  readonly plan: Plan;
  readonly connections: readonly [SideConnection, SideConnection];
  readonly failure?: Failure;
  /** RFC 3339; used for transitions only. */
  readonly now: string;
}

interface Verdict {
  readonly status: ConditionStatus;
  readonly reason: Reason;
  readonly message: string;
}

type Verdicts = Readonly<Partial<Record<ConditionType, Verdict>>>;

const ORDER: readonly ConditionType[] = [
  'Ready',
  'Reconciling',
  'Stalled',
  'Accepted',
  'Applied',
  'Connected',
];

/** Blocks that are about the wish itself rather than about the state of a leaf. */
const REFUSALS: ReadonlySet<Reason> = new Set<Reason>([
  'InvalidSpec',
  'DuplicatePair',
  'ForeignConnection',
  'OwnershipConflict',
  'ClusterIDMismatch',
]);

/** Blocks after which nothing is known of the other end. */
const UNSEEN: ReadonlySet<Reason> = new Set<Reason>([
  'LeafUnreachable',
  'LeafForbidden',
  'LeafUnknown',
  'LiqoMissing',
  'CredentialInvalid',
  'Progressing',
  'InternalError',
]);

/** Behind the address of one leaf lies another cluster: the leaf is out of sight. Two leaves with one ID are a wrong wish. */
function isUnseen({ reason, stalled }: Blocked): boolean {
  return !stalled && (UNSEEN.has(reason) || reason === 'ClusterIDMismatch');
}

/** Blocks of writes alone: what is in place can be seen, and stays. */
const HOLDS: ReadonlySet<Reason> = new Set<Reason>(['Suspended', 'LeafForbidden']);

/** A message in a condition is cut at this length. */
const MAX_MESSAGE = 400;

/**
 * All conditions of a Shortcut (DESIGN section 5), kstatus-compatible: `Ready` always, `Reconciling` and `Stalled` only
 * while true. `lastTransitionTime` moves only with the status, so an unchanged world gives equal conditions.
 */
export function computeConditions(input: ConditionInput): readonly Condition[] {
  const verdicts = judge(input);
  const previous = (input.shortcut.status?.conditions ?? []) as readonly Condition[];
  const generation = input.shortcut.metadata.generation;
  return ORDER.flatMap((type) => {
    const verdict = verdicts[type];
    if (verdict === undefined) return [];
    const before = previous.find((condition) => condition.type === type);
    return {
      type,
      status: verdict.status,
      reason: verdict.reason,
      message: cut(verdict.message),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime: before?.status === verdict.status ? before.lastTransitionTime : input.now,
    };
  });
}

function judge(input: ConditionInput): Verdicts {
  const accepted = judgeAccepted(input.plan);
  const applied = judgeApplied(input);
  const connected = judgeConnected(input);
  const ready = judgeReady(input, { accepted, applied, connected });
  return {
    Accepted: accepted,
    Applied: applied,
    Connected: connected,
    Ready: ready,
    ...judgeWork(input, ready),
  };
}

function judgeAccepted({ blocked }: Plan): Verdict {
  const refusal = blocked.find((one) => REFUSALS.has(one.reason) && !isUnseen(one));
  if (refusal !== undefined) return { status: 'False', ...textOf(refusal) };
  return {
    status: 'True',
    reason: 'Progressing',
    message: 'the wish is valid and may be carried out',
  };
}

function judgeApplied({ plan, failure }: ConditionInput): Verdict {
  // Holding writes back takes nothing away of what is there.
  const blocked = plan.blocked.find(({ reason }) => !HOLDS.has(reason) || !plan.applied);
  if (blocked !== undefined) {
    return { status: isUnseen(blocked) ? 'Unknown' : 'False', ...textOf(blocked) };
  }
  if (failure !== undefined) return { status: 'False', ...textOf(failure) };
  if (plan.applied) {
    return {
      status: 'True',
      reason: 'Connected',
      message: 'all objects of the Shortcut are in place on both sides',
    };
  }
  const [wait] = plan.waits;
  if (wait !== undefined) return { status: 'False', ...textOf(wait) };
  return { status: 'False', reason: 'Progressing', message: 'objects are being written' };
}

function judgeConnected({ shortcut, connections }: ConditionInput): Verdict {
  const unseen = connections.find(({ status }) => status === 'Unknown');
  if (unseen !== undefined) {
    return { status: 'Unknown', reason: unseen.reason, message: unseen.message };
  }
  const down = connections.find(({ status }) => status !== 'Connected');
  if (down !== undefined) {
    const reason: Reason = wasConnected(shortcut) ? 'ConnectionLost' : 'Connecting';
    return { status: 'False', reason, message: down.message };
  }
  return { status: 'True', reason: 'Connected', message: 'both sides report a live connection' };
}

function judgeReady(
  { shortcut, plan, failure }: ConditionInput,
  parts: { readonly accepted: Verdict; readonly applied: Verdict; readonly connected: Verdict },
): Verdict {
  const { accepted, applied, connected } = parts;
  if (shortcut.metadata.deletionTimestamp !== undefined) return judgeDeletion(plan, failure);
  if (accepted.status !== 'True') return accepted;
  if (shortcut.spec.suspend === true) {
    const weaker = connected.status === 'True' ? applied : connected;
    return { status: weaker.status, reason: 'Suspended', message: `suspended; ${weaker.message}` };
  }
  if (applied.status !== 'True') return applied;
  // A connection that works and cannot be looked after any more is not as it should be.
  const [held] = plan.blocked;
  if (held !== undefined) return { status: 'False', ...textOf(held) };
  // A tunnel that runs leads nowhere while Liqo has not said under which addresses (NETWORK.md 3.1).
  const cidrs = plan.waits.find(({ reason }) => reason === 'CIDRPending');
  if (cidrs !== undefined) return { status: 'False', ...textOf(cidrs) };
  if (connected.status !== 'True') return connected;
  return { ...connected, message: [connected.message, ...(plan.notes ?? [])].join('; ') };
}

function judgeDeletion({ blocked, waits }: Plan, failure: Failure | undefined): Verdict {
  const [reason] = [...blocked, ...(failure === undefined ? [] : [failure]), ...waits];
  if (reason !== undefined) return { status: 'False', ...textOf(reason) };
  return { status: 'False', reason: 'Draining', message: 'the connection is being removed' };
}

/** kstatus: `Stalled` when only a person can help, else `Reconciling` until Ready is settled. */
function judgeWork({ shortcut, plan, failure }: ConditionInput, ready: Verdict): Verdicts {
  const stalled = plan.blocked.find((blocked) => blocked.stalled) ?? terminal(failure);
  if (stalled !== undefined) return { Stalled: { status: 'True', ...textOf(stalled) } };
  const isHeld = shortcut.spec.suspend === true;
  if (ready.status === 'True' || isHeld) return {};
  return { Reconciling: { status: 'True', reason: 'Progressing', message: ready.message } };
}

function terminal(failure: Failure | undefined): Failure | undefined {
  return failure?.terminal === true ? failure : undefined;
}

/** True once both sides were up: from then on a missing connection is a loss, not a beginning. */
function wasConnected({ status }: Shortcut): boolean {
  const before = status?.conditions?.find(({ type }) => type === 'Connected');
  if (before === undefined) return false;
  return (
    before.status === 'True' ||
    before.reason === 'ConnectionLost' ||
    before.reason === 'ConnectionStale'
  );
}

function textOf({
  reason,
  message,
}: Pick<Blocked, 'reason' | 'message'>): Pick<Verdict, 'reason' | 'message'> {
  return { reason, message };
}

function cut(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE - 1)}…`;
}

/** Words for the `phase` column and the dashboard, derived from the conditions alone. */
export const PHASES = [
  'Ready',
  'Progressing',
  'Degraded',
  'Down',
  'Unknown',
  'Stalled',
  'Deleting',
  'Suspended',
] as const;
export type Phase = (typeof PHASES)[number];

/** One word for humans. Degraded: one side is up and the other is not; Down: a connection that was up is lost. */
export function computePhase(
  shortcut: Shortcut,
  conditions: readonly Condition[],
  connections: readonly SideConnection[],
): Phase {
  if (shortcut.metadata.deletionTimestamp !== undefined) return 'Deleting';
  if (shortcut.spec.suspend === true) return 'Suspended';
  const byType = new Map(conditions.map((condition) => [condition.type, condition]));
  if (byType.has('Stalled')) return 'Stalled';
  const ready = byType.get('Ready')?.status;
  if (ready === 'True') return 'Ready';
  if (ready === 'Unknown') return 'Unknown';
  if (byType.get('Connected')?.reason !== 'ConnectionLost') return 'Progressing';
  return connections.some(({ status }) => status === 'Connected') ? 'Degraded' : 'Down';
}
