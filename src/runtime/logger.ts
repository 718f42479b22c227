import { type Logger as PinoLogger, pino } from 'pino';

import { describeError } from '../errors/describe-error.ts';

/** Structured log. Message constant, everything variable a field, errors under `err` (ARCHITECTURE.md, Logging). */
export type Logger = Pick<
  PinoLogger,
  'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child' | 'level'
>;

/** Fields that never reach a log, wherever they turn up within two levels. */
const SECRET_FIELDS = [
  'token',
  'authorization',
  'Authorization',
  'kubeconfig',
  'password',
  'secret',
  'data',
  'privateKey',
  'body',
  'headers',
];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where lines go; standard error by default, since standard output belongs to the command's result. */
  readonly destination?: { write(line: string): void };
}

/** The root logger: JSON lines. Errors are written with their `cause`s, and of those that are not ours not a word. */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => describeError(error) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
    },
    destination ?? process.stderr,
  );
}

/** Lines for a person instead of JSON: only for a terminal. The library is loaded when it is needed. */
export async function createTerminalDestination(terminal: {
  write(text: string): unknown;
}): Promise<{ write(line: string): void }> {
  const { default: pretty } = await import('pino-pretty');
  const format = pretty.prettyFactory({ colorize: true, ignore: 'pid,hostname', singleLine: true });
  return { write: (line) => void terminal.write(format(line)) };
}

/** Says nothing: the default in tests. */
export const silentLogger: Logger = pino({ level: 'silent' });
