import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Where the tables lie, one YAML file for each subject. */
export const CASES_FOLDER = join(import.meta.dirname, 'cases');

/** One request. `{ns}` stands for the namespace that the case has for itself, `{<name>}` for what was saved. */
export interface ConformanceRequest {
  /** Method and path with query, readable: `GET /api/v1/namespaces/{ns}/configmaps?limit=1`. */
  readonly request: string;
  /** Who asks; default: a member of system:masters. */
  readonly as?: 'bob' | 'nobody';
  /** Content type of the body; default: JSON. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

/** A request that comes before the one in question, and must succeed. */
export interface GivenRequest extends ConformanceRequest {
  /** What of the answer later requests need: paths into the body by name, e.g. `{uid: metadata.uid}`. */
  readonly save?: Readonly<Record<string, string>>;
  /** Repeated until it is answered with this code, for what happens some time later. */
  readonly until?: number;
  /** Sent in another second than what came before, for times, which are kept in whole seconds. */
  readonly nextSecond?: true;
}

/** What a server answers, with everything that differs from run to run replaced. */
export interface ConformanceAnswer {
  readonly code: number;
  /** Headers that carry meaning; `content-type` only when it is not `application/json`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, or the parts of it that `look` names. `Status` objects without what all of them have. */
  readonly body?: unknown;
}

/** One request and its answer. */
export interface ConformanceCase extends ConformanceRequest {
  readonly name: string;
  readonly given?: readonly GivenRequest[];
  /** Repeated until it is answered with this code. */
  readonly until?: number;
  /** Which parts of the body matter, e.g. `metadata.managedFields`, `items[metadata.name=a].kind`. Default: all. */
  readonly look?: readonly string[];
  /** Lines of a watch to read before it is called off; default: until the server ends it. */
  readonly lines?: number;
  /** What a real kube-apiserver answers: written by the recorder (see test/conformance/README.md). */
  readonly answer: ConformanceAnswer;
  /** Why the embedded server answers otherwise. */
  readonly differs?: string;
  /** What the embedded server answers then. */
  readonly embedded?: ConformanceAnswer;
}

/** Names of the tables, in order. */
export function caseFiles(): readonly string[] {
  return readdirSync(CASES_FOLDER)
    .filter((file) => file.endsWith('.yaml'))
    .sort();
}

/** The cases of one table. */
export function readCases(file: string): readonly ConformanceCase[] {
  // Written by us: its shape is checked by running it.
  return parse(readFileSync(join(CASES_FOLDER, file), 'utf8')) as readonly ConformanceCase[];
}
