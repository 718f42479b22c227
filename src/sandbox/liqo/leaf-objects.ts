import { isDeepStrictEqual } from 'node:util';
import { AlreadyExistsError, InvariantError, NotFoundError } from '../../errors/errors.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { SECRET } from '../../model/kinds.ts';
import { type KubeObject, refOf, type ResourceKind } from '../../model/kube-object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { hasLabels } from './fields.ts';
import * as kinds from './kinds.ts';
import { createWatchedKind, type ObjectChange, type WatchedKind } from './watched-kind.ts';

/** What the simulated controllers keep in view. */
const WATCHED_KINDS: readonly ResourceKind[] = [
  kinds.CONFIGURATION,
  kinds.NETWORK,
  kinds.GATEWAY_SERVER,
  kinds.GATEWAY_CLIENT,
  kinds.WG_GATEWAY_SERVER,
  kinds.WG_GATEWAY_CLIENT,
  kinds.WG_SERVER_TEMPLATE,
  kinds.WG_CLIENT_TEMPLATE,
  kinds.PUBLIC_KEY,
  kinds.CONNECTION,
  kinds.INTERNAL_FABRIC,
  kinds.INTERNAL_NODE,
  kinds.GENEVE_TUNNEL,
  kinds.ROUTE_CONFIGURATION,
  kinds.FIREWALL_CONFIGURATION,
  kinds.FOREIGN_CLUSTER,
  kinds.DEPLOYMENT,
  kinds.POD,
  kinds.SERVICE,
  kinds.SERVICE_ACCOUNT,
  kinds.CLUSTER_ROLE_BINDING,
  kinds.NODE,
  SECRET,
];

interface ObjectFilter {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * One leaf's objects as its controllers see them: reads come from watched caches (and may lag a little, as a real
 * controller's do), writes go to the API server and are remembered at once. Writes throw what the client throws.
 */
export interface LeafObjects {
  get(kind: ResourceKind, namespace: string, name: string): KubeObject | undefined;
  list(kind: ResourceKind, filter?: ObjectFilter): readonly KubeObject[];
  /** Creates unless an object of this name is there; returns what is there. */
  ensure(kind: ResourceKind, object: KubeObject): Promise<KubeObject>;
  /** Creates, or patches the spec of what is there to be this one exactly; returns what is there then. */
  enforce(kind: ResourceKind, object: KubeObject): Promise<KubeObject>;
  /** JSON merge patch. */
  patch(kind: ResourceKind, object: KubeObject, body: object): Promise<KubeObject>;
  patchStatus(kind: ResourceKind, object: KubeObject, status: object): Promise<KubeObject>;
  /** Deletes this very object (by UID); one that is gone is fine. */
  remove(kind: ResourceKind, object: KubeObject): Promise<void>;
}

export interface LeafObjectsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether what is written is refused at admission, as when a webhook does not answer. */
  readonly isRefused: (kind: ResourceKind) => boolean;
  readonly onChange: (kind: ResourceKind, change: ObjectChange) => void;
}

/** Lists everything, then returns the objects and the promise that ends when the signal is aborted. */
export async function watchLeafObjects({
  client,
  clock,
  signal,
  isRefused,
  onChange,
}: LeafObjectsOptions): Promise<{
  readonly objects: LeafObjects;
  readonly following: Promise<unknown>;
}> {
  const watched = new Map<string, WatchedKind>();
  for (const kind of WATCHED_KINDS) {
    const report = (change: ObjectChange) => onChange(kind, change);
    watched.set(kind.kind, createWatchedKind({ kind, client, clock, signal, onChange: report }));
  }
  const objects = leafObjects({ client, signal, isRefused }, watched);
  const all = [...watched.values()];
  await Promise.all(all.map((kind) => kind.sync()));
  return { objects, following: Promise.all(all.map((kind) => kind.follow())) };
}

function leafObjects(
  { client, signal, isRefused }: Pick<LeafObjectsOptions, 'client' | 'signal' | 'isRefused'>,
  watched: ReadonlyMap<string, WatchedKind>,
): LeafObjects {
  const cacheOf = (kind: ResourceKind): ReadonlyMap<string, KubeObject> =>
    watched.get(kind.kind)?.objects ?? new Map<string, KubeObject>();

  function remember(kind: ResourceKind, object: KubeObject): KubeObject {
    watched.get(kind.kind)?.remember(object);
    return object;
  }

  function admit(kind: ResourceKind): void {
    if (isRefused(kind)) throw new InvariantError('failed calling webhook');
  }

  async function ensure(kind: ResourceKind, object: KubeObject): Promise<KubeObject> {
    const { namespace = '', name } = object.metadata;
    const known = cacheOf(kind).get(`${namespace}/${name}`);
    if (known !== undefined) return known;
    admit(kind);
    try {
      return remember(kind, await client.create(kind, object, { signal }));
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
      return remember(kind, await client.get(refOf(kind, object), { signal }));
    }
  }

  async function patch(kind: ResourceKind, object: KubeObject, body: object): Promise<KubeObject> {
    admit(kind);
    return remember(kind, await client.patch(refOf(kind, object), body, { signal }));
  }

  return {
    get: (kind, namespace, name) => cacheOf(kind).get(`${namespace}/${name}`),
    list(kind, { namespace, labels = {} } = {}) {
      return [...cacheOf(kind).values()].filter(
        (object) =>
          (namespace === undefined || object.metadata.namespace === namespace) &&
          hasLabels(object, labels),
      );
    },
    ensure,
    async enforce(kind, object) {
      const known = await ensure(kind, object);
      const { spec } = object;
      return isDeepStrictEqual(known['spec'], spec) ? known : patch(kind, known, { spec });
    },
    patch,
    async patchStatus(kind, object, status) {
      const body = { status };
      const ref = refOf(kind, object);
      return remember(kind, await client.patch(ref, body, { signal, subresource: 'status' }));
    },
    async remove(kind, object) {
      const { uid } = object.metadata;
      try {
        const options = uid === undefined ? { signal } : { signal, uid };
        await client.delete(refOf(kind, object), options);
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
    },
  };
}
