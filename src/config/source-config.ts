import { type ConfigFiles, parseReadable } from './config-files.ts';
import type { Environment, FlagReader } from './flag-reader.ts';
import { isRemote, parseFolder, parseLocation, parseRef } from './flag-values.ts';
import { type GitAuthConfig, readGitAuth } from './git-auth-config.ts';
import { type ProxyConfig, readProxy } from './proxy-config.ts';
import { readSignatures, type SignatureConfig } from './signature-config.ts';
import { isSsh } from './ssh-address.ts';
import { readSsh, type SshConfig } from './ssh-config.ts';

/** The Git source. */
export interface SourceConfig {
  /** A local path, an https or http URL, or an address over SSH; without credentials. */
  readonly location: string;
  readonly ref: string | undefined;
  readonly path: string;
  readonly worktree: boolean;
  readonly base: string | undefined;
  readonly auth: GitAuthConfig | undefined;
  readonly caFile: string | undefined;
  readonly proxy: ProxyConfig | undefined;
  readonly ssh: SshConfig | undefined;
  /** Undefined: a commit counts whoever made it. */
  readonly signatures: SignatureConfig | undefined;
}

/** Reads the flags of the Git source; undefined for `--source none`. */
export function readSource(
  reader: FlagReader,
  env: Environment,
  files: ConfigFiles,
): SourceConfig | undefined {
  const location = reader.required('source', parseLocation);
  const ref = reader.optional('ref', parseRef);
  const path = reader.required('path', parseFolder);
  const worktree = reader.isSet('worktree');
  const base = reader.optional('base', parseRef);
  const auth = readGitAuth(reader, files);
  const caFile = reader.optional('git-ca-file', parseReadable(files));
  const proxy = readProxy(reader, isRemote(location) ? env : {}, files);
  const ssh = readSsh(reader, files, isSsh(location));
  const signatures = readSignatures(reader, files, { location, worktree });
  if (worktree && ref !== undefined) reader.refuse('worktree', 'files as they lie have no --ref');
  if (location === 'none') return undefined;
  if (worktree && isRemote(location)) {
    reader.refuse('worktree', 'only the files of a local repository can be read as they lie');
  }
  return { location, ref, path, worktree, base, auth, caFile, proxy, ssh, signatures };
}
