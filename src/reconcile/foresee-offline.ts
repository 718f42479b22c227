import { isDeepStrictEqual } from 'node:util';

import { readOwnCIDRs } from '../liqo/own-cidrs.ts';
import type { TakenPrefix } from '../liqo/predict-remap.ts';
import type { DesiredState } from '../manifests/desired-state.ts';
import type { MirrorAction, MirrorPlan } from '../mirror/mirror-plan.ts';
import type { ReportConnection } from '../model/generated/report.ts';
import { SHORTCUT } from '../model/kinds.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import { clustersOf, nameOf, type Shortcut } from '../model/shortcut.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import { type AddressBook, createAddressBook, takenBy } from '../plan/address-book.ts';
import { type DeclaredSide, declaredSide } from '../plan/declared-side.ts';
import { foresee, type Foresight } from '../plan/foresee.ts';
import type { KnownSide, SideObservation } from '../plan/observation.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import { describeConnection } from './describe-connection.ts';
import type { Outlook } from './outlook.ts';
import { isAuto, predictServer } from './predict-server.ts';

/** Whose objects they are makes no difference to a plan that nobody carries out. */
const INSTALLATION = 'offline';

/** What Liqo's chart takes for itself unless it is told otherwise, and no LeafCluster declares (NETWORK.md 2.4). */
const INTERNAL: TakenPrefix = { cidr: '10.80.0.0/16', what: "Liqo's default internal CIDR" };

type LeavesByName = ReadonlyMap<ClusterName, LeafCluster>;

interface Offline {
  readonly before: LeavesByName;
  readonly after: LeavesByName;
  readonly addresses: AddressBook;
}

/**
 * What a change of the desired state does to connections, from what Git says alone: as if each leaf held what the former
 * state asks for, and nothing else. Pure.
 */
export function foreseeOffline(
  before: DesiredState,
  desired: DesiredState,
  plan: MirrorPlan,
): Outlook {
  const shortcuts = { before: shortcutsOf(before), after: shortcutsOf(desired) };
  const leaves = { before: leavesOf(before), after: leavesOf(desired) };
  const addresses = createAddressBook((cluster) => declaredPrefixes(leaves.after.get(cluster)));
  const offline: Offline = { ...leaves, addresses };
  const actions = plan.actions.filter(({ ref }) => ref.kind === SHORTCUT);
  const wishes = actions.map((action) => ({
    action,
    former: shortcuts.before.get(action.resource),
    wish: shortcuts.after.get(action.resource),
  }));
  // Connections that stay hold their addresses already.
  for (const { former, wish } of wishes) {
    if (former !== undefined && wish !== undefined) occupy(offline, wish);
  }
  const connections = wishes.flatMap((wish) => outlookOf(offline, wish));
  const deleted = wishes.filter(
    ({ action, former }) => action.action === 'delete' && former?.spec.deletionPolicy !== 'Orphan',
  );
  return { connections, existing: shortcuts.before.size, deleted: deleted.length };
}

interface Wish {
  readonly action: MirrorAction;
  readonly former: Shortcut | undefined;
  readonly wish: Shortcut | undefined;
}

function outlookOf(offline: Offline, { action, former, wish }: Wish): readonly ReportConnection[] {
  const { reason } = action;
  const made = (): readonly ReportConnection[] =>
    wish === undefined ? [] : [created(offline, wish, reason)];
  if (former === undefined) return made();
  switch (action.action) {
    case 'delete':
      // Another pair of leaves under the same name: the one goes, then the other comes.
      return [deleted(offline, former, reason), ...made()];
    case 'blocked':
      return [held(offline, former, reason)];
    case 'create':
    case 'update':
    case 'keep':
    case 'unknown':
      return wish === undefined ? [] : changes(offline, { action, former, wish });
  }
}

interface Change {
  readonly action: MirrorAction;
  readonly former: Shortcut;
  readonly wish: Shortcut;
}

function changes(offline: Offline, change: Change): readonly ReportConnection[] {
  const isUpdate = change.action.action === 'update';
  if (!isUpdate && isSameFor(offline, change)) return [];
  const changed = updated(offline, change);
  return isUpdate || changed.objects.length > 0 ? [changed] : [];
}

/** What decides about a connection is the same as before: there is nothing to be played. */
function isSameFor({ before, after }: Offline, { former, wish }: Change): boolean {
  return (
    isDeepStrictEqual(former.spec, wish.spec) &&
    clustersOf(wish).every((name) =>
      isDeepStrictEqual(before.get(name)?.spec, after.get(name)?.spec),
    )
  );
}

function created({ after, addresses }: Offline, wish: Shortcut, reason: string): ReportConnection {
  const { input, assumed, isDeclared } = declare(wish, after);
  const foresight = foresee(input);
  const server = predictServer(wish, foresight, after);
  const book = isDeclared ? addresses : undefined;
  return describeConnection({
    ...{ action: 'create', reason, input, foresight, server, addresses: book, notes: assumed },
  });
}

