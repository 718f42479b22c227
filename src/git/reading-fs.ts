import fs, { type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { PromiseFsClient } from 'isomorphic-git';

/** The file of an object that is not packed (gitrepository-layout). */
const LOOSE = /\/objects\/[0-9a-f]{2}\/[0-9a-f]{38}$/;

/** The library asks for what need not be there, and takes any failure for "no". */
const ABSENT = Object.assign(new Error('not there'), { code: 'ENOENT' });

/**
 * The file system as one read of a repository needs it. For each object the library looks at the repository's folder, for
 * a file of the object, and through the folder of packs: here each folder is listed once. So it is good for one read only,
 * beside which objects may be packed: then what is missing is looked for again with another one.
 */
export function createReadingFs(gitdir: string): PromiseFsClient {
  const listings = new Map<string, Promise<ReadonlySet<string>>>();
  let place: Promise<Stats> | undefined;

  function list(folder: string): Promise<ReadonlySet<string>> {
    const listing =
      listings.get(folder) ?? fs.promises.readdir(folder).then((names) => new Set(names));
    listings.set(folder, listing);
    return listing;
  }

  async function readFile(path?: string, ...options: readonly unknown[]): Promise<unknown> {
    // Without a path it is asked whether the answer is a promise.
    if (path === undefined) throw ABSENT;
    if (LOOSE.test(path)) {
      const names = await list(dirname(path));
      if (!names.has(path.slice(-38))) throw ABSENT;
    }
    return fs.promises.readFile(path, ...(options as []));
  }

  return {
    promises: {
      ...fs.promises,
      readFile,
      readdir: async (folder: string) => [...(await list(folder))],
      stat: (path: string) => {
        if (path !== gitdir) return fs.promises.stat(path);
        place ??= fs.promises.stat(path);
        return place;
      },
    },
  };
}
