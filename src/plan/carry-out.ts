import { gatewayUIDOf } from '../liqo/connection.ts';
import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER } from '../liqo/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { uidOf } from '../model/kube-object.ts';
import type { Action } from '../model/plan.ts';
import type { KnownSide } from './observation.ts';

/** The lists of a side that hold what we write, by kind. */
const LISTS = {
  Namespace: 'tenantNamespaces',
  Configuration: 'configurations',
  GatewayServer: 'gatewayServers',
  GatewayClient: 'gatewayClients',
  PublicKey: 'publicKeys',
} as const;

type List = (typeof LISTS)[keyof typeof LISTS];
/** What owns something else on a leaf, as far as a side shows it. */
const OWNER_KINDS: readonly string[] = [GATEWAY_SERVER, GATEWAY_CLIENT, CONFIGURATION].map(
  ({ kind }) => kind,
);

type Fields = Readonly<Record<string, unknown>>;

/** UIDs of objects that are foreseen only. They begin like no real one. */
const FORESEEN = 'foreseen:';

/** True for an object that a foresight made. */
export function isForeseen(object: KubeObject): boolean {
  return uidOf(object).startsWith(FORESEEN);
}

/**
 * A side as it is once an action was carried out on it, and what Kubernetes takes away with it is gone. Pure: what an
 * API server would do, as far as the planner can tell the difference. `turn` makes the UIDs of new objects unique.
 */
export function carryOut(side: KnownSide, action: Action, turn: number): KnownSide {
  const { kind, namespace = '', name } = action.ref;
  const list = LISTS[kind.kind as keyof typeof LISTS] as List | undefined;
  if (list === undefined) return side;
  const isTarget = ({ metadata }: KubeObject): boolean =>
    metadata.name === name && (metadata.namespace ?? '') === namespace;
  switch (action.kind) {
    case 'delete':
      return collect({ ...side, [list]: side[list].filter((object) => !isTarget(object)) });
    case 'patch': {
      const patched = (object: KubeObject): KubeObject =>
        isTarget(object) ? (mergePatch(object, action.body) as KubeObject) : object;
      return { ...side, [list]: side[list].map(patched) };
    }
    case 'apply': {
      if (action.create) {
        const uid = `${FORESEEN}${turn}/${kind.kind}/${namespace}/${name}`;
        const { metadata } = action.object;
        const made = { ...action.object, metadata: { ...metadata, uid, generation: 1 } };
        return { ...side, [list]: [...side[list], made] };
      }
      const applied = (object: KubeObject): KubeObject =>
        isTarget(object) ? applyOn(object, action.object) : object;
      return { ...side, [list]: side[list].map(applied) };
    }
  }
}

/** What we own of the object is as wanted; the rest stays. */
function applyOn(current: KubeObject, wanted: KubeObject): KubeObject {
  const { labels, annotations, ownerReferences } = wanted.metadata;
  return {
    ...current,
    ...('spec' in wanted && { spec: wanted['spec'] }),
    metadata: {
      ...current.metadata,
      generation: (current.metadata.generation ?? 0) + 1,
      labels: { ...current.metadata.labels, ...labels },
      annotations: { ...current.metadata.annotations, ...annotations },
      ...(ownerReferences !== undefined && { ownerReferences }),
    },
  };
}

/**
 * A side from which everything has gone that is on its way out, and what belonged to it: what is being deleted, and what
 * owners have left that are gone.
 */
export function collect(side: KnownSide): KnownSide {
  const stays = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp === undefined;
  const tenantNamespaces = side.tenantNamespaces.filter(stays);
  const isLost = new Set(
    side.tenantNamespaces.filter((tenant) => !stays(tenant)).map(({ metadata }) => metadata.name),
  );
  const { configurations, gatewayServers, gatewayClients, strangers } = side;
  const owners = new Set(
    [...configurations, ...gatewayServers, ...gatewayClients, ...strangers]
      .filter((object) => stays(object) && !isLost.has(object.metadata.namespace ?? ''))
      .map(uidOf),
  );
  const remaining = (objects: readonly KubeObject[]): readonly KubeObject[] =>
    objects.filter(
      (object) =>
        stays(object) &&
        !isLost.has(object.metadata.namespace ?? '') &&
        (ownersOf(object).length === 0 || ownersOf(object).some((uid) => owners.has(uid))),
    );
  return {
    ...side,
    tenantNamespaces,
    configurations: remaining(configurations),
    gatewayServers: remaining(gatewayServers),
    gatewayClients: remaining(gatewayClients),
    publicKeys: remaining(side.publicKeys),
    wgGateways: remaining(side.wgGateways),
    networks: remaining(side.networks),
    connections: remaining(side.connections),
  };
}

/** A Connection names the gateway that it speaks of; what else has owners says so itself. */
function ownersOf(object: KubeObject): readonly string[] {
  const gateway = gatewayUIDOf(object);
  if (gateway !== undefined) return [gateway];
  return (object.metadata.ownerReferences ?? [])
    .filter(({ kind }) => OWNER_KINDS.includes(kind))
    .map(({ uid }) => uid);
}

/** RFC 7386. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Record<string, unknown> = isFields(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
