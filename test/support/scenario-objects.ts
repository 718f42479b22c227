import { expect } from 'chai';

import { NotFoundError } from '../../src/errors/errors.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { LEASE } from '../../src/kube/lease-record.ts';
import {
  CONFIG_MAP,
  CUSTOM_RESOURCE_DEFINITION,
  EVENT,
  LEAF_CLUSTER,
  NAMESPACE,
  SECRET,
  SHORTCUT,
} from '../../src/model/kinds.ts';
import {
  formatRef,
  type KubeObject,
  type ObjectRef,
  refOf,
  type ResourceKind,
} from '../../src/model/kube-object.ts';
import { FIELD_MANAGER, LABEL_MANAGED_BY } from '../../src/model/names.ts';
import * as liqoKinds from '../../src/sandbox/liqo/kinds.ts';
import { signal } from './scenario-wait.ts';

/** Every kind that we, Liqo, or Kubernetes for Liqo, write on a leaf. */
const LEAF_KINDS: readonly ResourceKind[] = [
  NAMESPACE,
  SECRET,
  CUSTOM_RESOURCE_DEFINITION,
  ...Object.values(liqoKinds),
];

/** Service accounts that controllers of Kubernetes make for every namespace and for themselves, sooner or later. */
const KUBERNETES_OWN = /^ServiceAccount\/(kube-system\/.*|[^/]+\/default)$/;

/** Everything on a leaf, as `Kind/namespace/name`, sorted. */
export async function objectsOn(client: KubeClient): Promise<readonly string[]> {
  return (await listAll(client, '')).filter((object) => !KUBERNETES_OWN.test(object)).sort();
}

/** Everything on a leaf that carries our label, whatever its kind. */
export async function ownObjectsOn(client: KubeClient): Promise<readonly string[]> {
  return (await listAll(client, `${LABEL_MANAGED_BY}=${FIELD_MANAGER}`)).sort();
}

async function listAll(client: KubeClient, labelSelector: string): Promise<string[]> {
  const found: string[] = [];
  for (const kind of LEAF_KINDS) {
    const { items } = await client.list(kind, { labelSelector, signal });
    found.push(...items.map((item) => formatRef(refOf(kind, item))));
  }
  return found;
}

/** Every object but Secrets, of the kinds that the cluster knows. */
export async function everythingOn(
  client: KubeClient,
  { labelSelector = '' }: { readonly labelSelector?: string } = {},
): Promise<readonly KubeObject[]> {
  const found: KubeObject[] = [];
  for (const kind of [SHORTCUT, LEAF_CLUSTER, EVENT, LEASE, CONFIG_MAP, ...LEAF_KINDS]) {
    if (kind === SECRET) continue;
    try {
      found.push(...(await client.list(kind, { labelSelector, signal })).items);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
  return found;
}

/** The address of an object, from `namespace/name` or `name`. */
export function refAt(kind: ResourceKind, address: string): ObjectRef {
  const slash = address.indexOf('/');
  if (slash === -1) return { kind, name: address };
  return { kind, namespace: address.slice(0, slash), name: address.slice(slash + 1) };
}

/** The object `namespace/name` (or `name`), or undefined where there is none. */
export async function findObject(
  client: KubeClient,
  kind: ResourceKind,
  address: string,
): Promise<KubeObject | undefined> {
  try {
    return await client.get(refAt(kind, address), { signal });
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** The status of an object that must be there. */
export function statusOf(object: KubeObject | undefined): Fields {
  expect(object).to.not.equal(undefined);
  return (object?.['status'] ?? {}) as Fields;
}

/** The spec of an object that must be there. */
export function specOf(object: KubeObject | undefined): Fields {
  expect(object).to.not.equal(undefined);
  return (object?.['spec'] ?? {}) as Fields;
}
