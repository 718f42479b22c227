import type { KubeObject } from '../../../model/kube-object.ts';
import type { Clock } from '../../../runtime/clock.ts';
import {
  ApiStatusError,
  badRequest,
  expired,
  notFound,
  versionTooLarge,
} from '../api-status-error.ts';
import { isJsonObject } from '../json.ts';
import { withMetadata } from '../schema/object-rules.ts';
import { keyOf, type ObjectStore, type StoreEvent } from './object-store.ts';
import { inVersion } from './object-version.ts';
import type { Selection, Target } from '../request.ts';
import { type Resource, storageOf } from './resource.ts';
import { CRD_STORAGE } from './resource-registry.ts';
import { labelSelector } from './label-selector.ts';
import { fieldSelector, type Selector } from './selectors.ts';
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

  /** Throws 404, and 504 for a version that is still to come. */
  get({ resource, namespace, name }: Target, resourceVersion = ''): KubeObject {
    this.#assertNotAhead(parseVersion(resourceVersion, versionUnreadable));
    const found = this.#store.get(storageOf(resource), namespace, name);
    if (found === undefined) throw notFound(resource, name);
    return inVersion(resource, found);
  }

  has({ resource, namespace, name }: Target): boolean {
    return this.#store.get(storageOf(resource), namespace, name) !== undefined;
  }

  /** Objects in the order of their keys. Throws 400, 410 and 504 for versions and tokens that are of no use. */
  list(target: Target, settings: ListSettings): ListPage {
    const { resource } = target;
    const selects = selectorOf(resource, settings);
    const from = settings.continue === undefined ? undefined : readToken(settings.continue);
    const version = from?.version ?? this.#versionFor(settings);
    const all = this.#store
      .listAt(version, storageOf(resource), target.namespace || undefined)
      .filter(selects)
      .filter((object) => from === undefined || keyOf(object) > from.after);
    // A list of any version comes from the cache, which knows no parts.
    const limit = settings.resourceVersion === '0' ? 0 : (settings.limit ?? 0);
    return pageOf(resource, all, { limit, version, settings });
  }

  /** Starts a watch, which ends with 410 at once when the history does not reach back to the version. */
  watch(target: Target, settings: WatchSettings): WatchStream {
    const { resource } = target;
    const selects = this.#watches(target, settings);
    const version = parseVersion(settings.resourceVersion, versionUnreadable);
    const fromNow = version === 0 || settings.sendInitialEvents;
    const stream = new WatchStream();
    const past = fromNow ? [] : this.#past(stream, version);
    if (fromNow) {
      for (const object of this.#store.list(storageOf(resource)).filter(selects)) {
        stream.push({ type: 'ADDED', object: inVersion(resource, object) });
      }
      if (settings.sendInitialEvents && settings.allowBookmarks) {
        stream.push(this.#bookmark(resource, { 'k8s.io/initial-events-end': 'true' }));
      }
    }
    const tell = (event: StoreEvent): void => {
      if (isEndOf(resource, event)) stream.end();
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

  #past(stream: WatchStream, version: number): readonly StoreEvent[] {
    try {
      return this.#store.since(version);
    } catch (error) {
      if (!(error instanceof ApiStatusError)) throw error;
      stream.fail(error);
      return [];
    }
  }

  /** The version that a list shows: an old one only when exactly that is asked for. */
  #versionFor({ resourceVersion = '', resourceVersionMatch }: ListSettings): number {
    const asked = parseVersion(resourceVersion, listVersionUnreadable);
    this.#assertNotAhead(asked);
    return resourceVersionMatch === 'Exact' ? asked : this.#store.version;
  }

  #assertNotAhead(asked: number): void {
    if (asked > this.#store.version) throw versionTooLarge(asked, this.#store.version);
  }

  #bookmark(resource: Resource, annotations?: Readonly<Record<string, string>>): WatchFrame {
    const { apiVersion, kind } = resource;
    const metadata = {
      resourceVersion: String(this.#store.version),
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
  const byField = fieldSelector(selection.fieldSelector, resource);
  return (object) => byLabel(object) && byField(inVersion(resource, object));
}

/** The first part of what is there, with a token for the rest. */
function pageOf(
  resource: Resource,
  all: readonly KubeObject[],
  part: { readonly limit: number; readonly version: number; readonly settings: ListSettings },
): ListPage {
  const { limit, version, settings } = part;
  const items = (limit > 0 ? all.slice(0, limit) : all).map((object) =>
    inVersion(resource, object),
  );
  const last = items.at(-1);
  const page = { items, resourceVersion: String(version) };
  if (last === undefined || items.length === all.length) return page;
  // With a selector nobody counts what is left.
  const isCounted = settings.labelSelector === '' && settings.fieldSelector === '';
  return {
    ...page,
    continue: writeToken({ version, after: keyOf(last) }),
    ...(isCounted && { remainingItemCount: all.length - items.length }),
  };
}

/** Whether a change takes the definition of a kind away, and its watches with it. */
function isEndOf(resource: Resource, { type, storage, object }: StoreEvent): boolean {
  if (type !== 'DELETED' || storage !== CRD_STORAGE) return false;
  return object.metadata.name === storageOf(resource);
}

/** What a change means to a watch: objects that begin or cease to be selected come and go, as they were when they go. */
function frameOf(resource: Resource, event: StoreEvent, selects: Selector): WatchFrame | undefined {
  if (event.storage !== storageOf(resource)) return undefined;
  const { previous } = event;
  const before = previous !== undefined && selects(previous);
  const after = event.type !== 'DELETED' && selects(event.object);
  if (after) {
    return { type: before ? 'MODIFIED' : 'ADDED', object: inVersion(resource, event.object) };
  }
  if (!before) return undefined;
  const gone = withMetadata(previous, { resourceVersion: String(event.version) });
  return { type: 'DELETED', object: inVersion(resource, gone) };
}

/** A version as a number; 0 when there is none. */
function parseVersion(text: string, unreadable: (why: string) => ApiStatusError): number {
  if (/^\d*$/.test(text)) return Number(text);
  const quoted = JSON.stringify(text);
  const why = `strconv.ParseUint: parsing ${quoted}: invalid syntax`;
  throw unreadable(`resourceVersion: Invalid value: ${quoted}: ${why}`);
}

function versionUnreadable(why: string): ApiStatusError {
  return new ApiStatusError(500, undefined, why);
}

function listVersionUnreadable(why: string): ApiStatusError {
  return badRequest(`invalid resource version: ${why}`);
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
  throw badRequest('invalid continue token: continue key is not valid');
}
