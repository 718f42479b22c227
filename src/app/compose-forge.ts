import type { Config } from '../config/config.ts';
import type { ReportConfig } from '../config/report-config.ts';
import type { SourceConfig } from '../config/source-config.ts';
import { InvariantError } from '../errors/errors.ts';
import { createForge } from '../forge/create-forge.ts';
import { createReporter, type Reporter } from '../forge/reporter.ts';
import { createRequestCounter } from '../forge/request-counter.ts';
import { createFileTokenSource } from '../git/auth/file-token-source.ts';
import type { GitNetwork } from '../git/http/git-agent.ts';
import { githubApiUrl } from '../git/auth/github-api-url.ts';
import { createGitHubAppTokenSource } from '../git/auth/github-app.ts';
import type { TokenSource } from '../git/auth/token-source.ts';
import type { Engine } from '../reconcile/engine.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { systemRandom } from '../runtime/random.ts';
import { VERSION } from './version.ts';

/**
 * What tells the host of the repository how commits fare, where the configuration asks for it.
 *
 * @throws ConfigError when the file of the certificate authority cannot be read.
 */
export async function composeForge(
  { config, logger }: { readonly config: Config; readonly logger: Logger },
  engine: Pick<Engine, 'main' | 'memories'>,
  installation: () => string,
): Promise<Reporter | undefined> {
  const { report, source } = config;
  if (report === undefined || source === undefined) return undefined;
  const { kind, apiUrl, repository, comment, publicUrl = '' } = report;
  const requests = createRequestCounter();
  const forge = await createForge({
    kind,
    apiUrl,
    repository,
    context: { name: () => `liqo-shortcuts/${installation()}`, targetUrl: publicUrl },
    tokens: tokensOf(report, source),
    network: networkOf(source),
    userAgent: `liqo-shortcuts/${VERSION}`,
    clock: systemClock,
    onRequest: (operation, code) => requests.count(operation, code),
  });
  const { main, memories } = engine;
  return createReporter({
    ...{ forge, requests, kind, repository, comment, publicUrl, installation, logger },
    picture: () =>
      main.failure() === undefined
        ? { shortcuts: main.shortcuts(), leafClusters: main.leafClusters() }
        : undefined,
    onChange: () => memories.touch(),
    clock: systemClock,
    random: systemRandom,
  });
}

function networkOf({ caFile, proxy }: SourceConfig): GitNetwork {
  return { caFile, proxy };
}

/** A token for this alone: that of Git may only read. */
function tokensOf(
  { tokenFile: file, repository }: ReportConfig,
  source: SourceConfig,
): TokenSource {
  if (file !== undefined) return createFileTokenSource({ file, flag: '--report-token-file' });
  const { auth, location } = source;
  if (auth?.kind !== 'github-app') throw new InvariantError('there is no token to report with');
  const address = new URL(location);
  const { apiUrl = githubApiUrl(address), ...app } = auth;
  return createGitHubAppTokenSource({
    ...app,
    apiUrl,
    repository: new URL(`/${repository}`, address),
    permissions: { statuses: 'write', pull_requests: 'write' },
    network: networkOf(source),
    clock: systemClock,
  });
}
