import { isAbort } from '../../errors/classify.ts';
import type { KubeClient, WatchEvent } from '../../kube/kube-client.ts';
import type { KubeObject, ResourceKind } from '../../model/kube-object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { keyOf } from './fields.ts';

/** A change of one object, as a controller hears of it. The first list arrives as `ADDED`. */
export interface ObjectChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

export interface WatchedKindOptions {
  readonly kind: ResourceKind;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onChange: (change: ObjectChange) => void;
}

/** All objects of one kind, kept up to date by list and watch. */
export interface WatchedKind {
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** First list. Throws what the client throws. */
  sync(): Promise<void>;
  /** Follows changes until the signal is aborted; never throws. */
  follow(): Promise<void>;
  /** Takes in what a write returned, unless the watch has already told something newer. */
  remember(object: KubeObject): void;
}

/** Pause before a broken watch starts over. */
const RETRY_MS = 200;

export function createWatchedKind({
  kind,
  client,
  clock,
  signal,
  onChange,
}: WatchedKindOptions): WatchedKind {
  const objects = new Map<string, KubeObject>();
  let listed = '0';
  /** The newest version that the watch has told about: everything up to it is in `objects`, or gone. */
  let seen = 0;

  async function sync(): Promise<void> {
    const list = await client.list(kind, { signal });
    const present = new Set(list.items.map(keyOf));
    for (const [key, object] of objects) {
      if (!present.has(key)) take({ type: 'DELETED', object });
    }
    for (const object of list.items) {
      const known = objects.get(keyOf(object));
      if (known === undefined) take({ type: 'ADDED', object });
      else if (versionOf(known) !== versionOf(object)) take({ type: 'MODIFIED', object });
    }
    listed = list.resourceVersion;
    seen = Math.max(seen, Number(listed));
  }

  function take(change: ObjectChange): void {
    if (change.type === 'DELETED') objects.delete(keyOf(change.object));
    else objects.set(keyOf(change.object), change.object);
    seen = Math.max(seen, versionOf(change.object));
    onChange(change);
  }

  function receive(event: WatchEvent): void {
    if (event.type === 'BOOKMARK') listed = event.resourceVersion;
    else {
      take(event);
      listed = event.object.metadata.resourceVersion ?? listed;
    }
  }

  async function watchOnce(): Promise<void> {
    for await (const event of client.watch(kind, { resourceVersion: listed, signal })) {
      receive(event);
    }
  }

  return {
    objects,
    sync,
    async follow() {
      while (!signal.aborted) {
        try {
          await watchOnce();
        } catch (error) {
          if (isAbort(error)) return;
          await relist();
        }
      }
    },
    remember(object) {
      const gone =
        object.metadata.deletionTimestamp !== undefined &&
        (object.metadata.finalizers ?? []).length === 0;
      if (!gone && versionOf(object) > seen) objects.set(keyOf(object), object);
    },
  };

  /** The server answers neither watch nor list while it is down: the next turn of the loop tries again. */
  async function relist(): Promise<void> {
    try {
      await clock.sleep(RETRY_MS, { signal });
      await sync();
    } catch {
      return;
    }
  }
}

function versionOf(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}
