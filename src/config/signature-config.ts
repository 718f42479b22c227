import { type ConfigFiles, parseReadable } from './config-files.ts';
import type { FlagReader } from './flag-reader.ts';

/** Who may sign commits; at least one of the files, which are read at every use, so that they can be changed. */
export interface SignatureConfig {
  readonly allowedSignersFile: string | undefined;
  readonly gpgKeyringFile: string | undefined;
}

/**
 * Reads the flags of signatures; undefined where none are asked for. A file without the switch is refused: whoever gives
 * one believes that signatures count. So is the switch where there is no commit.
 */
export function readSignatures(
  reader: FlagReader,
  files: ConfigFiles,
  { location, worktree }: { readonly location: string; readonly worktree: boolean },
): SignatureConfig | undefined {
  const isWanted = reader.isSet('verify-signatures');
  const allowedSignersFile = reader.optional('allowed-signers-file', parseReadable(files));
  const gpgKeyringFile = reader.optional('gpg-keyring-file', parseReadable(files));
  if (!isWanted) {
    const useless = 'is of no use without --verify-signatures';
    if (allowedSignersFile !== undefined) reader.refuse('allowed-signers-file', useless);
    if (gpgKeyringFile !== undefined) reader.refuse('gpg-keyring-file', useless);
    return undefined;
  }
  if (allowedSignersFile === undefined && gpgKeyringFile === undefined) {
    reader.refuse('verify-signatures', 'needs --allowed-signers-file, --gpg-keyring-file or both');
  }
  if (worktree) reader.refuse('verify-signatures', 'files as they lie are signed by nobody');
  if (location === 'none') reader.refuse('verify-signatures', 'there is no source to verify');
  return { allowedSignersFile, gpgKeyringFile };
}
