import type { KubeObject } from '../model/kube-object.ts';

/**
 * A gateway rewrites its Connection every 10 s (NETWORK.md 7.4). One that has not moved for this long is stopped or
 * cut off, and what it says is old.
 */
export const STALE_AFTER_MS = 45_000;

interface Sighting {
  readonly timestamp: string;
  /** By our clock: the leaf's may be wrong. */
  readonly seenAt: number;
}

/**
 * Tells whether a `Connected` is alive, by watching it move rather than by comparing the leaf's clock with ours. Only
 * at first sight, after a start, there is nothing but the timestamp to go by.
 */
export interface Freshness {
  /** To be called with every change of a Connection. */
  note(connection: KubeObject): void;
  forget(connection: KubeObject): void;
  isFresh(connection: KubeObject): boolean;
}

interface ConnectionStatus {
  readonly latency?: { readonly timestamp?: string };
}

/** `now` in milliseconds since the epoch. */
export function createFreshness(now: () => number): Freshness {
  const sightings = new Map<string, Sighting>();

  function sightingOf(connection: KubeObject): Sighting | undefined {
    const { timestamp } = ((connection['status'] ?? {}) as ConnectionStatus).latency ?? {};
    const { uid } = connection.metadata;
    if (timestamp === undefined || uid === undefined) return undefined;
    const before = sightings.get(uid);
    if (before?.timestamp === timestamp) return before;
    const written = Date.parse(timestamp);
    const seenAt =
      before === undefined && !Number.isNaN(written) ? Math.min(now(), written) : now();
    const sighting = { timestamp, seenAt };
    sightings.set(uid, sighting);
    return sighting;
  }

  return {
    note: (connection) => {
      sightingOf(connection);
    },
    forget: ({ metadata }) => {
      if (metadata.uid !== undefined) sightings.delete(metadata.uid);
    },
    isFresh: (connection) => {
      const sighting = sightingOf(connection);
      // Without a timestamp there is nothing that could be old: the value itself speaks.
      return sighting === undefined || now() - sighting.seenAt < STALE_AFTER_MS;
    },
  };
}
