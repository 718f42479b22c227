import type { KubeObject } from '../../../model/kube-object.ts';
import type { Clock } from '../../../runtime/clock.ts';
import { ApiStatusError, badRequest, expired, notFound } from '../api-status-error.ts';
import { isJsonObject } from '../json.ts';
import type { ObjectStore, StoreEvent } from './object-store.ts';
import type { Selection, Target } from '../request.ts';
import { type Resource, storageOf } from './resource.ts';
import { fieldSelector, labelSelector, type Selector } from './selectors.ts';
import { type WatchFrame, WatchStream } from './watch-stream.ts';

/** How much of a list is wanted, and from where on. */
export interface ListSettings extends Selection {
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

/** A part of a list, or all of it. */
export interface ListPage {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** From where a watch starts, and how long it lasts. */
export interface WatchSettings extends Selection {
  /** Empty or `0`: from now, with everything that exists first. */
  readonly resourceVersion: string;
  readonly allowBookmarks: boolean;
  readonly sendInitialEvents: boolean;
  readonly timeoutSeconds?: number;
}

/** A watch that does not say how long it wants ends after half an hour at the latest, as the real one's. */
const WATCH_LIMIT_SECONDS = 1800;
const BOOKMARK_INTERVAL_MS = 60_000;

/** Answers get, list and watch on one cluster. */
export class ObjectReader {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #open = new Set<WatchStream>();

