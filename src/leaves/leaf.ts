import { isDeepStrictEqual } from 'node:util';

import { isAbort } from '../errors/classify.ts';
import { ClusterForbiddenError } from '../errors/errors.ts';
import type { ClusterCredentials } from '../kube/credentials.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import { formatRight } from '../model/right.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import { backoffDelay } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { AskAgain } from './ask-again.ts';
import { identifyLeaf } from './identify-leaf.ts';
import { sortRights } from './judge-rights.ts';
import { createKeyReader, type KeyReader } from './key-reader.ts';
import { createLeafAccess, type LeafAccess, type Sight } from './leaf-access.ts';
import {
  createLeafMirror,
  type LeafChangeListener,
  type LeafMirror,
  type LeafWatch,
} from './leaf-mirror.ts';
import { GRACE_MS, LeafHealth } from './leaf-health.ts';
import { createLeafNotices } from './leaf-notices.ts';
import type { LeafState } from './leaf-state.ts';
import { isAboutTenants, type LeafPeer } from './tenants.ts';

/** Pauses between tries to connect and identify a leaf. */
const RECONNECT = { baseMs: 1_000, capMs: 60_000 };

/** One leaf cluster, connected with one credential. A new credential is a new Leaf. */
export interface Leaf {
  readonly name: ClusterName;
  start(): void;
  /** Closes watches and connections. */
  stop(): Promise<void>;
  state(): LeafState;
  /** Undefined until the first connection. */
  readonly client: KubeClient | undefined;
  readonly mirror: LeafMirror | undefined;
  readonly keys: KeyReader | undefined;
  /** Says whom the leaf's shortcuts connect it with: rights and watches follow. */
  setPeers(peers: readonly LeafPeer[]): void;
  /** What can be said of the leaf, once known, for one peer. */
  sightOf(peerID: string): Sight;
  /** False: connections outside the tenant namespaces of the peers cannot be seen. */
  readonly seesEverywhere: boolean;
  /** A call was refused: asks for all rights again. */
  doubtRights(): void;
  /** Rights that are missing, as `formatRight` writes them, sorted; and those of them that hold nothing up. */
  permissionsMissing(): readonly string[];
  tidyMissing(): readonly string[];
}

export interface LeafOptions {
  readonly leafCluster: LeafCluster;
  readonly credentials: ClusterCredentials;
  /** The cluster ID that the leaf had with an earlier credential, or before a restart. */
  readonly seenBefore?: string | undefined;
  /** Says which leaf stands for a cluster: this one, or the one that came first. */
  readonly claim?: (clusterID: string) => ClusterName;
  readonly connect: (credentials: ClusterCredentials, cluster: ClusterName) => Promise<KubeClient>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly resyncMs: number;
  readonly onChange: LeafChangeListener;
  /** The leaf became known or unknown, or other rights are missing, or another peer can be seen. */
  readonly onStateChange: () => void;
}

/** Everything that a connection brings. */
interface Parts {
  readonly client: KubeClient;
  readonly mirror: LeafMirror;
  readonly keys: KeyReader;
  readonly access: LeafAccess;
}

