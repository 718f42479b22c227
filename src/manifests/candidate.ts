import type { Problem } from '../model/problem.ts';
import type { DesiredResource } from './desired-state.ts';
import type { Finding, Outline } from './manifest.ts';

/** A document of one of our kinds, valid or not: it takes part in the checks across documents. */
export interface Candidate {
  readonly manifest: Outline;
  readonly kind: DesiredResource['kind'];
  /** `Kind/namespace/name`; empty without a proper name. */
  readonly resource: string;
  readonly data: unknown;
  /** What is wrong with the document by itself. */
  readonly problems: readonly Problem[];
  /** Left out when anything is. */
  readonly desired?: DesiredResource;
}

/** Something wrong with a candidate beside the others. */
export interface Verdict {
  readonly candidate: Candidate;
  readonly finding: Finding;
}

/** The value at the end of a way of keys, whatever the data is; undefined when the way ends before. */
export function valueAt(data: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => (isMapping(value) ? value[key] : undefined), data);
}

/** True for a mapping (and for a list, whose keys are its indices). */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The text at the end of a way of keys; empty when there is none. */
export function textAt(data: unknown, ...keys: readonly string[]): string {
  const value = valueAt(data, ...keys);
  return typeof value === 'string' ? value : '';
}

/** The name that a candidate claims; empty without one. */
export function nameOf({ data }: Candidate): string {
  return textAt(data, 'metadata', 'name');
}

/** The two clusters of a Shortcut; undefined when it does not name two. */
export function clustersOf({ data }: Candidate): readonly [string, string] | undefined {
  const first = textAt(data, 'spec', 'clusters', '0');
  const second = textAt(data, 'spec', 'clusters', '1');
  return first === '' || second === '' ? undefined : [first, second];
}
