import { type ConfigFiles, parseReadable } from './config-files.ts';
import type { FlagReader } from './flag-reader.ts';
import { isRemote, parseFolder, parseLocation, parseRef, parseText } from './flag-values.ts';

/** The Git source. */
export interface SourceConfig {
  /** A local path, or an https or http URL without credentials. */
  readonly location: string;
  readonly ref: string | undefined;
  readonly path: string;
  readonly worktree: boolean;
  readonly base: string | undefined;
  /** The token file is read at every use, so that it can be rotated. */
  readonly auth: { readonly tokenFile: string; readonly username: string | undefined } | undefined;
  readonly caFile: string | undefined;
}

/** Reads the flags of the Git source; undefined for `--source none`. */
export function readSource(reader: FlagReader, files: ConfigFiles): SourceConfig | undefined {
  const location = reader.required('source', parseLocation);
  const ref = reader.optional('ref', parseRef);
  const path = reader.required('path', parseFolder);
  const worktree = reader.isSet('worktree');
  const base = reader.optional('base', parseRef);
  const tokenFile = reader.optional('git-token-file', parseReadable(files));
  const username = reader.optional('git-username', parseText);
  const caFile = reader.optional('git-ca-file', parseReadable(files));
  if (username !== undefined && tokenFile === undefined) {
    reader.refuse('git-username', 'is of no use without --git-token-file');
  }
  if (worktree && ref !== undefined) reader.refuse('worktree', 'files as they lie have no --ref');
  if (location === 'none') return undefined;
  if (worktree && isRemote(location)) {
    reader.refuse('worktree', 'only the files of a local repository can be read as they lie');
  }
  const auth = tokenFile === undefined ? undefined : { tokenFile, username };
  return { location, ref, path, worktree, base, auth, caFile };
}