function updated(
  { before, after, addresses }: Offline,
  { action, former, wish }: Change,
): ReportConnection {
  const reason = action.action === 'update' ? action.reason : 'a leaf is declared otherwise';
  const was = settle(former, before);
  const { input, assumed, isDeclared } = declare(wish, after);
  const [first, second] = input.sides;
  const sides = [onto(was.sides, first), onto(was.sides, second)] as const;
  const present = { ...input, sides };
  const isChosen = wish.spec.server !== undefined && wish.spec.server !== 'auto';
  const foresight = foresee(present, LATER);
  const cluster = foresight.first.server ?? '';
  const server = isChosen
    ? { cluster, reason: foresight.first.serverReason, certain: true }
    : { cluster, reason: `${was.first.serverReason} ${KEEPS_ROLES}`, certain: false };
  const note = isChosen && isAuto(former) ? [rolesOf(was)] : [];
  return describeConnection({
    ...{ action: 'update', reason, input: present, foresight, server },
    ...{ addresses: isDeclared ? addresses : undefined, notes: [...note, ...assumed] },
  });
}

/** The era after that of the connection as it runs. */
const LATER = 1;
const KEEPS_ROLES = 'What listens already goes on, which only the leaves tell.';
const NOBODY = { cluster: '', reason: '', certain: true };

function rolesOf({ first }: Foresight): string {
  return `"${first.server ?? ''}" is taken to listen until now: only the leaves can tell.`;
}

function deleted({ before }: Offline, former: Shortcut, reason: string): ReportConnection {
  const { sides } = settle(former, before);
  const { input, assumed } = declare(former, before);
  const deletionTimestamp = '1970-01-01T00:00:00Z';
  const shortcut = { ...former, metadata: { ...former.metadata, deletionTimestamp } };
  const present = { ...input, shortcut, sides };
  return describeConnection({
    ...{
      action: 'delete',
      reason,
      input: present,
      foresight: foresee(present, LATER),
      server: NOBODY,
    },
    ...{ addresses: undefined, notes: assumed.filter((note) => !note.includes('spec.cidrs')) },
  });
}

/** Something holds it back: everything stays. */
function held({ before }: Offline, former: Shortcut, reason: string): ReportConnection {
  const { input } = declare(former, before);
  const foresight = foresee({ ...input, deletionHold: reason });
  return describeConnection({
    ...{ action: 'blocked', reason, input, foresight: { ...foresight, objects: [] } },
    ...{ server: NOBODY, addresses: undefined, notes: [] },
  });
}

/** The connection as it runs. One that is suspended is what it was before that. */
function settle(shortcut: Shortcut, leaves: LeavesByName): Foresight {
  const awake = { ...shortcut, spec: { ...shortcut.spec, suspend: false } };
  return foresee(declare(awake, leaves).input);
}

/** What lies on the leaves, as the leaves are declared now. */
function onto(sides: readonly SideObservation[], declared: SideObservation): SideObservation {
  const held = sides.find(({ cluster }) => cluster === declared.cluster);
  if (held?.kind !== 'known' || declared.kind !== 'known') return declared;
  const { gateway, clusterID, liqoNamespace, ownNetworks } = declared;
  return { ...held, gateway, clusterID, liqoNamespace, ownNetworks } satisfies KnownSide;
}

function declare(
  shortcut: Shortcut,
  leaves: LeavesByName,
): { input: PlanInput; assumed: readonly string[]; isDeclared: boolean } {
  const [first, second] = clustersOf(shortcut).map((name) => declaredSide(name, leaves.get(name)));
  const declared = [first, second] as readonly [DeclaredSide, DeclaredSide];
  return {
    input: {
      shortcut,
      sides: [declared[0].side, declared[1].side],
      installation: INSTALLATION,
    },
    assumed: declared.flatMap(({ assumed }) => assumed),
    isDeclared: declared.every(({ hasCidrs }) => hasCidrs),
  };
}

/** Asks the book for what a connection that stays has been given. */
function occupy({ after, addresses }: Offline, shortcut: Shortcut): void {
  const { input, isDeclared } = declare(shortcut, after);
  const [first, second] = input.sides;
  if (!isDeclared || first.kind !== 'known' || second.kind !== 'known') return;
  for (const [viewer, peer] of [
    [first, second],
    [second, first],
  ] as const) {
    const own = readOwnCIDRs(peer.ownNetworks);
    if (own.kind === 'known') addresses.predict(viewer, peer.cluster, own.cidrs);
  }
}

function declaredPrefixes(leaf: LeafCluster | undefined): readonly TakenPrefix[] {
  if (leaf === undefined) return [];
  const { side, hasCidrs } = declaredSide(leaf.metadata.name, leaf);
  return hasCidrs ? [...takenBy(side.ownNetworks), INTERNAL] : [];
}

function shortcutsOf({ resources }: DesiredState): ReadonlyMap<string, Shortcut> {
  return new Map(
    resources.flatMap(({ kind, object }) =>
      kind === 'Shortcut' ? [[`${SHORTCUT.kind}/${nameOf(object)}`, object] as const] : [],
    ),
  );
}

function leavesOf({ resources }: DesiredState): LeavesByName {
  return new Map(
    resources.flatMap(({ kind, object }) =>
      kind === 'LeafCluster' ? [[object.metadata.name, object] as const] : [],
    ),
  );
}
