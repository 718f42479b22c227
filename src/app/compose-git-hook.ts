import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { parseSecrets } from '../config/flag-values.ts';
import type { GitHook } from '../http/git-hook.ts';

/** The webhook that the configuration asks for, if any. Its secrets are read from the file at every use. */
export function composeGitHook(
  { webhook }: Pick<Config, 'webhook'>,
  onHint: () => void,
): GitHook | undefined {
  if (webhook === undefined) return undefined;
  const { secretFile } = webhook;
  return { secrets: async () => parseSecrets(await readFile(secretFile, 'utf8')), onHint };
}
