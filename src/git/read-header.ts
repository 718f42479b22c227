import git from 'isomorphic-git';
import type { CommitHeader } from './descent.ts';
import { isNotFound } from './git-errors.ts';
import type { ObjectDatabase } from './read-object.ts';

/** A commit's own words; undefined when it is not at hand. Throws the library's errors where it is damaged. */
export async function readHeader(
  db: ObjectDatabase,
  oid: string,
): Promise<CommitHeader | undefined> {
  try {
    const { commit } = await git.readCommit({ ...db, oid });
    return { parents: commit.parent, date: commit.committer.timestamp };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
