import type { KubeObject } from '../../../model/kube-object.ts';
import type { Clock } from '../../../runtime/clock.ts';
import type { Door } from '../access/door.ts';
import type { HttpExchange } from './http-exchange.ts';
import { isJsonObject, type JsonObject, without } from '../json.ts';
import type { ObjectReader } from '../store/object-reader.ts';
import { watchSettingsOf } from './list-options.ts';
import { presentationOf } from './presentation.ts';
import type { Target } from '../request.ts';
import type { WatchFrame } from '../store/watch-stream.ts';

/** What a watch needs besides the request. */
export interface WatchingParts {
  readonly reader: ObjectReader;
  readonly door: Door;
  readonly clock: Clock;
}

/** Answers a watch: one line of JSON for each event, until it ends, breaks, or the client is gone. */
export async function watchOverHttp(
  exchange: HttpExchange,
  target: Target,
  { reader, door, clock }: WatchingParts,
): Promise<void> {
  const { resource } = target;
  const stream = reader.watch(target, watchSettingsOf(exchange));
  door.guard(stream);
  exchange.signal.addEventListener('abort', () => stream.end());
  if (exchange.signal.aborted) stream.end();
  exchange.openStream();
  let isFirst = true;
  for await (const frame of stream) {
    const presentation = presentationOf(exchange, resource, clock.now());
    const line = shown(frame, (object) => presentation.one(object));
    exchange.sendLine(isFirst ? line : withoutColumns(line));
    isFirst = false;
  }
  if (stream.isBroken) exchange.break();
  else exchange.closeStream();
}

function shown(frame: WatchFrame, show: (object: KubeObject) => unknown): WatchFrame {
  return frame.type === 'ERROR' ? frame : { ...frame, object: show(frame.object as KubeObject) };
}

/** Tables name their columns in the first event only. */
function withoutColumns(frame: WatchFrame): WatchFrame {
  if (!isJsonObject(frame.object) || frame.object['kind'] !== 'Table') return frame;
  const object: JsonObject = without(frame.object, 'columnDefinitions');
  return { ...frame, object: { ...object, columnDefinitions: null } };
}
