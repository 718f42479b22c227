import fs from 'node:fs';
import {
  CLOCK_SLACK,
  type CommitHeader,
  type CommitPair,
  type Descent,
  findDescent,
} from './descent.ts';
import {
  type Connection,
  fetchHistory,
  type FetchOptions,
  type Store,
  withStore,
} from './fetch-files.ts';
import { readHeader } from './read-header.ts';

/**
 * Whether one commit goes on from another: by what was fetched for the files, which mostly tells, since it is what is newer
 * than the earlier commit; else by what the server has from an hour before that commit.
 */
export async function fetchDescent(
  options: FetchOptions,
  commits: CommitPair,
  connection: Connection,
): Promise<Descent> {
  return withStore(options, connection, async (store) => {
    const read = reader(options, store);
    const known = await findDescent(commits, { read, isComplete: false });
    const start = await read(commits.from);
    if (known !== 'unknown' || start === undefined) return known;
    const since = new Date((start.date - CLOCK_SLACK) * 1000);
    await fetchHistory(options, commits.to, { ...store, since });
    return findDescent(commits, { read: reader(options, store), isComplete: true });
  });
}

/** Headers from memory, else from the store. */
function reader({ headers }: FetchOptions, { gitdir }: Store) {
  const db = { fs, gitdir, cache: {} };
  return async (commit: string): Promise<CommitHeader | undefined> =>
    headers.get(commit) ?? readHeader(db, commit);
}
