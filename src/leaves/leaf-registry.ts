import { reasonOf } from '../errors/classify.ts';
import { CredentialInvalidError } from '../errors/errors.ts';
import type { CredentialExpiry } from '../kube/credential-expiry.ts';
import type { ClusterCredentials } from '../kube/credentials.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { CacheChange } from '../kube/watch-cache.ts';
import { createClusterClaims } from './cluster-claims.ts';
import { createLeafCredentialReader, type ParseKubeconfig } from './leaf-credentials.ts';
import { createLeaf, type Leaf, type LeafOptions } from './leaf.ts';
import type { LeafState } from './leaf-state.ts';
import type { LeafPeer } from './tenants.ts';
import type { Watched } from './watched.ts';

/** A registered leaf as others see it, whether or not it could be connected. */
export interface RegisteredLeaf {
  readonly leafCluster: LeafCluster;
  readonly state: LeafState;
  /** Undefined while the credential is missing or invalid. */
  readonly leaf: Leaf | undefined;
  /** When the credential in use ends, as far as it says. */
  readonly expiry?: CredentialExpiry;
}

/** Compares the LeafCluster objects and their Secrets with the leaves that run: adds, rebuilds, removes. */
export interface LeafRegistry {
  /** Makes the leaves match. `secretOf` finds the kubeconfig Secret of a LeafCluster in the main cluster. */
  update(
    leafClusters: readonly LeafCluster[],
    secretOf: (leafCluster: LeafCluster) => KubeObject | undefined,
  ): void;
  /** Says whom a leaf's shortcuts connect it with, registered or not. */
  setPeers(name: ClusterName, peers: readonly LeafPeer[]): void;
  get(name: ClusterName): RegisteredLeaf | undefined;
  all(): readonly RegisteredLeaf[];
  stop(): Promise<void>;
}

type LeafFactoryOptions = Omit<
  LeafOptions,
  'leafCluster' | 'credentials' | 'seenBefore' | 'claim' | 'onChange' | 'onStateChange'
>;

export interface LeafRegistryOptions extends LeafFactoryOptions {
  readonly parseKubeconfig: ParseKubeconfig;
  readonly onChange: (leaf: ClusterName, change: CacheChange, watched: Watched) => void;
  /** A leaf was added or removed, or became known or unknown. */
  readonly onStateChange: (leaf: ClusterName) => void;
}

/** A leaf that is connected, or being connected, with one credential. */
interface Running {
  readonly leaf: Leaf;
  readonly credentials: ClusterCredentials;
  /** What it was built from, but for the credential. */
  readonly base: string;
}

interface Entry {
  leafCluster: LeafCluster;
  current: Running | undefined;
  /** Connects with a newer credential while `current` goes on, so that nothing is out of sight meanwhile. */
  next: Running | undefined;
  problem: CredentialInvalidError | undefined;
}

