import type { LeafCluster } from '../model/leaf-cluster.ts';
import { formatRef, type KubeObject, refOf } from '../model/kube-object.ts';
import { LEAF_CLUSTER, SHORTCUT } from '../model/kinds.ts';
import { ANNOTATION_REVISION, LABEL_SOURCE } from '../model/names.ts';
import type { Problem } from '../model/problem.ts';
import type { Revision } from '../model/revision.ts';
import { clustersOf, type Shortcut } from '../model/shortcut.ts';
import type { HeldDeletion, SourceSnapshot } from '../model/source-snapshot.ts';
import type { CommitFacts, RefusalFact } from './commit-facts.ts';
import { judgeShortcut } from './judge-shortcut.ts';

/** What a pass of stage one came to, as far as it is reported. */
export interface SourcePass {
  readonly report: {
    /** What it went by. */
    readonly revision?: Revision;
    /** Set when the source could not be read. */
    readonly error?: { readonly code: string; readonly message: string };
    readonly desired?: { readonly problems: readonly Problem[] };
    readonly plan: {
      readonly held: readonly HeldDeletion[];
      readonly guards: readonly RefusalFact[];
    };
  };
  readonly source: Pick<SourceSnapshot, 'revisionAttempted' | 'revisionApplied' | 'error'>;
}

/** The CRs of the main cluster. */
export interface MainPicture {
  readonly shortcuts: readonly Shortcut[];
  readonly leafClusters: readonly LeafCluster[];
}

export interface GatherInput {
  readonly pass: SourcePass;
  readonly picture: MainPicture;
  /** `Kind/namespace/name` of what commits have removed. */
  readonly removed: ReadonlyMap<Revision, ReadonlySet<string>>;
  /** Commits that came before, and of which the last word is not spoken. */
  readonly followed: readonly Revision[];
}

/** What only a further commit mends. */
const AUTHORS: ReadonlySet<string> = new Set(['GIT_PATH_NOT_FOUND', 'GIT_UNVERIFIED']);

/**
 * What is to be told of each commit that something is to be told of: the one that counts, one that could not be read,
 * and those before that are still followed.
 */
export function gatherFacts(input: GatherInput): readonly CommitFacts[] {
  const { report, source } = input.pass;
  const { revision, error } = report;
  const attempted = source.revisionAttempted;
  const unread =
    error === undefined || attempted === undefined || attempted === revision
      ? []
      : [{ ...NOTHING, revision: attempted, error: told(error), isApplied: false }];
  const counts = revision === undefined ? [] : [currentFacts(input, revision)];
  const others = input.followed
    .filter((one) => one !== revision && one !== attempted)
    .map((one) => ({ ...NOTHING, ...broughtBy(one, input), revision: one, isApplied: true }));
  return [...unread, ...counts, ...others];
}

const NOTHING = { problems: [], refusals: [], held: [], shortcuts: [], leaves: [], removed: [] };

/** Of the commit that counts. That the source cannot be read just now is nothing against it. */
function currentFacts(input: GatherInput, revision: Revision): CommitFacts {
  const { report, source } = input.pass;
  const isApplied = source.revisionApplied === revision;
  const writeError = report.error === undefined && !isApplied ? source.error : undefined;
  return {
    revision,
    ...(writeError === undefined ? {} : { error: told(writeError) }),
    isApplied,
    problems: report.desired?.problems ?? [],
    refusals: report.plan.guards,
    held: report.plan.held,
    ...broughtBy(revision, input),
  };
}

function told({ code, message }: { code: string; message: string }): CommitFacts['error'] & object {
  return { code, message, isAuthors: AUTHORS.has(code) };
}

/** What a commit brought, changed or took away: the annotation names the commit that changed an object last. */
function broughtBy(
  revision: Revision,
  { pass, picture, removed }: GatherInput,
): Pick<CommitFacts, 'shortcuts' | 'leaves' | 'removed'> {
  const isOf = (object: KubeObject) =>
    object.metadata.annotations?.[ANNOTATION_REVISION] === revision;
  const leaves = picture.leafClusters.filter(isOf).map(({ metadata }) => metadata.name);
  const taken = removed.get(revision) ?? new Set<string>();
  const claimed = new Set([...removed.values()].flatMap((names) => [...names]));
  const isCurrent = pass.report.revision === revision;

  /** Who was removed by nobody we know of, was removed by the commit that counts. */
  function isGoing(shortcut: Shortcut): boolean {
    const name = addressOf(shortcut);
    return taken.has(name) || (isCurrent && isFromSource(shortcut) && !claimed.has(name));
  }

  const shortcuts = picture.shortcuts.filter((shortcut) =>
    shortcut.metadata.deletionTimestamp === undefined
      ? isOf(shortcut) || clustersOf(shortcut).some((leaf) => leaves.includes(leaf))
      : isGoing(shortcut),
  );
  const present = new Set([...picture.shortcuts, ...picture.leafClusters].map(addressOf));
  return {
    shortcuts: shortcuts.map(judgeShortcut).sort(byName),
    leaves: leaves.toSorted(),
    removed: [...taken].filter((name) => !present.has(name)).sort(),
  };
}

function isFromSource({ metadata }: KubeObject): boolean {
  return metadata.labels?.[LABEL_SOURCE] !== undefined;
}

function addressOf(object: KubeObject): string {
  return formatRef(refOf(object.kind === SHORTCUT.kind ? SHORTCUT : LEAF_CLUSTER, object));
}

function byName(
  a: { readonly namespace: string; readonly name: string },
  b: { readonly namespace: string; readonly name: string },
): number {
  return `${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1;
}
