import type { Dispatcher } from 'undici';
import { ClusterUnreachableError } from '../errors/errors.ts';
import { type ApiStatus, type CallContext, messageOf } from './map-error.ts';
import { parseStatus } from './parse-answer.ts';

/** What one leaf sends must not take the memory of all: the longest answer that is read, in characters. */
const LONGEST_ANSWER = 32 * 1024 * 1024;
/** The longest event of a watch; etcd takes objects of 1.5 MiB. */
const LONGEST_LINE = 8 * 1024 * 1024;

/** The whole body. Throws ClusterUnreachableError, and reads no further, when it is larger than any that we ask for. */
export async function textOf(
  { body }: Dispatcher.ResponseData,
  context: CallContext,
): Promise<string> {
  let text = '';
  body.setEncoding('utf8');
  for await (const part of body as AsyncIterable<string>) {
    text += part;
    if (text.length > LONGEST_ANSWER) throw tooLarge(context);
  }
  return text;
}

/**
 * The lines of a body that arrives bit by bit, the last one whether it ends or not. Throws ClusterUnreachableError, and
 * reads no further, when a line is larger than any object.
 */
export async function* linesOf(
  { body }: Dispatcher.ResponseData,
  context: CallContext,
): AsyncGenerator<string> {
  let rest = '';
  body.setEncoding('utf8');
  for await (const text of body as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw tooLarge(context);
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** What is thrown for an answer that is larger than any. */
export function tooLarge(context: CallContext): ClusterUnreachableError {
  const { cluster, action } = context;
  return new ClusterUnreachableError(
    messageOf(context, 'the answer is larger than any we ask for'),
    {
      details: { cluster, action },
    },
  );
}

/** Whether the request was carried out: any 2xx. A redirection is none, and is not followed. */
export function isOk({ statusCode }: Dispatcher.ResponseData): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** What a refusal says, as far as its body is a Status object; the code is that of HTTP, whatever the body says. */
export function statusOf(
  { statusCode, headers }: Dispatcher.ResponseData,
  text: string,
): ApiStatus {
  const retryAfterSeconds = Number.parseInt(String(headers['retry-after']), 10);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined; // a proxy's page, or the plain text of an unknown path: the code alone must do
  }
  return {
    ...parseStatus(body, { code: statusCode }),
    code: statusCode,
    ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
  };
}
