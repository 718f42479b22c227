import { createHash } from 'node:crypto';
import { findWgGateway } from '../../src/liqo/endpoint.ts';
import { fieldAt, textAt } from '../../src/liqo/read-field.ts';
import { supports } from '../../src/liqo/version.ts';
import {
  formatRef,
  type KubeObject,
  type ObjectMeta,
  type ObjectRef,
} from '../../src/model/kube-object.ts';
import type { LeafClusterSpec } from '../../src/model/leaf-cluster.ts';
import type { Action } from '../../src/model/plan.ts';
import type { KeySecret, KnownSide } from '../../src/plan/observation.ts';
import { aKnownSide, ownNetworks } from './builders/a-known-side.ts';

export interface ModelLeafOptions {
  readonly cluster: string;
  readonly version?: string;
  readonly pod?: readonly string[];
  readonly gateway?: LeafClusterSpec['gateway'];
  /** A Service that is new, or of another type than before, has another address. Else all have the same. */
  readonly givesNewAddresses?: boolean;
}

type Json = Record<string, unknown>;

const NETWORKING = 'networking.liqo.io/v1beta1';

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 7386. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch;
  const result: Json = isJson(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** What `previous` set and `next` does not, as a merge patch: server-side apply gives up what one stops applying. */
function givenUp(previous: Json, next: Json): Json {
  const entries = Object.entries(previous).flatMap(([key, value]): [string, unknown][] => {
    if (!(key in next)) return [[key, null]];
    const [before, after] = [value, next[key]];
    return isJson(before) && isJson(after) ? [[key, givenUp(before, after)]] : [];
  });
  return Object.fromEntries(entries);
}

/** 32 bytes that depend on the text, as base64. */
export function aKey(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/**
 * One leaf as the planner sees it: takes actions as an API server would, and does at once what Liqo's controllers do
 * (`settle`) and what the garbage collector does (`collect`). No clock, no network, no waiting.
 */
export class ModelLeaf {
  readonly cluster: string;
  version: string;
  pod: readonly string[];
  gateway: LeafClusterSpec['gateway'];
  writes = 0;
  readonly objects = new Map<string, KubeObject>();
  readonly secrets = new Map<string, KeySecret & { kind: 'present' }>();
  readonly #applied = new Map<string, Json>();
  readonly #givesNewAddresses: boolean;
  #made = 0;

  constructor({
    cluster,
    version = 'v1.2.0',
    pod = ['10.200.0.0/16'],
    gateway,
    givesNewAddresses = false,
  }: ModelLeafOptions) {
    this.#givesNewAddresses = givesNewAddresses;
    this.cluster = cluster;
    this.version = version;
    this.pod = pod;
    this.gateway = gateway;
  }

  static key({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): string {
    return [kind, metadata.namespace ?? '', metadata.name].join('/');
  }

  /** Objects of these kinds, by name. */
  ofKind(...kinds: readonly string[]): readonly KubeObject[] {
    return [...this.objects.values()].filter(({ kind }) => kinds.includes(kind));
  }

  /** Stores an object as somebody else's client would. */
  put(object: KubeObject): KubeObject {
    const stored = {
      ...object,
      // Kubernetes keeps finalizers of its own in the spec of a Namespace.
      ...(object.kind === 'Namespace' && { spec: { finalizers: ['kubernetes'] } }),
      metadata: {
        uid: `${this.cluster}-${++this.#made}`,
        generation: 1,
        ...object.metadata,
      } satisfies ObjectMeta,
    };
    this.objects.set(ModelLeaf.key(stored), stored);
    return stored;
  }

  /** Changes an object as somebody else would. */
  edit(object: KubeObject, patch: Json): void {
    const before = this.objects.get(ModelLeaf.key(object)) ?? object;
    const after = mergePatch(before, patch) as KubeObject;
    const isSpecChanged = JSON.stringify(before['spec']) !== JSON.stringify(after['spec']);
    const generation = (before.metadata.generation ?? 1) + (isSpecChanged ? 1 : 0);
    this.objects.set(ModelLeaf.key(after), {
      ...after,
      metadata: { ...after.metadata, generation },
    });
  }

  remove(object: Pick<KubeObject, 'kind' | 'metadata'>): void {
    this.objects.delete(ModelLeaf.key(object));
    this.#applied.delete(ModelLeaf.key(object));
    if (object.kind !== 'Namespace') return;
    for (const other of this.objects.values()) {
      if (other.metadata.namespace === object.metadata.name) this.remove(other);
    }
  }

  #find(ref: ObjectRef): KubeObject | undefined {
    return this.objects.get([ref.kind.kind, ref.namespace ?? '', ref.name].join('/'));
  }

  /** Carries an action out. Throws where a real API server would refuse it. */
  take(action: Action): void {
    this.writes += 1;
    const current = this.#find(action.ref);
    if (action.kind === 'apply' && action.create) {
      if (current !== undefined) throw new Error(`conflict: ${formatRef(action.ref)} exists`);
      this.#applied.set(ModelLeaf.key(action.object), action.object);
      this.put(action.object);
      return;
    }
    if (current === undefined || current.metadata.uid !== action.uid) {
      throw new Error(`conflict: ${formatRef(action.ref)} is another one`);
    }
    switch (action.kind) {
      case 'apply': {
        const key = ModelLeaf.key(action.object);
        const next = action.object as unknown as Json;
        const { ownerReferences } = action.object.metadata;
        this.edit(current, givenUp(this.#applied.get(key) ?? {}, next));
        this.edit(current, next);
        if (ownerReferences !== undefined) this.edit(current, { metadata: { ownerReferences } });
        this.#applied.set(key, next);
        return;
      }
      case 'patch':
        this.edit(current, action.body);
        return;
      case 'delete':
        this.remove(current);
    }
  }

  /** What Liqo's controllers make of what is there (NETWORK.md 3.3, 5.1, 6, 7.1), but for Connections. */
  settle(): void {
    for (const configuration of this.ofKind('Configuration')) this.#configure(configuration);
    for (const gateway of this.ofKind('GatewayServer', 'GatewayClient')) this.#deploy(gateway);
  }

  #configure(configuration: KubeObject): void {
    const { name, namespace, generation, uid } = configuration.metadata;
    const hasConditions = supports(this.version, 'remoteChangePropagates');
    const status = fieldAt(configuration, 'status', 'conditions', '0', 'observedGeneration');
    if (hasConditions ? status === generation : configuration['status'] !== undefined) return;
    const network = {
      apiVersion: 'ipam.liqo.io/v1alpha1',
      kind: 'Network',
      metadata: {
        name: `${name}-pod`,
        ...(namespace !== undefined && { namespace }),
        ownerReferences: [
          { apiVersion: NETWORKING, kind: 'Configuration', name, uid: uid ?? '', controller: true },
        ],
      },
    };
    if (this.objects.has(ModelLeaf.key(network))) this.remove(network);
    this.put(network);
    const remote = fieldAt(configuration, 'spec', 'remote');
    const condition = {
      type: 'NetworkCIDRsConfigured',
      status: 'True',
      observedGeneration: generation,
    };
    this.edit(configuration, {
      status: { remote, ...(hasConditions && { conditions: [condition] }) },
      spec: { local: { cidr: { pod: this.pod } } },
    });
    if (!hasConditions) return;
    const current = this.objects.get(ModelLeaf.key(configuration))!;
    this.edit(current, {
      status: { conditions: [{ ...condition, observedGeneration: current.metadata.generation }] },
    });
  }

  #deploy(gateway: KubeObject): void {
    const { name, namespace = '', uid = '' } = gateway.metadata;
    const wgKind = `Wg${gateway.kind}`;
    const key = ModelLeaf.key({ kind: wgKind, metadata: { name, namespace } });
    if (!this.objects.has(key)) {
      // A Secret that is there already is taken without being owned, whoever's it is (NETWORK.md 9.3).
      if (!this.secrets.has(`${namespace}/gw-${name}`)) this.#makeSecret(namespace, name, uid);
      this.put({
        apiVersion: NETWORKING,
        kind: wgKind,
        metadata: {
          name,
          namespace,
          ownerReferences: [
            { apiVersion: NETWORKING, kind: gateway.kind, name, uid, controller: true },
          ],
        },
        status: { secretRef: { name: `gw-${name}`, namespace } },
      });
    }
    const wg = this.objects.get(key)!;
    if (gateway.kind !== 'GatewayServer') return;
    const asked = fieldAt(gateway, 'spec', 'endpoint') as Json;
    const type = asked['serviceType'] as string;
    const isSame = fieldAt(wg, 'spec', 'service', 'spec', 'type') === type;
    const formerPort = isSame ? fieldAt(wg, 'status', 'endpoint', 'port') : undefined;
    const nodePort = asked['nodePort'] ?? formerPort ?? 32005;
    const port = type === 'NodePort' ? nodePort : asked['port'];
    const address = asked['loadBalancerIP'] ?? this.#addressOf(wg, type, uid);
    this.edit(wg, {
      spec: { service: { spec: { type } } },
      status: { endpoint: { addresses: [address], port, protocol: 'UDP' } },
    });
  }

  /** A Service keeps its address while its type stays. */
  #addressOf(wg: KubeObject, type: string, uid: string): unknown {
    if (!this.#givesNewAddresses) return '172.30.0.13';
    const former = fieldAt(wg, 'status', 'endpoint', 'addresses', '0');
    const isSame = fieldAt(wg, 'spec', 'service', 'spec', 'type') === type;
    return isSame ? former : `172.30.${type.length}.${uid.split('-').at(-1)}`;
  }

  #makeSecret(namespace: string, gatewayName: string, uid: string): void {
    this.secrets.set(`${namespace}/gw-${gatewayName}`, {
      kind: 'present',
      name: `gw-${gatewayName}`,
      uid: `secret-of-${uid}`,
      ownerUIDs: [uid],
      publicKey: aKey(uid),
    });
  }

  #uids(): ReadonlySet<string | undefined> {
    return new Set([...this.objects.values()].map(({ metadata }) => metadata.uid));
  }

  /** Kubernetes' garbage collector: everything whose owners are all gone goes. */
  collect(): void {
    const uids = this.#uids();
    for (const object of this.objects.values()) {
      const owners = object.metadata.ownerReferences ?? [];
      if (owners.length > 0 && !owners.some(({ uid }) => uids.has(uid))) this.remove(object);
    }
  }

  /** The same for Secrets, which may come earlier or later. */
  collectSecrets(): void {
    const uids = this.#uids();
    for (const [key, secret] of this.secrets) {
      if (!secret.ownerUIDs.some((uid) => uids.has(uid))) this.secrets.delete(key);
    }
  }

  /** The key Secret of a name, as a reader would report it. */
  readSecret(ref: ObjectRef | undefined): KeySecret {
    if (ref === undefined) return { kind: 'unread' };
    return this.secrets.get(`${ref.namespace ?? ''}/${ref.name}`) ?? { kind: 'absent' };
  }

  observe(peerID: string): KnownSide {
    const all = [...this.objects.values()];
    const isForPeer = ({ metadata }: KubeObject): boolean =>
      metadata.labels?.['liqo.io/remote-cluster-id'] === peerID;
    const written = (kind: string): readonly KubeObject[] =>
      all.filter((object) => object.kind === kind && isForPeer(object));
    const kinds = ['Namespace', 'Configuration', 'GatewayServer', 'GatewayClient', 'PublicKey'];
    return aKnownSide({
      cluster: this.cluster,
      gateway: this.gateway,
      liqoVersion: this.version,
      ownNetworks: ownNetworks({ pod: this.pod, version: this.version }),
      tenantNamespaces: written('Namespace'),
      configurations: written('Configuration'),
      gatewayServers: written('GatewayServer'),
      gatewayClients: written('GatewayClient'),
      publicKeys: written('PublicKey'),
      connections: this.ofKind('Connection'),
      wgGateways: this.ofKind('WgGatewayServer', 'WgGatewayClient'),
      networks: this.ofKind('Network'),
      strangers: all.filter((object) => kinds.includes(object.kind) && !isForPeer(object)),
    });
  }

  /** What the gateway's pod does: a Connection, once there is a PublicKey for it (NETWORK.md 7.4). */
  connect(other: ModelLeaf): void {
    for (const gateway of this.ofKind('GatewayServer', 'GatewayClient')) {
      const { name, namespace = '', uid = '' } = gateway.metadata;
      const key = this.ofKind('PublicKey').find(({ metadata }) => metadata.namespace === namespace);
      if (findWgGateway(gateway, this.ofKind(`Wg${gateway.kind}`)) === undefined || !key) continue;
      const peerKeys = [...other.secrets.values()].map(({ publicKey }) => publicKey);
      const isRight = peerKeys.includes(textAt(key, 'spec', 'publicKey') ?? '');
      const connection = {
        apiVersion: NETWORKING,
        kind: 'Connection',
        metadata: {
          name: `gw-${name}`,
          namespace,
          ownerReferences: [{ apiVersion: NETWORKING, kind: gateway.kind, name, uid }],
        },
        spec: { gatewayRef: { uid } },
        status: { value: isRight ? 'Connected' : 'Error' },
      };
      const current = this.objects.get(ModelLeaf.key(connection));
      if (current === undefined) this.put(connection);
      else if (textAt(current, 'spec', 'gatewayRef', 'uid') === uid) {
        this.edit(current, { status: connection.status });
      }
    }
  }
}
