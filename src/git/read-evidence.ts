import git from 'isomorphic-git';
import type { ObjectDatabase } from './read-object.ts';
import { readObject } from './read-object.ts';
import type { Tip } from './repository.ts';
import type { Evidence } from './signatures/evidence.ts';

/** What may show who made a tip. Throws GitSourceInvalidError, and the library's errors where objects are missing. */
export async function readEvidence(
  db: ObjectDatabase,
  { commit, tag }: Pick<Tip, 'commit' | 'tag'>,
): Promise<Evidence> {
  // A tag object that was named by its id is peeled here.
  const { oid } = await git.readCommit({ ...db, oid: commit });
  const { content: object } = await readObject(db, oid);
  if (tag === undefined) return { commit: oid, object };
  const { content } = await readObject(db, tag.id);
  return { commit: oid, object, tag: { ...tag, object: content } };
}
