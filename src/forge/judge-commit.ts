import type { CommitFacts, ShortcutFact } from './commit-facts.ts';
import type { CommitStatus } from './forge.ts';

/**
 * The status of a commit, the gravest first. Descriptions come from a closed list, and of numbers hold only those that
 * a commit has for good: so a status changes only when something happens, and a restart finds the same words.
 */
export function judgeCommit(facts: CommitFacts): CommitStatus {
  const { error, problems, refusals, isApplied } = facts;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (error !== undefined) {
    const description = `not applied: ${error.code}`;
    return { state: error.isAuthors ? 'failure' : 'error', description };
  }
  if (errors > 0) {
    const files = `${errors} error${errors === 1 ? '' : 's'} in the files`;
    return { state: 'failure', description: `${files}: nothing is removed while there are any` };
  }
  if (refusals.some(({ code }) => code === 'deletion-guard')) {
    return { state: 'failure', description: 'removals are held back until a person allows them' };
  }
  if (refusals.length > 0) {
    return { state: 'failure', description: 'a name is taken by what did not come from here' };
  }
  if (!isApplied) return { state: 'pending', description: 'read, not applied yet' };
  return judgeShortcuts(facts);
}

function judgeShortcuts({ shortcuts, leaves, removed }: CommitFacts): CommitStatus {
  const has = (...states: readonly ShortcutFact['state'][]) =>
    shortcuts.some(({ state }) => states.includes(state));
  if (has('refused')) {
    return { state: 'failure', description: 'applied; a shortcut cannot be made as it is written' };
  }
  if (has('troubled')) {
    return { state: 'error', description: 'applied; a shortcut is not connected' };
  }
  if (has('progressing', 'removing')) {
    return { state: 'pending', description: 'applied; waiting for shortcuts' };
  }
  const isAboutLeaves = leaves.length + removed.length + shortcuts.length > 0;
  return {
    state: 'success',
    description: isAboutLeaves ? 'applied; all is as asked' : 'applied; it changes nothing here',
  };
}
