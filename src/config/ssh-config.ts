import { type ConfigFiles, parseReadable } from './config-files.ts';
import type { FlagReader } from './flag-reader.ts';

/** What a source over SSH is read with: files that are read at every use. */
export interface SshConfig {
  readonly keyFile: string;
  readonly passphraseFile: string | undefined;
  readonly knownHostsFile: string;
}

/** Reads the flags of SSH, which a source over SSH cannot do without; undefined for any other. */
export function readSsh(
  reader: FlagReader,
  files: ConfigFiles,
  isNeeded: boolean,
): SshConfig | undefined {
  const keyFile = reader.optional('git-ssh-key-file', parseReadable(files));
  const passphraseFile = reader.optional('git-ssh-passphrase-file', parseReadable(files));
  const knownHostsFile = reader.optional('git-known-hosts-file', parseReadable(files));
  if (!isNeeded) return undefined;
  if (keyFile === undefined) {
    reader.refuse('git-ssh-key-file', 'is needed for a source over SSH');
  }
  if (knownHostsFile === undefined) {
    reader.refuse(
      'git-known-hosts-file',
      'is needed for a source over SSH: get the keys of its host with ssh-keyscan, and compare their fingerprints with those that it publishes',
    );
  }
  if (keyFile === undefined || knownHostsFile === undefined) return undefined;
  return { keyFile, passphraseFile, knownHostsFile };
}
