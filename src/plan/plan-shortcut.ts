import type { KubeObject } from '../model/kube-object.ts';
import type { Action, Blocked, Plan, Wait } from '../model/plan.ts';
import { clustersOf, nameOf } from '../model/shortcut.ts';
import { shortcutKey } from '../model/shortcut-key.ts';
import type { KnownSide, SideObservation } from './observation.ts';
import { planConnection } from './plan-connection.ts';
import { identityOf } from './ownership.ts';
import { planDeletion } from './plan-deletion.ts';
import type { PlanInput } from './plan-input.ts';
import { findSpecProblem } from './server-settings.ts';
import { describeRef, type Step } from './step.ts';
import { findForbidden } from './find-forbidden.ts';

export type { PlanInput } from './plan-input.ts';

/**
 * What to do now for one shortcut, and what the rest waits for. Level-based: made from the whole state each time, so
 * that it can be carried out in part, in any order, or twice. Pure; never throws.
 */
export function planShortcut(input: PlanInput): Plan {
  const plan = planAwake(input);
  if (input.shortcut.spec.suspend !== true) return plan;
  const held = isDeleting(input)
    ? 'The Shortcut is suspended: its deletion is held until spec.suspend is false.'
    : 'The Shortcut is suspended: everything stays as it is until spec.suspend is false.';
  const message = [held, ...plan.actions.slice(0, 1).map(describeHeld)].join(' ');
  const blocked: Blocked = { reason: 'Suspended', message, stalled: false };
  return { ...plan, actions: [], waits: [], blocked: [blocked], finished: false };
}

/** What of a live connection is gone or wrong, however well the tunnel still runs without it. */
function describeHeld({ cluster, ref, reason }: Action): string {
  return `Held: ${describeRef(cluster, ref)}: ${reason}`;
}

function isDeleting({ shortcut }: PlanInput): boolean {
  return shortcut.metadata.deletionTimestamp !== undefined;
}

function planAwake(input: PlanInput): Plan {
  const { duplicateOf } = input;
  if (isDeleting(input)) {
    // Everything with the pair's labels is the older Shortcut's.
    return duplicateOf === undefined ? planEnd(input) : { ...emptyPlan(input), finished: true };
  }
  if (duplicateOf !== undefined) {
    return blockedPlan(input, [
      {
        reason: 'DuplicatePair',
        message: `${nameOf(input.shortcut)} is for the same two leaves as the older ${duplicateOf}.`,
        stalled: true,
      },
    ]);
  }
  const problem = findSpecProblem(input.shortcut.spec);
  if (problem !== undefined) {
    return blockedPlan(input, [{ reason: 'InvalidSpec', message: `${problem}.`, stalled: true }]);
  }
  const [first, second] = sortSides(input);
  return first.kind === 'known' && second.kind === 'known'
    ? planLife(input, [first, second])
    : blockedPlan(input, [first, second].flatMap(blameUnknown));
}

function planLife(input: PlanInput, sides: readonly [KnownSide, KnownSide]): Plan {
  const { shortcut, installation } = input;
  const identity = identityOf(shortcut, installation);
  const {
    choice,
    steps,
    blocked,
    isApplied,
    notes = [],
  } = planConnection(shortcut, identity, sides);
  const plan = {
    ...emptyPlan(input),
    ...(choice !== undefined && { server: choice.server, serverReason: choice.reason }),
    applied: isApplied,
    ...(notes.length > 0 && { notes }),
  };
  const forbidden = blocked.length === 0 ? findForbidden(sides) : [];
  return forbidden.length === 0
    ? { ...plan, ...gather(steps), blocked }
    : { ...plan, blocked: forbidden };
}

function planEnd(input: PlanInput): Plan {
  const { shortcut, installation, deletionHold, leftBehind = new Set<string>() } = input;
  if (deletionHold !== undefined) {
    return blockedPlan(input, [
      { reason: 'DeletionBlocked', message: deletionHold, stalled: true },
    ]);
  }
  const identity = identityOf(shortcut, installation);
  const { steps, blocked } = planDeletion(shortcut, identity, sortSides(input), leftBehind);
  const finished = steps.length === 0 && blocked.length === 0;
  return { ...emptyPlan(input), ...gather(steps), blocked, finished };
}

function emptyPlan({ shortcut }: PlanInput): Plan {
  return {
    key: shortcutKey(clustersOf(shortcut)),
    serverReason: '',
    actions: [],
    waits: [],
    blocked: [],
    finished: false,
    applied: false,
  };
}

function blockedPlan(input: PlanInput, blocked: readonly Blocked[]): Plan {
  return { ...emptyPlan(input), blocked };
}

function blameUnknown(side: SideObservation): readonly Blocked[] {
  if (side.kind === 'known') return [];
  const { cluster, reason, message } = side;
  return [{ reason, cluster, message, stalled: false }];
}

function gather(steps: readonly Step[]): Pick<Plan, 'actions' | 'waits'> {
  return {
    actions: sortBy(
      steps.flatMap(({ action }): readonly Action[] => (action === undefined ? [] : [action])),
      ({ cluster, ref }) => [cluster, ref.kind.kind, ref.namespace ?? '', ref.name],
    ),
    waits: sortBy(
      steps.flatMap(({ wait }): readonly Wait[] => (wait === undefined ? [] : [wait])),
      ({ cluster, message }) => [cluster, message],
    ),
  };
}

/** Sides by name, and what they hold by namespace and name: the order of the input must not matter. */
function sortSides({ sides }: PlanInput): readonly [SideObservation, SideObservation] {
  const [a, b] = sides;
  return a.cluster < b.cluster
    ? [sortHoldings(a), sortHoldings(b)]
    : [sortHoldings(b), sortHoldings(a)];
}

function sortHoldings(side: SideObservation): SideObservation {
  if (side.kind === 'unknown') return side;
  return {
    ...side,
    tenantNamespaces: sortObjects(side.tenantNamespaces),
    configurations: sortObjects(side.configurations),
    gatewayServers: sortObjects(side.gatewayServers),
    gatewayClients: sortObjects(side.gatewayClients),
    publicKeys: sortObjects(side.publicKeys),
    connections: sortObjects(side.connections),
    wgGateways: sortObjects(side.wgGateways),
    networks: sortObjects(side.networks),
    strangers: sortObjects(side.strangers),
  };
}

function sortObjects(objects: readonly KubeObject[]): readonly KubeObject[] {
  return sortBy(objects, ({ kind, metadata }) => [kind, metadata.namespace ?? '', metadata.name]);
}

function sortBy<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): readonly T[] {
  if (items.length < 2) return items;
  return items
    .map((item) => ({ item, keys: keysOf(item).join('\u0000') }))
    .toSorted((a, b) => (a.keys < b.keys ? -1 : 1))
    .map(({ item }) => item);
}
