import { parseVersion } from '../liqo/version.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { uidOf } from '../model/kube-object.ts';
import type { Action } from '../model/plan.ts';
import type { Shortcut } from '../model/shortcut.ts';
import { compareObject } from '../plan/compare.ts';
import type { KnownSide } from '../plan/observation.ts';
import { identityOf, withOwnership, type Identity } from '../plan/ownership.ts';
import { planShortcut } from '../plan/plan-shortcut.ts';
import { describeRef } from '../plan/step.ts';
import type { Takeover } from './found-connection.ts';

/** Whichever name the installation has: nothing of it is on the leaves yet. */
const INSTALLATION = 'import';

/** Liqo keeps what these gave at first, or makes another key: to change them takes another gateway, and cuts the tunnel. */
const LASTING = /^spec\.((server|client)TemplateRef|secretRef|endpoint\.(ports|nodePorts))(\.|$)/;

/**
 * What the service would do with a connection, asked of its own planner: first whether it takes it over, then, as if it
 * had, what is left to do. Nothing of this is carried out.
 */
export function judgeTakeover(
  shortcut: Shortcut,
  sides: readonly [KnownSide, KnownSide],
): Takeover {
  const tooOld = sides.find(isTooOld);
  if (tooOld !== undefined) {
    return refuse(`Liqo on "${tooOld.cluster}" is ${tooOld.liqoVersion}, and 1.0 is the oldest`);
  }
  const before = planShortcut({ shortcut, sides, installation: INSTALLATION });
  const [blocked] = before.blocked;
  if (blocked !== undefined) return refuse(withoutStop(blocked.message));
  const identity = identityOf(shortcut, INSTALLATION);
  const [first, second] = sides;
  const taken = [takenOver(first, identity), takenOver(second, identity)] as const;
  const after = planShortcut({ shortcut, sides: taken, installation: INSTALLATION });
  const [stuck] = after.blocked;
  if (stuck !== undefined) return refuse(withoutStop(stuck.message));
  const effects = after.actions.map((action) => effectOf(action, taken));
  const cut = effects.flatMap(({ cuts }) => cuts)[0];
  if (cut !== undefined) return refuse(cut);
  const changes = [...sides.flatMap(missingOn), ...effects.flatMap((effect) => effect.changes)];
  return changes.length === 0 ? { kind: 'as-is' } : { kind: 'with-changes', changes };
}

function refuse(why: string): Takeover {
  return { kind: 'refused', why };
}

function withoutStop(message: string): string {
  return message.replace(/\.$/, '');
}

function isTooOld({ liqoVersion = '' }: KnownSide): boolean {
  const version = parseVersion(liqoVersion);
  return version !== undefined && version[0] < 1;
}

/** The side as it would be after the labels were written. A tenant namespace stays its owner's. */
function takenOver(side: KnownSide, identity: Identity): KnownSide {
  const own = (objects: readonly KubeObject[]) =>
    objects.map((object) => labelled(object, identity));
  return {
    ...side,
    configurations: own(side.configurations),
    gatewayServers: own(side.gatewayServers),
    gatewayClients: own(side.gatewayClients),
    publicKeys: own(side.publicKeys),
  };
}

function labelled(object: KubeObject, identity: Identity): KubeObject {
  const { labels, annotations } = withOwnership(object, identity).metadata;
  const metadata = {
    ...object.metadata,
    labels: { ...object.metadata.labels, ...labels },
    annotations: { ...object.metadata.annotations, ...annotations },
  };
  return { ...object, metadata };
}

function missingOn(side: KnownSide): readonly string[] {
  const parts = [
    ['Configuration', side.configurations],
    ['gateway', [...side.gatewayServers, ...side.gatewayClients]],
    ['PublicKey', side.publicKeys],
  ] as const;
  return parts
    .filter(([, found]) => found.length === 0)
    .map(([what]) => `"${side.cluster}" has no ${what} for the other: it would be made`);
}

interface Effect {
  readonly changes: readonly string[];
  readonly cuts: readonly string[];
}

function effectOf(action: Action, sides: readonly KnownSide[]): Effect {
  const what = describeRef(action.cluster, action.ref);
  if (action.kind === 'delete') {
    return { changes: [], cuts: [`${what} would be deleted: ${withoutStop(action.reason)}`] };
  }
  if (action.kind === 'apply' && action.create) {
    // What is missing is told as such, also where the planner would first wait for something else.
    return { changes: [], cuts: [] };
  }
  const current = sides.flatMap(heldBy).find((object) => uidOf(object) === action.uid);
  const desired = action.kind === 'apply' ? action.object : undefined;
  const { wrong, surplus } = desiredDifference(current, desired, action);
  const fields = [...wrong, ...surplus].filter((field) => field.startsWith('spec'));
  const lasting = fields.filter((field) => LASTING.test(field));
  if (lasting.length > 0) {
    const cut = `${what} has ${lasting.join(', ')} that a Shortcut cannot ask for without a new gateway`;
    return { changes: [], cuts: [cut] };
  }
  return {
    changes: fields.map(
      (field) => `${what}: ${field} would be ${wrong.includes(field) ? 'set' : 'taken away'}`,
    ),
    cuts: [],
  };
}

function desiredDifference(
  current: KubeObject | undefined,
  desired: KubeObject | undefined,
  action: Action,
): { readonly wrong: readonly string[]; readonly surplus: readonly string[] } {
  if (current !== undefined && desired !== undefined) return compareObject(current, desired);
  const spec = action.kind === 'patch' ? (action.body['spec'] ?? {}) : {};
  return { wrong: [], surplus: Object.keys(spec).map((field) => `spec.${field}`) };
}

function heldBy(side: KnownSide): readonly KubeObject[] {
  return [
    ...side.tenantNamespaces,
    ...side.configurations,
    ...side.gatewayServers,
    ...side.gatewayClients,
    ...side.publicKeys,
  ];
}
