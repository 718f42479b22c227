import { SECRET } from '../../../../src/model/kinds.ts';
import { type KubeObject, refOf, type ResourceKind } from '../../../../src/model/kube-object.ts';
import { listAt, textAt } from '../../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../../src/sandbox/liqo/kinds.ts';
import { eventually, find, tenant, type TestLeaf } from '../leaf-pair.ts';

const signal = new AbortController().signal;

/** What the probes ask of one peer's objects on a leaf. */
export interface LeafView {
  get(kind: ResourceKind, name?: string): Promise<KubeObject | undefined>;
  /** JSON merge patch of an object that is there. */
  change(kind: ResourceKind, body: object, name?: string): Promise<KubeObject>;
  remove(kind: ResourceKind, name?: string): Promise<void>;
  /** The object once the condition holds. */
  until(
    kind: ResourceKind,
    what: string,
    holds: (object: KubeObject) => boolean,
    name?: string,
  ): Promise<KubeObject>;
  untilGone(kind: ResourceKind, name?: string): Promise<void>;
  /** `Kind/name` of everything in the tenant namespace, Pods by their kind only. */
  names(): Promise<readonly string[]>;
  /** `[type, status, reason]` of the ForeignCluster's networking conditions, in their order. */
  conditions(): Promise<readonly (readonly unknown[])[]>;
}

const NAMED_GW = new Set(['Connection', 'Secret', 'Deployment', 'Service']);
const TENANT_KINDS = [...Object.values(kinds).filter(({ namespaced }) => namespaced), SECRET];

export function viewOf(leaf: TestLeaf, peer: string): LeafView {
  const placeOf = (kind: ResourceKind, name?: string) => ({
    namespace: kind.namespaced ? tenant(peer) : '',
    name: name ?? (NAMED_GW.has(kind.kind) ? `gw-${peer}` : peer),
  });

  async function get(kind: ResourceKind, name?: string): Promise<KubeObject | undefined> {
    const place = placeOf(kind, name);
    if (kind.namespaced) return find(leaf, kind, place.namespace, place.name);
    const { items } = await leaf.client.list(kind, { signal });
    return items.find((object) => object.metadata.name === place.name);
  }

  function refFor(kind: ResourceKind, name?: string) {
    const metadata = placeOf(kind, name);
    return refOf(kind, { apiVersion: kind.apiVersion, kind: kind.kind, metadata });
  }

  return {
    get,
    change: (kind, body, name) => leaf.client.patch(refFor(kind, name), body, { signal }),
    remove: (kind, name) => leaf.client.delete(refFor(kind, name), { signal }),
    until: (kind, what, holds, name) =>
      eventually(`${what} of ${kind.kind} on ${leaf.id}`, async () => {
        const object = await get(kind, name);
        return object !== undefined && holds(object) && object;
      }),
    async untilGone(kind, name) {
      await eventually(
        `${kind.kind} gone from ${leaf.id}`,
        async () => (await get(kind, name)) === undefined,
      );
    },
    async names() {
      const lists = await Promise.all(
        TENANT_KINDS.map((kind) => leaf.client.list(kind, { namespace: tenant(peer), signal })),
      );
      return lists
        .flatMap(({ items }) => items)
        .map(({ kind, metadata }) => (kind === 'Pod' ? kind : `${kind}/${metadata.name}`))
        .sort();
    },
    async conditions() {
      const cluster = await get(kinds.FOREIGN_CLUSTER);
      return listAt(cluster, 'status.modules.networking.conditions').map((condition) =>
        ['type', 'status', 'reason'].map((field) => textAt(condition, field)),
      );
    },
  };
}
