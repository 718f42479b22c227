import { readFileSync } from 'node:fs';

import { loadConfig } from '../config/config.ts';
import type { GivenFlags } from '../config/flag-reader.ts';
import { isAbort } from '../errors/classify.ts';
import { ConfigError } from '../errors/errors.ts';
import { systemClock } from '../runtime/clock.ts';
import type { CommandContext } from './command-context.ts';
import { createCommandLogger } from './create-command-logger.ts';

/** `run`: the service, until it is told to stop. Resolves with the exit code. */
export async function runCommand(flags: GivenFlags, context: CommandContext): Promise<number> {
  const config = loadConfig(flags, context.env, { read: (path) => readFileSync(path, 'utf8') });
  if (config.mode !== 'apply') {
    throw new ConfigError(
      `the service writes, so "${config.mode}" goes only with "reconcile --once" (in a pull request's job it is the default)`,
    );
  }
  const logger = await createCommandLogger(config.logLevel, context);
  const { composeService } = await import('../app/compose.ts');
  const { signal } = context;
  const { service, url } = await composeService({
    config,
    environment: context.env,
    logger,
    signal,
    nextFreePort: false,
  });
  logger.info({ url }, 'Listening');
  try {
    await service.start({ signal });
    await untilAborted(signal);
  } catch (error) {
    if (!isAbort(error)) throw error;
  } finally {
    await service.stop();
  }
  return 0;
}

/** Longer than any process lives; a timer cannot be set for more. */
const FOREVER_MS = 2 ** 31 - 1;

/** Resolves when the signal is aborted, and keeps the process alive until then. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await systemClock.sleep(FOREVER_MS, { signal }).catch(() => undefined);
  }
}
