import type { KubeObject } from '../model/kube-object.ts';
import type { Problem } from '../model/problem.ts';
import { type Candidate, isMapping, textAt } from './candidate.ts';
import type { DesiredResource } from './desired-state.ts';
import { findCredentials } from './find-credentials.ts';
import { findFaults } from './find-faults.ts';
import { type Finding, type Manifest, type Outline, outlineOf, toProblem } from './manifest.ts';
import { schemaFindings } from './schema-findings.ts';
import type { Validators } from './validators.ts';
import { didYouMean, quote } from './wording.ts';

/** What became of a document. An empty one gives neither a candidate nor a problem. */
export interface Reading {
  readonly candidate?: Candidate;
  readonly problems: readonly Problem[];
}

export interface ReadOptions {
  /** Namespace of resources that name none. */
  readonly namespace: string;
  readonly validators: Validators;
}

/** Whoever has more to mend in one document sees the rest afterwards. */
const MAX_FINDINGS = 100;

/** What a name may consist of: anything else is not repeated outside the message about it. */
const NAME = /^[-.a-z0-9]{1,253}$/;

const KINDS = ['Shortcut', 'LeafCluster'] as const;

/** Reads one document by itself. How it goes together with the others is for checkFleet. */
export function readManifest(manifest: Manifest, options: ReadOptions): Reading {
  const resource = resourceOf(manifest, options.namespace);
  const faults = [...findCredentials(manifest), ...findFaults(manifest)];
  if (faults.length > 0) return { problems: problemsOf(manifest, faults, resource) };
  const data: unknown = manifest.document.toJS({ maxAliasCount: 0 });
  if (data === null) return { problems: [] };
  const kind = KINDS.find((known) => known === textAt(data, 'kind'));
  if (kind === undefined) return { problems: problemsOf(manifest, [notOurs(data)], resource) };
  return readCandidate({ manifest: outlineOf(manifest), kind, resource, data }, options);
}

function readCandidate(
  { manifest, kind, resource, data }: Omit<Candidate, 'problems'>,
  { namespace, validators }: ReadOptions,
): Reading {
  const wrong = schemaFindings(validators[kind](data));
  const findings = wrong.length > 0 ? wrong : elsewhere(data, namespace);
  const problems = problemsOf(manifest, findings, resource);
  const candidate = { manifest, kind, resource, data, problems };
  if (problems.length > 0) return { candidate, problems };
  // The validator of this kind has just accepted the data.
  const valid = data as KubeObject;
  const object = { ...valid, metadata: { namespace, ...valid.metadata } };
  const place = { file: manifest.file, line: manifest.line };
  const desired = { kind, object, ...place } as DesiredResource;
  return { candidate: { ...candidate, desired }, problems };
}

/** One installation looks after one namespace: what lies elsewhere would be applied, and never carried out. */
function elsewhere(data: unknown, namespace: string): readonly Finding[] {
  const found = textAt(data, 'metadata', 'namespace');
  if (found === '' || found === namespace) return [];
  const message = `metadata.namespace: must be ${quote(namespace)}, the namespace of the installation, is ${quote(found)}`;
  return [{ code: 'schema-violation', message, pointer: '/metadata/namespace' }];
}

/** `Kind/namespace/name`, as far as the document says so in proper names, even when it is broken. */
function resourceOf({ document }: Manifest, fallback: string): string {
  const kind = KINDS.find((known) => known === document.getIn(['kind']));
  const namespace = document.getIn(['metadata', 'namespace']) ?? fallback;
  const names = [namespace, document.getIn(['metadata', 'name'])].filter(isName);
  return kind === undefined || names.length < 2 ? '' : [kind, ...names].join('/');
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

function problemsOf(
  manifest: Omit<Outline, 'line'>,
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
