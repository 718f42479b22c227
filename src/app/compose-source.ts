import type { Config } from '../config/config.ts';
import type { SourceConfig } from '../config/source-config.ts';
import { createSource } from '../git/create-source.ts';
import { createFileTokenSource } from '../git/auth/file-token-source.ts';
import type { GitAuth } from '../git/auth/git-auth.ts';
import { githubApiUrl } from '../git/auth/github-api-url.ts';
import { createGitHubAppTokenSource } from '../git/auth/github-app.ts';
import { createVerify } from '../git/signatures/create-verify.ts';
import type { Verify } from '../git/signatures/evidence.ts';
import type { Source } from '../git/source.ts';
import { systemClock } from '../runtime/clock.ts';

/** The Git source; `ref` takes the place of the configured one (for `--base`). */
export function composeSource(source: SourceConfig, config: Config, ref = source.ref): Source {
  const { location, path, worktree, caFile, proxy, ssh } = source;
  const isBase = ref !== source.ref;
  return createSource({
    location,
    path,
    ref,
    worktree: worktree && !isBase,
    auth: composeAuth(source),
    network: { caFile, proxy },
    ssh,
    dataDir: config.dataDir,
    clock: systemClock,
    // What is compared with is not gone by.
    verify: isBase ? undefined : composeVerify(source.signatures),
  });
}

function composeVerify(signatures: SourceConfig['signatures']): Verify | undefined {
  return signatures && createVerify({ ...signatures, clock: systemClock });
}

function composeAuth({ location, auth, caFile, proxy }: SourceConfig): GitAuth | undefined {
  const repository = /^https?:/i.test(location) ? URL.parse(location) : null;
  if (auth === undefined || repository === null) return undefined;
  if (auth.kind === 'token') {
    const { tokenFile: file, scheme, username } = auth;
    return { tokens: createFileTokenSource({ file, flag: '--git-token-file' }), scheme, username };
  }
  const { apiUrl = githubApiUrl(repository), ...app } = auth;
  const tokens = createGitHubAppTokenSource({
    ...app,
    apiUrl,
    repository,
    permissions: { contents: 'read' },
    network: { caFile, proxy },
    clock: systemClock,
  });
  // As GitHub asks for it.
  return { tokens, username: 'x-access-token' };
}

/**
 * Value of the source label. One installation has one source, wherever it lies: the service reads a URL, a pull
 * request's job a clone of it, and both mean the same. What a wrong repository would delete is the guard's to hold.
 */
export const SOURCE_NAME = 'git';
