import { isAbort, toOperatorError } from '../errors/classify.ts';
import { GitPathNotFoundError, UnverifiedCommitError } from '../errors/errors.ts';
import { OperatorError } from '../errors/operator-error.ts';
import type { Source } from '../git/source.ts';
import type { DesiredState } from '../manifests/desired-state.ts';
import { parseManifests } from '../manifests/parse-manifests.ts';
import { mirroredObject } from '../mirror/mirrored-object.ts';
import type { GuardRefusal, MirrorPlan } from '../mirror/mirror-plan.ts';
import { planMirror } from '../mirror/plan-mirror.ts';
import type { DeletionGuard } from '../mirror/deletion-guard.ts';
import { foreseeOffline } from './foresee-offline.ts';
import { NO_OUTLOOK, type Outlook } from './outlook.ts';
import type { Revision } from '../model/revision.ts';

export interface CheckOptions {
  readonly source: Source;
  /** What to compare with, for a pull request. */
  readonly base?: Source;
  readonly sourceName: string;
  readonly namespace: string;
  readonly guard: DeletionGuard;
  readonly signal: AbortSignal;
}

/** A desired state and what it changes against its base. */
export interface Check {
  readonly revision: Revision;
  /** Empty without a base. */
  readonly baseRevision: string;
  readonly desired: DesiredState;
  readonly plan: MirrorPlan;
  /** What it does to connections, as far as Git tells. */
  readonly outlook: Outlook;
  /** Why the base cannot be read, where the desired state is not valid and so weighs more. */
  readonly baseFailure?: OperatorError;
  /** True where the commit is not taken, so that nothing of it was read: `plan.guards` says why. */
  readonly isRefused: boolean;
}

/** What a look at a source gave: a desired state, also where the folder itself is missing. */
export interface DesiredAtRevision {
  readonly revision: Revision;
  readonly desired: DesiredState;
  /** Why nothing of it was read. */
  readonly refusal?: GuardRefusal;
}

/** Of what was not read, nothing is wrong. To be planned by never. */
const UNREAD: DesiredState = { resources: [], problems: [], files: 0, complete: true };

/**
 * Reads a source and parses what it holds. A folder that does not exist is a problem of the desired state, since its
 * author mends it, and a commit that is not verified is refused by a guard; everything else that fails is thrown.
 */
async function readDesired(
  source: Source,
  options: {
    readonly namespace: string;
    readonly leavesKnown?: ReadonlySet<string>;
    readonly signal: AbortSignal;
  },
): Promise<DesiredAtRevision> {
  const { signal, ...parseOptions } = options;
  const { commit, revision } = await source.resolve({ signal });
  try {
    const checkout = await source.read(commit, { signal });
    const { files, path } = checkout;
    return {
      revision: checkout.revision,
      desired: parseManifests(files, { ...parseOptions, path }),
    };
  } catch (error) {
    if (error instanceof UnverifiedCommitError) {
      const refusal = { code: 'unverified-commit', message: error.message, held: [] } as const;
      return { revision, desired: UNREAD, refusal };
    }
    if (!(error instanceof GitPathNotFoundError)) throw error;
    const problem = {
      code: 'path-not-found',
      severity: 'error',
      message: error.message,
      file: source.path,
      line: 1,
      column: 1,
      pointer: '',
      resource: '',
    } as const;
    return { revision, desired: { resources: [], problems: [problem], files: 0, complete: false } };
  }
}

/** Without a base. */
const NO_CHANGE = { baseRevision: '', outlook: NO_OUTLOOK, isRefused: false } as const;

/** The offline check: no cluster is asked. With a base it says what changes, without one only what is wrong. */
export async function checkOffline(options: CheckOptions): Promise<Check> {
  const { source, base, sourceName, namespace, guard, signal } = options;
  const { revision, desired, refusal } = await readDesired(source, { namespace, signal });
  if (refusal !== undefined) {
    const refused = { actions: [], held: [], guards: [refusal] };
    return { ...NO_CHANGE, revision, desired, plan: refused, isRefused: true };
  }
  const plan = planMirror({ desired, actual: undefined, source: sourceName, revision, guard });
  const alone = { ...NO_CHANGE, revision, desired, plan };
  if (base === undefined) return alone;
  const before = await readDesired(base, { namespace, signal }).catch((error: unknown) => {
    if (desired.complete || isAbort(error)) throw error;
    return toOperatorError(error);
  });
  if (before instanceof OperatorError) return { ...alone, baseFailure: before };
  const actual = before.desired.resources.map((resource) =>
    mirroredObject(resource, { source: sourceName, revision: before.revision }),
  );
  const change = planMirror({ desired, actual, source: sourceName, revision, guard });
  const outlook = foreseeOffline(before.desired, desired, change);
  return { ...alone, baseRevision: before.revision, plan: change, outlook };
}
