import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../runtime/clock.ts';
import {
  createSnapshotComparer,
  type SnapshotPatch,
  wholePatch,
} from '../status/snapshot-patch.ts';
import type { SnapshotReader } from '../status/snapshot.ts';
import { SNAPSHOT_PATCH } from './api-schemas.ts';
import { sendProblem } from './problem-document.ts';
import { EVENTS_ROUTE } from './route-schemas.ts';

/** Changes of this many milliseconds are told together. */
const COALESCE_MS = 100;
/** A sign of life, also for whatever stands between and cuts silent connections. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = Buffer.from(': alive\n\n');
const RECONNECT_MS = 2_000;
const MAX_CLIENTS = 500;
/** Who lags behind by more than this many bytes is cut off, and may come again. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;
/** So many events and bytes are kept for those who were away for a moment. */
const MAX_KEPT = 500;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/** What the stream of events is made of. */
export interface EventStreamOptions {
  readonly reader: SnapshotReader;
  readonly clock: Clock;
}

interface KeptEvent {
  readonly number: number;
  /** As it is sent; the same bytes for everybody. */
  readonly bytes: Buffer;
}

type Serialize = (patch: SnapshotPatch) => string;

/**
 * `GET /events`: server-sent events (HTML standard, section 9.2) of the type `status`. The first holds the whole
 * picture, each later one what has changed; who comes again with `Last-Event-ID` gets what it missed, where that is still kept.
 * However many listen, a change is compared and written as text once.
 */
export function registerEventStream(app: FastifyInstance, options: EventStreamOptions): void {
  const stream = createEventStream(options);
  app.addHook('preClose', (done) => {
    stream.close();
    done();
  });
  app.get('/events', { schema: EVENTS_ROUTE, exposeHeadRoute: false }, (request, reply) => {
    if (stream.isFull()) {
      reply.header('retry-after', RECONNECT_MS / 1000);
      return sendProblem(reply, 503, 'too many listen already');
    }
    const serialize = reply.compileSerializationSchema(SNAPSHOT_PATCH);
    const lastID = request.headers['last-event-id'];
    return reply
      .type('text/event-stream')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(
        stream.join(typeof lastID === 'string' ? lastID : '', (patch) => serialize({ ...patch })),
      );
  });
}

interface EventStream {
  isFull(): boolean;
  join(lastID: string, serialize: Serialize): PassThrough;
  close(): void;
}

function createEventStream({ reader, clock }: EventStreamOptions): EventStream {
  const start = clock.now().toString(36);
  const listeners = new Set<PassThrough>();
  let comparer: ReturnType<typeof createSnapshotComparer> | undefined;
  let serialize: Serialize = JSON.stringify;
  const kept: KeptEvent[] = [];
  /** The whole picture as of the last event. */
  let whole: KeptEvent | undefined;
  let keptBytes = 0;
  let number = 0;
  let isFlushDue = false;
  let listening: AbortController | undefined;

  function toEvent(patch: SnapshotPatch): KeptEvent {
    const text = `event: status\nid: ${start}-${number}\ndata: ${serialize(patch)}\n\n`;
    return { number, bytes: Buffer.from(text) };
  }

  function send(listener: PassThrough, bytes: Buffer): void {
    listener.write(bytes);
    if (listener.writableLength + listener.readableLength > MAX_BACKLOG_BYTES) listener.destroy();
  }

  /** Tells what has changed since the last time. */
  function flush(): void {
    isFlushDue = false;
    const patch = comparer?.next(reader.snapshot());
    if (patch === undefined) return;
    number += 1;
    const event = toEvent(patch);
    keep(event);
    for (const listener of listeners) send(listener, event.bytes);
  }

  function keep(event: KeptEvent): void {
    kept.push(event);
    keptBytes += event.bytes.length;
    while (kept.length > MAX_KEPT || keptBytes > MAX_KEPT_BYTES) {
      keptBytes -= kept.shift()?.bytes.length ?? 0;
    }
  }

  /** What somebody missed who has seen `lastID`; undefined where that is not known any more. */
  function missed(lastID: string): readonly KeptEvent[] | undefined {
    const [, seen] = new RegExp(`^${start}-([0-9]{1,15})$`).exec(lastID) ?? [];
    if (seen === undefined || Number(seen) > number) return undefined;
    const later = kept.filter((event) => event.number > Number(seen));
    return later.length === number - Number(seen) ? later : undefined;
  }

  function wholePicture(): KeptEvent {
    if (whole?.number !== number) whole = toEvent(wholePatch(reader.snapshot()));
    return whole;
  }

  function listen(): void {
    const controller = new AbortController();
    listening = controller;
    const { signal } = controller;
    const stopListening = reader.onChange(() => {
      if (isFlushDue) return;
      isFlushDue = true;
      clock.sleep(COALESCE_MS, { signal }).then(flush, () => (isFlushDue = false));
    });
    signal.addEventListener('abort', stopListening);
    void beat(signal);
  }

  async function beat(signal: AbortSignal): Promise<void> {
    for (;;) {
      const isOver = await clock.sleep(HEARTBEAT_MS, { signal }).then(
        () => false,
        () => true,
      );
      if (isOver) return;
      for (const listener of listeners) send(listener, HEARTBEAT);
    }
  }

  function leave(listener: PassThrough): void {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    listening?.abort();
    listening = undefined;
  }

  return {
    isFull: () => listeners.size >= MAX_CLIENTS,
    join: (lastID, given) => {
      serialize = given;
      if (comparer === undefined) comparer = createSnapshotComparer(reader.snapshot());
      else flush();
      const listener = new PassThrough();
      listener.on('close', () => leave(listener));
      // Its end is its close.
      listener.on('error', () => undefined);
      listener.write(`retry: ${RECONNECT_MS}\n\n`);
      for (const { bytes } of missed(lastID) ?? [wholePicture()]) listener.write(bytes);
      listeners.add(listener);
      if (listening === undefined) listen();
      return listener;
    },
    close: () => {
      for (const listener of listeners) listener.destroy();
    },
  };
}
