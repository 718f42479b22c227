import { createHash } from 'node:crypto';
import git, { type FsClient } from 'isomorphic-git';
import { GitSourceInvalidError } from '../errors/errors.ts';

/** The object database to read from. One `cache` for one read: packs come and go between reads. */
export interface ObjectDatabase {
  readonly fs: FsClient;
  readonly gitdir: string;
  readonly cache: object;
}

/** An object as it is stored. */
export interface StoredObject {
  readonly type: string;
  readonly content: Uint8Array;
}

/**
 * An object whose content is what its id says: the library does not look at that for what lies in a pack. So what is read
 * below a commit that somebody signed is what he signed. Throws GitSourceInvalidError, and the library's errors.
 */
export async function readObject(db: ObjectDatabase, oid: string): Promise<StoredObject> {
  // Nothing else in the library gives the bytes of a tree.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  const { type, object } = await git.readObject({ ...db, oid, format: 'content' });
  const content = object as Uint8Array;
  const hash = createHash('sha1').update(`${type} ${content.length}\0`).update(content);
  if (hash.digest('hex') === oid) return { type, content };
  throw new GitSourceInvalidError(`object "${oid}" is damaged`, { details: { oid } });
}
