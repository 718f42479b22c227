import type { LeafRegistry } from '../leaves/leaf-registry.ts';
import type { MirrorPlan } from '../mirror/mirror-plan.ts';
import type { ReportConnection } from '../model/generated/report.ts';
import { NAMESPACE, SHORTCUT } from '../model/kinds.ts';
import { nameOf, type Shortcut } from '../model/shortcut.ts';
import { type AddressBook, createAddressBook, takenBy } from '../plan/address-book.ts';
import { foresee, type Foresight } from '../plan/foresee.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import { describeConnection } from './describe-connection.ts';
import type { Outlook } from './outlook.ts';

export interface ForeseeClustersOptions {
  /** Of each Shortcut, as it would be after stage one: what was seen of its leaves. */
  readonly inputs: readonly PlanInput[];
  readonly mirrorPlan: MirrorPlan;
  /** Every Shortcut of the main cluster. */
  readonly existing: readonly Shortcut[];
  /** What was read of the leaves. */
  readonly registry: Pick<LeafRegistry, 'get'>;
}

/**
 * What a change of the desired state does to connections, from what was read of the clusters. Asks for nothing more: all
 * is in memory.
 */
export function foreseeClusters(options: ForeseeClustersOptions): Outlook {
  const { inputs, mirrorPlan, existing, registry } = options;
  const changes = new Map(
    mirrorPlan.actions
      .filter(({ ref }) => ref.kind === SHORTCUT)
      .map((action) => [action.resource, action]),
  );
  const addresses = createAddressBook((cluster) =>
    takenBy(registry.get(cluster)?.leaf?.mirror?.list('networks') ?? []),
  );
  const looks = inputs
    .toSorted((a, b) => (nameOf(a.shortcut) < nameOf(b.shortcut) ? -1 : 1))
    .map((input) => ({ input, change: changes.get(`${SHORTCUT.kind}/${nameOf(input.shortcut)}`) }));
  const deleted = looks.filter(({ input, change }) => {
    const { metadata, spec } = input.shortcut;
    const isGoing = metadata.deletionTimestamp !== undefined && change?.action === 'delete';
    return isGoing && spec.deletionPolicy !== 'Orphan';
  });
  return {
    connections: looks.flatMap((look) => lookAhead(look, addresses)),
    existing: existing.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length,
    deleted: deleted.length,
  };
}

interface Look {
  readonly input: PlanInput;
  readonly change: MirrorPlan['actions'][number] | undefined;
}

function lookAhead({ input, change }: Look, addresses: AddressBook): readonly ReportConnection[] {
  const foresight = foresee(input);
  const isEnding = input.shortcut.metadata.deletionTimestamp !== undefined;
  const action = isEnding ? 'delete' : judge(foresight, change?.action);
  if (action === undefined) return [];
  const isChange = change !== undefined && change.action !== 'keep';
  const reason = isChange ? change.reason : reasonOf(foresight, isEnding);
  const server = isEnding ? { cluster: '', reason: '', certain: true } : serverOf(foresight, input);
  return [
    describeConnection({
      ...{ action, reason, input, foresight, server, addresses },
      notes: notesOn(input, foresight),
    }),
  ];
}

/** Undefined: nothing changes, and nothing is in the way. */
function judge(
  { first, objects }: Foresight,
  change: MirrorPlan['actions'][number]['action'] | undefined,
): ReportConnection['action'] | undefined {
  // Another pair of leaves under the same name: the other one goes, and this one comes.
  if (change === 'delete') return 'create';
  if (change === 'create' || change === 'update' || change === 'blocked') return change;
  if (objects.length > 0) return 'update';
  const isHeld = first.blocked.some(({ reason }) => reason !== 'Suspended');
  return isHeld ? 'blocked' : undefined;
}

/** Why a connection changes whose Shortcut does not. */
function reasonOf({ first, objects }: Foresight, isEnding: boolean): string {
  if (isEnding) return 'is being deleted';
  const [object] = objects;
  if (object === undefined) return first.blocked[0]?.message ?? '';
  return `differs on "${object.cluster}"`;
}

function serverOf(
  { first }: Foresight,
  { shortcut, sides }: PlanInput,
): ReportConnection['server'] {
  if (first.server !== undefined) {
    return { cluster: first.server, reason: first.serverReason, certain: true };
  }
  const { server: chosen = 'auto' } = shortcut.spec;
  if (chosen !== 'auto') {
    return { cluster: chosen, reason: `"${chosen}" listens: spec.server says so.`, certain: true };
  }
  const hidden = sides.find(({ kind }) => kind === 'unknown');
  const reason =
    hidden === undefined
      ? 'Decided when nothing is in the way.'
      : `Decided when both leaves can be seen: "${hidden.cluster}" cannot.`;
  return { cluster: '', reason, certain: false };
}

/** Whether Liqo uses a tenant namespace for more is asked when it is the last thing left. */
function notesOn({ sides }: PlanInput, { objects }: Foresight): readonly string[] {
  return objects
    .filter(({ action, ref }) => action === 'delete' && ref.kind.kind === NAMESPACE.kind)
    .filter(({ cluster }) => {
      const side = sides.find((one) => one.cluster === cluster);
      return side?.kind === 'known' && side.otherUseOfTenant === 'unread';
    })
    .map(
      ({ cluster, ref }) =>
        `Namespace ${ref.name} on "${cluster}" goes only where Liqo uses it for nothing else, which is asked at the end.`,
    );
}
