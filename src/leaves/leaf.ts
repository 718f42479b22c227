import { isDeepStrictEqual } from 'node:util';

import { isAbort, reasonOf, toOperatorError } from '../errors/classify.ts';
import { ClusterForbiddenError } from '../errors/errors.ts';
import type { ClusterCredentials } from '../kube/credentials.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { Reason } from '../model/condition.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import { backoffDelay } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { identifyLeaf } from './identify-leaf.ts';
import { createKeyReader, type KeyReader } from './key-reader.ts';
import { createLeafMirror, type LeafChangeListener, type LeafMirror } from './leaf-mirror.ts';

/**
 * A watch that broke is given this long to come back before it is told, so that an API server that restarts, or a
 * proxy that cuts connections, does not make conditions flap. Meanwhile nothing is concluded and nothing written.
 */
const GRACE_MS = 3_000;

/** Pauses between tries to connect and identify a leaf. */
const RECONNECT = { baseMs: 1_000, capMs: 60_000 };

/** Known: everything on the leaf can be seen. Unknown: nothing may be concluded about it. */
export type LeafState =
  | { readonly kind: 'known'; readonly clusterID: string }
  | { readonly kind: 'unknown'; readonly reason: Reason; readonly message: string };

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
  /** Rights that calls were refused for, as `verb resource`, sorted. */
  permissionsMissing(): readonly string[];
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
  readonly onStateChange: () => void;
}

/** Builds the leaf; `start` connects, identifies and watches it, with a backoff of its own, until `stop`. */
export function createLeaf(options: LeafOptions): Leaf {
  const { leafCluster, clock, logger, onStateChange } = options;
  const name = leafCluster.metadata.name;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let client: KubeClient | undefined;
  let mirror: LeafMirror | undefined;
  let keys: KeyReader | undefined;
  let clusterID: string | undefined;
  let synced = false;
  let failure: LeafState | undefined;
  let failingSince: number | undefined;
  /** False from a recovery until the leaf has been identified again. */
  let isVerified = false;
  /** Aborted to identify the leaf now rather than with the next slow look. */
  let waking = new AbortController();
  let noticed: LeafState = state();
  let told: LeafState | undefined;

  function state(): LeafState {
    if (failure !== undefined) return failure;
    const broken = mirror?.failures()[0];
    if (clusterID === undefined || !synced) {
      return broken === undefined ? passing('read for the first time') : unknown(broken.error);
    }
    if (broken === undefined) {
      return isVerified ? { kind: 'known', clusterID } : passing('looked for again');
    }
    const failingFor = clock.now() - (failingSince ?? clock.now());
    return failingFor < GRACE_MS ? passing('looked for again') : unknown(broken.error);
  }

  /** Nothing is known, and most likely it will be in a moment. */
  function passing(what: string): LeafState {
    return { kind: 'unknown', reason: 'Progressing', message: `leaf "${name}" is being ${what}` };
  }

  function unknown(error: unknown): Extract<LeafState, { kind: 'unknown' }> {
    const known = toOperatorError(error);
    const reason = reasonOf(known);
    // One text whichever of the calls it was that got no answer, or conditions would change with every try.
    const silence = `leaf "${name}" does not answer: check that its API server runs and can be reached from here`;
    const message = reason === 'LeafUnreachable' ? silence : known.message;
    return { kind: 'unknown', reason, message };
  }

  function noticeState(): void {
    const now = state();
    if (isDeepStrictEqual(now, noticed)) return;
    noticed = now;
    tell(now);
    onStateChange();
  }

  /** One line for each change that lasts: a hiccup is not worth one. */
  function tell(now: LeafState): void {
    const isPassing = now.kind === 'unknown' && now.reason === 'Progressing';
    if (isPassing || isDeepStrictEqual(now, told)) return;
    told = now;
    if (now.kind === 'known') {
      logger.info({ cluster: name, clusterID: now.clusterID }, 'Leaf known');
      return;
    }
    logger.warn({ cluster: name, reason: now.reason, message: now.message }, 'Leaf unknown');
  }

  /** Called by the watches whenever one breaks or comes back. */
  function noticeWatch(): void {
    const broken = mirror !== undefined && mirror.failures().length > 0;
    if (broken && failingSince === undefined) {
      failingSince = clock.now();
      clock.sleep(GRACE_MS, { signal: stopping.signal }).then(noticeState, () => undefined);
    }
    if (!broken && failingSince !== undefined) {
      failingSince = undefined;
      // What came back has to say who it is before anything is concluded from what it holds.
      isVerified = false;
      waking.abort();
    }
    noticeState();
  }

  async function connectOnce(signal: AbortSignal): Promise<void> {
    client ??= await options.connect(options.credentials, name);
    keys ??= createKeyReader({ client, clock });
    if (mirror === undefined) {
      mirror = createLeafMirror({ ...options, cluster: name, client, onStateChange: noticeWatch });
      mirror.start();
    }
    const seenBefore = clusterID ?? options.seenBefore;
    clusterID = await identifyLeaf({ ...options, seenBefore, client, signal });
    failure = undefined;
    isVerified = true;
    noticeState();
    await mirror.synced({ signal });
    synced = true;
  }

  /** Whether a leaf still answers is for its watches to say: they are given time to come back. */
  function noticeFailure(error: unknown): void {
    const found = unknown(error);
    if (!synced || found.reason !== 'LeafUnreachable') failure = found;
  }

  async function run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      let pause = options.resyncMs;
      try {
        await connectOnce(signal);
        failures = 0;
      } catch (error) {
        if (isAbort(error)) return;
        noticeFailure(error);
        failures += 1;
        pause = backoffDelay(failures, RECONNECT, options.random);
      }
      noticeState();
      // Identity is asked for again with every slow re-list: an address may come to belong to another cluster.
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
      await mirror?.stop();
      await client?.close();
    },
    state,
    get client() {
      return client;
    },
    get mirror() {
      return mirror;
    },
    get keys() {
      return keys;
    },
    permissionsMissing: () =>
      [
        ...(mirror?.failures() ?? []).map(({ kind, error }) => ({
          verb: `list ${kind.plural}`,
          error,
        })),
        { verb: 'get secrets', error: keys?.failure() },
      ]
        .filter(({ error }) => error instanceof ClusterForbiddenError)
        .map(({ verb }) => verb)
        .sort(),
  };
}
