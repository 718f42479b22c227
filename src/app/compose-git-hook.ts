import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { parseSecrets } from '../config/flag-values.ts';
import type { GitHook } from '../http/git-hook.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { createHintRelay, type HintRelay } from '../reconcile/hint-relay.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { systemRandom } from '../runtime/random.ts';

/** The webhook that the configuration asks for, if any. Its secrets are read from the file at every use. */
export function composeGitHook(
  { webhook }: Pick<Config, 'webhook'>,
  onHint: () => void,
): GitHook | undefined {
  if (webhook === undefined) return undefined;
  const { secretFile } = webhook;
  return { secrets: async () => parseSecrets(await readFile(secretFile, 'utf8')), onHint };
}

/** What brings a webhook from a follower to the leader; undefined where there is none, or nobody who could follow. */
export function composeHintRelay(options: {
  readonly config: Pick<Config, 'webhook' | 'leaderElect' | 'namespace'>;
  readonly client: KubeClient;
  readonly logger: Logger;
}): HintRelay | undefined {
  const { config, client, logger } = options;
  if (config.webhook === undefined || !config.leaderElect) return undefined;
  const { namespace } = config;
  return createHintRelay({ client, namespace, clock: systemClock, random: systemRandom, logger });
}
