/** What can be wrong with a desired state (DESIGN section 4, closed list, in the order of severity within a file). */
export const PROBLEM_CODES = [
  'yaml-parse-error',
  'duplicate-key',
  'yaml-alias',
  'schema-violation',
  'unknown-kind',
  'unknown-api-version',
  'missing-name',
  'invalid-name',
  'duplicate-resource',
  'duplicate-pair',
  'duplicate-node-port',
  'self-link',
  'unknown-leaf',
  'unsupported-server',
  'cidr-conflict',
  'inline-credential',
  'symlink-ignored',
  'file-too-large',
  'too-many-files',
  'not-utf8',
  'empty-source',
  'path-not-found',
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

export type Severity = 'error' | 'warning';

/**
 * One thing that is wrong with a desired state. `file` is relative to the root of the repository, `line` and
 * `column` start at 1, `pointer` is an RFC 6901 JSON pointer into the document, `resource` is `Kind/namespace/name`.
 */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;
  readonly resource: string;
}