  constructor(store: ObjectStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Throws 404. */
  get({ resource, namespace, name }: Target): KubeObject {
    const found = this.#store.get(storageOf(resource), namespace, name);
    if (found === undefined) throw notFound(resource, name);
    return inVersion(resource, found);
  }

  has({ resource, namespace, name }: Target): boolean {
    return this.#store.get(storageOf(resource), namespace, name) !== undefined;
  }

  /** Objects in the order of their keys. Throws 400 and 410 for versions and tokens that are of no use. */
  list(target: Target, settings: ListSettings): ListPage {
    const { resource } = target;
    const from = settings.continue === undefined ? undefined : readToken(settings.continue);
    this.#assertReachable(from?.version, settings);
    const selects = selectorOf(resource, settings);
    const all = this.#store
      .list(storageOf(resource), target.namespace === '' ? undefined : target.namespace)
      .filter(selects)
      .filter((object) => from === undefined || keyOf(object) > from.after);
    const limit = settings.limit ?? 0;
    const items = (limit > 0 ? all.slice(0, limit) : all).map((object) =>
      inVersion(resource, object),
    );
    const version = from?.version ?? this.#store.version;
    const last = items.at(-1);
    if (last === undefined || items.length === all.length) {
      return { items, resourceVersion: String(version) };
    }
    return {
      items,
      resourceVersion: String(version),
      continue: writeToken({ version, after: keyOf(last) }),
      remainingItemCount: all.length - items.length,
    };
  }

  /** Starts a watch. Throws 410 when the history does not reach back to the version. */
  watch(target: Target, settings: WatchSettings): WatchStream {
    const { resource } = target;
    const selects = this.#watches(target, settings);
    const version = parseVersion(settings.resourceVersion);
    const fromNow = version === 0 || settings.sendInitialEvents;
    const past = fromNow ? [] : this.#store.since(version);
    const stream = new WatchStream();
    if (fromNow) {
      for (const object of this.#store.list(storageOf(resource)).filter(selects)) {
        stream.push({ type: 'ADDED', object: inVersion(resource, object) });
      }
      if (settings.sendInitialEvents && settings.allowBookmarks) {
        stream.push(this.#bookmark(resource, { 'k8s.io/initial-events-end': 'true' }));
      }
    }
    const tell = (event: StoreEvent): void => {
      const frame = frameOf(resource, event, selects);
      if (frame !== undefined) stream.push(frame);
    };
    past.forEach(tell);
    stream.onEnd(this.#store.subscribe(tell));
    this.#open.add(stream);
    stream.onEnd(() => this.#open.delete(stream));
    this.#keepTime(stream, resource, settings);
    return stream;
  }

  /** All watches that are open now. */
  get open(): ReadonlySet<WatchStream> {
    return this.#open;
  }

  /** Forgets the history and ends every watch with 410. */
  expireWatches(): void {
    this.#store.compact();
    const gone = expired(`too old resource version: 0 (${this.#store.version})`);
    for (const stream of [...this.#open]) stream.fail(gone);
  }

  #watches(target: Target, settings: Selection): Selector {
    const { namespace } = target;
    const selects = selectorOf(target.resource, settings);
    return (object) =>
      (namespace === '' || object.metadata.namespace === namespace) && selects(object);
  }

  /** An exact version other than now's, or one that the history forgot, cannot be listed any more. */
  #assertReachable(version: number | undefined, settings: ListSettings): void {
    if (version !== undefined) this.#store.since(version);
    const asked = parseVersion(settings.resourceVersion ?? '');
    if (asked > this.#store.version) {
      throw new ApiStatusError(
        504,
        'Timeout',
        `Too large resource version: ${asked}, current: ${this.#store.version}`,
        { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] },
      );
    }
    if (settings.resourceVersionMatch === 'Exact' && asked < this.#store.version) {
      throw expired(`The provided resource version ${asked} is too old`);
    }
  }

  #bookmark(resource: Resource, annotations?: Readonly<Record<string, string>>): WatchFrame {
    const { apiVersion, kind } = resource;
    const metadata = {
      resourceVersion: String(this.#store.version),
      creationTimestamp: null,
      ...(annotations !== undefined && { annotations }),
    };
    return { type: 'BOOKMARK', object: { apiVersion, kind, metadata } };
  }

  #keepTime(stream: WatchStream, resource: Resource, settings: WatchSettings): void {
    const over = new AbortController();
    stream.onEnd(() => over.abort());
    const wait = (ms: number): Promise<boolean> =>
      this.#clock.sleep(ms, over).then(
        () => true,
        () => false,
      );
    const limit = settings.timeoutSeconds ?? WATCH_LIMIT_SECONDS;
    void wait(limit * 1000).then((isOver) => {
      if (isOver) stream.end();
    });
    const remind = async (): Promise<void> => {
      while (await wait(BOOKMARK_INTERVAL_MS)) stream.push(this.#bookmark(resource));
    };
    if (settings.allowBookmarks) void remind();
  }
}

function selectorOf(resource: Resource, selection: Selection): Selector {
  const byLabel = labelSelector(selection.labelSelector);
  const byField = fieldSelector(selection.fieldSelector, resource.custom);
  return (object) => byLabel(object) && byField(object);
}

/** What a change means to a watch: objects that begin or cease to be selected come and go. */
function frameOf(resource: Resource, event: StoreEvent, selects: Selector): WatchFrame | undefined {
  if (event.storage !== storageOf(resource)) return undefined;
  const before = event.previous !== undefined && selects(event.previous);
  const after = event.type !== 'DELETED' && selects(event.object);
  const object = inVersion(resource, event.object);
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', object };
  return before ? { type: 'DELETED', object } : undefined;
}

/** An object in the version that was asked for; versions differ by name only (conversion strategy None). */
export function inVersion({ apiVersion }: Resource, object: KubeObject): KubeObject {
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function parseVersion(text: string): number {
  if (/^\d*$/.test(text)) return Number(text);
  throw badRequest(`Invalid value: "${text}": invalid resource version`);
}

interface Token {
  readonly version: number;
  readonly after: string;
}

function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string): Token {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (isJsonObject(token)) {
      return { version: Number(token['version']), after: String(token['after']) };
    }
  } catch {
    // Not JSON: the same answer as for JSON of another shape.
  }
  throw badRequest('continue key is not valid');
}
