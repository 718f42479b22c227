import type { ErrorDetails } from './operator-error.ts';
import { OperatorError } from './operator-error.ts';

/** An error as it may be shown: by what, with what of ours, where, and because of what. */
export interface ErrorDescription {
  readonly type: string;
  readonly code?: string;
  /** Of our own errors alone, whose words are ours. */
  readonly message?: string;
  readonly details?: ErrorDetails;
  /** The calls that led there, one a line, without the message. */
  readonly stack?: string;
  readonly cause?: ErrorDescription;
}

/** Causes of causes that are followed. */
const DEPTH = 5;

/** Constants of libraries and of Node look like this. */
const CODE = /^[A-Z][A-Z0-9_]{1,60}$/;

/**
 * What may be shown of anything that was thrown. Errors of libraries quote what they choke on, in messages and in fields
 * of their own (`Invalid URL` holds the URL, a syntax error the text, a protocol error the bytes), and that may be a
 * credential: of them remain the class, a code and the place.
 */
export function describeError(error: unknown, depth = DEPTH): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error ? error.code : undefined;
  const stack = framesOf(error);
  return {
    type: error.constructor.name,
    ...(typeof code === 'string' && CODE.test(code) && { code }),
    ...(error instanceof OperatorError && { message: error.message, details: error.details }),
    ...(stack !== '' && { stack }),
    ...(error.cause !== undefined && depth > 1 && { cause: describeError(error.cause, depth - 1) }),
  };
}

/** The lines after the message, which may have several itself. */
function framesOf({ message, stack = '' }: Error): string {
  const afterMessage = stack.slice(stack.indexOf(message) + message.length);
  return afterMessage
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .join('\n');
}
