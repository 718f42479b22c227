import type { Config } from '../config/config.ts';
import type { SourceConfig } from '../config/source-config.ts';
import { createSource } from '../git/create-source.ts';
import { createFileTokenSource } from '../git/file-token-source.ts';
import type { GitAuth } from '../git/git-auth.ts';
import type { Source } from '../git/source.ts';
import { systemClock } from '../runtime/clock.ts';

/** The Git source; `ref` takes the place of the configured one (for `--base`). */
export function composeSource(source: SourceConfig, config: Config, ref = source.ref): Source {
  const { location, path, worktree, auth, caFile } = source;
  return createSource({
    location,
    path,
    ref,
    worktree: worktree && ref === source.ref,
    auth: composeAuth(auth),
    caFile,
    dataDir: config.dataDir,
    clock: systemClock,
  });
}

function composeAuth(auth: SourceConfig['auth']): GitAuth | undefined {
  if (auth === undefined) return undefined;
  const { tokenFile: file, username } = auth;
  return { tokens: createFileTokenSource({ file, flag: '--git-token-file' }), username };
}

/**
 * Value of the source label. One installation has one source, wherever it lies: the service reads a URL, a pull
 * request's job a clone of it, and both mean the same. What a wrong repository would delete is the guard's to hold.
 */
export const SOURCE_NAME = 'git';