/** Builds the leaf; `start` connects, identifies and watches it, with a backoff of its own, until `stop`. */
export function createLeaf(options: LeafOptions): Leaf {
  const { leafCluster, clock, random, resyncMs } = options;
  const { name } = leafCluster.metadata;
  const liqoNamespace = leafCluster.spec.liqoNamespace ?? 'liqo';
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let parts: Parts | undefined;
  let peers: readonly LeafPeer[] = [];
  const health = new LeafHealth({ name, liqoNamespace, clock, parts: () => parts });
  const notices = createLeafNotices(options, () => health.state());
  /** When identity and all rights are asked for again: an address may come to belong to another cluster. */
  let slowLookAt = 0;
  let isIdentityDue = true;
  const askAgain = new AskAgain(clock, random);
  /** Aborted to look now rather than with the next slow look. */
  let waking = new AbortController();

  function missing(): ReturnType<LeafAccess['missing']> {
    return parts?.access.missing() ?? { needed: [], tidy: [] };
  }

  function notice(): void {
    const sights = peers.map(({ id }) => parts?.access.sightOf(id));
    notices.notice(JSON.stringify([missing(), sights]));
  }

  function wake(): void {
    waking.abort();
  }

  function doubtRights(): void {
    parts?.access.doubt('all');
    wake();
  }

  /** Called whenever a watch breaks or comes back. */
  function onWatchState({ namespace, state }: LeafWatch): void {
    if (state.kind === 'failed' && state.error instanceof ClusterForbiddenError) {
      // Of several refusals the first says that rights have changed.
      if (parts?.access.isSettled === true) parts.access.doubt('all');
      parts?.access.noteRefusal(namespace);
      wake();
    }
    noticeWatches();
  }

  function noticeWatches(): void {
    const change = health.noticeWatches();
    if (change === 'broken')
      clock.sleep(GRACE_MS, { signal: stopping.signal }).then(notice, () => undefined);
    if (change === 'recovered') wake();
    notice();
  }

  async function connect(): Promise<Parts> {
    const client = await options.connect(options.credentials, name);
    const mirror = createLeafMirror({
      ...options,
      cluster: name,
      client,
      onWatchState,
      onChange: (change, watched) => {
        options.onChange(change, watched);
        if (watched === 'namespaces' && isAboutTenants(change.object)) wake();
      },
    });
    const keys = createKeyReader({ client, clock, onRefusal: doubtRights });
    const access = createLeafAccess({ cluster: name, client, mirror, liqoNamespace });
    access.setPeers(peers);
    return { client, mirror, keys, access };
  }

  /** Brings everything up to date: rights, watches, identity. An unchanged world costs nothing. */
  async function look(signal: AbortSignal): Promise<void> {
    parts ??= await connect();
    const { access, client } = parts;
    if (clock.now() >= slowLookAt) {
      slowLookAt = clock.now() + resyncMs;
      isIdentityDue = true;
      access.doubt('all');
    } else if (askAgain.isDue) access.doubt('missing');
    await access.settle({ signal });
    noticeWatches();
    if (!isIdentityDue && health.isVerified) return;
    const seenBefore = health.clusterID ?? options.seenBefore;
    try {
      health.identified(await identifyLeaf({ ...options, seenBefore, client, signal }));
    } catch (error) {
      if (error instanceof ClusterForbiddenError) {
        access.noteRefusal(liqoNamespace);
        await access.settle({ signal });
      }
      throw error;
    }
    isIdentityDue = false;
  }

  async function run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      let pause = 0;
      try {
        await look(signal);
        failures = 0;
        const { needed, tidy } = missing();
        askAgain.note([...needed, ...tidy].map(formatRight));
        pause = Math.max(0, Math.min(slowLookAt, askAgain.dueAt) - clock.now());
      } catch (error) {
        if (isAbort(error)) return;
        health.failed(error);
        failures += 1;
        pause = backoffDelay(failures, RECONNECT, random);
      }
      notice();
      await clock
        .sleep(pause, { signal: AbortSignal.any([signal, waking.signal]) })
        .catch(() => undefined);
      waking = new AbortController();
    }
  }

  return {
    name,
    start: () => {
      if (running !== undefined) throw new TypeError(`leaf "${name}" was started twice`);
      running = run(stopping.signal);
    },
    stop: async () => {
      stopping.abort();
      await running;
      await parts?.mirror.stop();
      await parts?.client.close();
    },
    state: () => health.state(),
    get client() {
      return parts?.client;
    },
    get mirror() {
      return parts?.mirror;
    },
    get keys() {
      return parts?.keys;
    },
    get seesEverywhere() {
      return parts?.access.seesEverywhere ?? true;
    },
    setPeers: (next) => {
      if (isDeepStrictEqual(next, peers)) return;
      peers = next;
      parts?.access.setPeers(next);
      wake();
    },
    sightOf: (peerID) => parts?.access.sightOf(peerID) ?? { kind: 'pending' },
    doubtRights,
    permissionsMissing: () => {
      const { needed, tidy } = missing();
      const refused = parts?.keys.refused();
      return sortRights([...needed, ...tidy, ...(refused ? [refused] : [])]).map(formatRight);
    },
    tidyMissing: () => missing().tidy.map(formatRight),
  };
}
