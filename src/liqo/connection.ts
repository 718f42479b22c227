import type { KubeObject } from '../model/kube-object.ts';
import { textAt } from './read-field.ts';

/** `None`: the field is absent, or holds something that Liqo does not document (the CRD has no enum). */
type ConnectionValue = 'Connected' | 'Connecting' | 'Error' | 'None';

/** A Connection, read (NETWORK.md 3.2). */
export interface ConnectionReading {
  readonly value: ConnectionValue;
  /** As Liqo writes it, e.g. `12ms`; undefined for `N/A`. The first one after a connection means nothing. */
  readonly latency?: string;
  readonly latencyMs?: number;
}

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, micro sign
  μs: 1e-3, // U+03BC, Greek mu: what Liqo writes
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Reads Go's text form of a duration (`830µs`, `1m2.5s`) as milliseconds; undefined for `N/A` and anything else. */
export function parseLatency(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/gy)];
  if (parts.map(([part]) => part).join('') !== text || text === '') return undefined;
  return parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (MS_PER_UNIT[unit ?? ''] ?? NaN),
    0,
  );
}

/** Reads value and latency. */
export function readConnection(connection: KubeObject): ConnectionReading {
  const latency = textAt(connection, 'status', 'latency', 'value');
  const latencyMs = latency === undefined ? undefined : parseLatency(latency);
  return {
    value: readValue(connection),
    ...(latency !== undefined && latencyMs !== undefined && { latency, latencyMs }),
  };
}

function readValue(connection: KubeObject): ConnectionValue {
  const value = textAt(connection, 'status', 'value');
  return value === 'Connected' || value === 'Connecting' || value === 'Error' ? value : 'None';
}

/** UID of the gateway that the Connection speaks of; an old one means an old Connection (NETWORK.md 9.3). */
export function gatewayUIDOf(connection: KubeObject): string | undefined {
  return textAt(connection, 'spec', 'gatewayRef', 'uid');
}
