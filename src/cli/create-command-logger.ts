import {
  createLogger,
  createTerminalDestination,
  type Logger,
  type LoggerOptions,
} from '../runtime/logger.ts';
import type { CommandContext } from './command-context.ts';

/** The log of a command, on standard error: JSON lines, or words where a person is looking. */
export async function createCommandLogger(
  level: LoggerOptions['level'],
  { stderr }: CommandContext,
): Promise<Logger> {
  const destination = stderr.isTTY === true ? await createTerminalDestination(stderr) : stderr;
  return createLogger({ level, destination });
}
