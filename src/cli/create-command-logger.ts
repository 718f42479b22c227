import { escapeJson } from '../report/escape-json.ts';
import {
  createLogger,
  createTerminalDestination,
  type Logger,
  type LoggerOptions,
} from '../runtime/logger.ts';
import type { CommandContext } from './command-context.ts';

/**
 * The log of a command, on standard error: words where a person is looking, else JSON lines, in which the runner of a CI
 * job finds no command.
 */
export async function createCommandLogger(
  level: LoggerOptions['level'],
  { stderr }: CommandContext,
): Promise<Logger> {
  const destination =
    stderr.isTTY === true
      ? await createTerminalDestination(stderr)
      : { write: (line: string) => void stderr.write(escapeJson(line)) };
  return createLogger({ level, destination });
}