/** An empty registry; nothing runs before the first `update`. */
export function createLeafRegistry(options: LeafRegistryOptions): LeafRegistry {
  const entries = new Map<ClusterName, Entry>();
  const stopping = new Set<Promise<void>>();
  const peersOf = new Map<ClusterName, readonly LeafPeer[]>();
  const claims = createClusterClaims();
  const reader = createLeafCredentialReader(options.parseKubeconfig);

  function stopLeaf({ leaf }: Partial<Running> = {}): void {
    if (leaf === undefined) return;
    const stopped = leaf
      .stop()
      .catch((err: unknown) =>
        options.logger.warn({ err, cluster: leaf.name }, 'Closing leaf failed'),
      )
      .finally(() => stopping.delete(stopped));
    stopping.add(stopped);
  }

  function start(entry: Entry, credentials: ClusterCredentials, base: string): Running {
    const { leafCluster } = entry;
    const { name } = leafCluster.metadata;
    const leaf = createLeaf({
      ...options,
      leafCluster,
      credentials,
      seenBefore: claims.clusterOf(name),
      claim: (clusterID) => claims.claim(name, clusterID),
      onChange: (change, watched) => options.onChange(name, change, watched),
      onStateChange: () => {
        if (leaf === entry.next?.leaf) handOver(entry);
        if (leaf === entry.current?.leaf) options.onStateChange(name);
      },
    });
    leaf.setPeers(peersOf.get(name) ?? []);
    leaf.start();
    return { leaf, credentials, base };
  }

  /** The newer credential takes over as soon as it works, or as soon as it is clear that it does not. */
  function handOver(entry: Entry): void {
    if (entry.next === undefined || isBeingRead(entry.next.leaf.state())) return;
    stopLeaf(entry.current);
    entry.current = entry.next;
    entry.next = undefined;
    const cluster = entry.leafCluster.metadata.name;
    options.logger.info({ cluster }, 'Credential of leaf replaced');
  }

  function giveUp(entry: Entry, problem: CredentialInvalidError | undefined): void {
    stopLeaf(entry.current);
    stopLeaf(entry.next);
    entry.current = undefined;
    entry.next = undefined;
    entry.problem = problem;
  }

  /** True when the leaf is another than before, or none any more. */
  function follow(entry: Entry, wanted: ClusterCredentials): boolean {
    const { current, next, leafCluster } = entry;
    const base = baseOf(leafCluster);
    const newest = next ?? current;
    if (isBuiltFrom(newest, wanted, base)) return false;
    if (isBuiltFrom(current, wanted, base)) {
      stopLeaf(next);
      entry.next = undefined;
      return false;
    }
    if (current?.base === base && current.leaf.state().kind === 'known') {
      stopLeaf(next);
      entry.next = start(entry, wanted, base);
      return false;
    }
    giveUp(entry, undefined);
    entry.current = start(entry, wanted, base);
    return true;
  }

  function updateOne(leafCluster: LeafCluster, secret: KubeObject | undefined): void {
    const { name } = leafCluster.metadata;
    const existing = entries.get(name);
    const entry = existing ?? {
      leafCluster,
      current: undefined,
      next: undefined,
      problem: undefined,
    };
    entries.set(name, entry);
    entry.leafCluster = leafCluster;
    const wanted = reader.read(leafCluster, secret);
    if (!(wanted instanceof CredentialInvalidError)) {
      if (follow(entry, wanted)) options.onStateChange(name);
      return;
    }
    if (entry.problem?.message === wanted.message) return;
    giveUp(entry, wanted);
    options.onStateChange(name);
  }

  function toRegistered({ leafCluster, current, problem }: Entry): RegisteredLeaf {
    const state =
      current?.leaf.state() ?? problemOf(problem ?? new CredentialInvalidError('no credential'));
    const expiry = current?.credentials.expiry;
    return { leafCluster, leaf: current?.leaf, state, ...(expiry === undefined ? {} : { expiry }) };
  }

  return {
    update: (leafClusters, secretOf) => {
      const wanted = new Set(leafClusters.map((leafCluster) => leafCluster.metadata.name));
      claims.update(leafClusters);
      reader.keepOnly(wanted);
      for (const [name, entry] of entries) {
        if (wanted.has(name)) continue;
        entries.delete(name);
        giveUp(entry, undefined);
        options.onStateChange(name);
      }
      for (const leafCluster of leafClusters) updateOne(leafCluster, secretOf(leafCluster));
    },
    setPeers: (name, peers) => {
      peersOf.set(name, peers);
      const { current, next } = entries.get(name) ?? {};
      current?.leaf.setPeers(peers);
      next?.leaf.setPeers(peers);
    },
    get: (name) => {
      const entry = entries.get(name);
      return entry === undefined ? undefined : toRegistered(entry);
    },
    all: () => [...entries.values()].map(toRegistered),
    stop: async () => {
      for (const entry of entries.values()) giveUp(entry, undefined);
      entries.clear();
      await Promise.all(stopping);
    },
  };
}

/** Another value means another leaf, to which nothing of the old one can be handed over. */
function baseOf({ metadata, spec }: LeafCluster): string {
  return JSON.stringify([metadata.uid, spec.liqoNamespace, spec.clusterID]);
}

function isBuiltFrom(
  running: Running | undefined,
  { fingerprint }: ClusterCredentials,
  base: string,
): boolean {
  return running?.base === base && running.credentials.fingerprint === fingerprint;
}

function isBeingRead(state: LeafState): boolean {
  return state.kind === 'unknown' && state.reason === 'Progressing';
}

function problemOf(error: CredentialInvalidError): LeafState {
  return { kind: 'unknown', reason: reasonOf(error), message: error.message };
}
