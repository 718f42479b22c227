import type { Source } from '../git/source.ts';
import type { Condition } from '../model/condition.ts';
import type { SourceSnapshot } from '../model/source-snapshot.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Look } from './steady-source.ts';

type SourceCondition = Condition<'SourceVerified'>;

/**
 * Says of each look whether what the ref names is signed by somebody who may; nothing where nobody asks for signatures.
 * Unknown while the source, or who may sign, cannot be read.
 */
export function createSourceConditions({
  source,
  clock,
}: {
  readonly source: Pick<Source, 'verifies'>;
  readonly clock: Clock;
}): (look: Look) => Pick<SourceSnapshot, 'conditions'> {
  let last: SourceCondition | undefined;
  return (look) => {
    if (!source.verifies) return {};
    const verdict = judge(look);
    const isSame = last?.status === verdict.status;
    const now = new Date(clock.now()).toISOString();
    const lastTransitionTime = isSame && last !== undefined ? last.lastTransitionTime : now;
    last = { type: 'SourceVerified', ...verdict, lastTransitionTime };
    return { conditions: [last] };
  };
}

function judge({ error, checkout }: Look): Pick<SourceCondition, 'status' | 'reason' | 'message'> {
  if (error?.code === 'GIT_UNVERIFIED') {
    return { status: 'False', reason: 'UnverifiedCommit', message: error.message };
  }
  if (error !== undefined || checkout === undefined) {
    return { status: 'Unknown', reason: 'SourceUnavailable', message: error?.message ?? '' };
  }
  const { commit, signer = '' } = checkout;
  const message = `commit "${commit.slice(0, 12)}" is signed with the key ${signer}`;
  return { status: 'True', reason: 'Verified', message };
}
