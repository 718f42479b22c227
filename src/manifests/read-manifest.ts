import type { Problem } from '../model/problem.ts';
import { type Candidate, isMapping, textAt } from './candidate.ts';
import type { DesiredResource } from './desired-state.ts';
import { findCredentials } from './find-credentials.ts';
import { findFaults } from './find-faults.ts';
import { type Finding, lineOf, type Manifest, toProblem } from './manifest.ts';
import { schemaFindings } from './schema-findings.ts';
import type { Validators } from './validators.ts';
import { didYouMean, escapeText, quote } from './wording.ts';

/** What became of a document. An empty one gives neither a candidate nor a problem. */
export interface Reading {
  readonly candidate?: Candidate;
  readonly problems: readonly Problem[];
}

interface ReadOptions {
  /** Namespace of resources that name none. */
  readonly namespace: string;
  readonly validators: Validators;
}

/** Whoever has more to mend in one document sees the rest afterwards. */
const MAX_FINDINGS = 100;

/** More than any valid `Kind/namespace/name` needs. */
const RESOURCE_LENGTH = 400;

const KINDS = ['Shortcut', 'LeafCluster'] as const;

/** Reads one document by itself. How it goes together with the others is for checkFleet. */
export function readManifest(manifest: Manifest, options: ReadOptions): Reading {
  const faults = [...findCredentials(manifest), ...findFaults(manifest)];
  if (faults.length > 0) return rejected(manifest, faults);
  const data: unknown = manifest.document.toJS({ maxAliasCount: 0 });
  if (data === null) return { problems: [] };
  const kind = KINDS.find((known) => known === textAt(data, 'kind'));
  if (kind === undefined) return rejected(manifest, [notOurs(data)]);
  return readCandidate({ manifest, kind, data }, options);
}

function readCandidate(
  { manifest, kind, data }: Pick<Candidate, 'manifest' | 'kind' | 'data'>,
  { namespace: fallback, validators }: ReadOptions,
): Reading {
  const name = textAt(data, 'metadata', 'name');
  const namespace = textAt(data, 'metadata', 'namespace') || fallback;
  const text = name === '' ? '' : `${kind}/${namespace}/${name}`;
  const resource = escapeText(text.slice(0, RESOURCE_LENGTH));
  const validate = validators[kind];
  if (!validate(data)) {
    const problems = problemsOf(manifest, schemaFindings(validate.errors ?? []), resource);
    return { candidate: { manifest, kind, resource, data, problems }, problems };
  }
  const object = { ...data, metadata: { ...data.metadata, namespace } };
  const line = lineOf(manifest);
  // The validator of this kind has just accepted the object.
  const desired = { kind, object, file: manifest.file, line } as DesiredResource;
  const candidate = { manifest, kind, resource, data, desired, problems: [] };
  return { candidate, problems: [] };
}

function rejected(manifest: Manifest, findings: readonly Finding[]): Reading {
  return { problems: problemsOf(manifest, findings, '') };
}

function problemsOf(
  manifest: Manifest,
  findings: readonly Finding[],
  resource: string,
): readonly Problem[] {
  return findings.slice(0, MAX_FINDINGS).map((finding) => toProblem(manifest, finding, resource));
}

function notOurs(data: unknown): Finding {
  if (!isMapping(data) || Array.isArray(data)) {
    const message = 'a document must be a mapping with apiVersion, kind, metadata and spec';
    return { code: 'schema-violation', message, pointer: '' };
  }
  const kind = data['kind'];
  if (typeof kind !== 'string') {
    return { code: 'unknown-kind', message: 'kind must be Shortcut or LeafCluster', pointer: '' };
  }
  const advice = didYouMean(kind, KINDS) || '; exclude what is not ours with .shortcutsignore';
  return {
    code: 'unknown-kind',
    message: `unknown kind ${quote(kind)}${advice}`,
    pointer: '/kind',
  };
}
