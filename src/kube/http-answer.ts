import type { Dispatcher } from 'undici';
import type { ApiStatus } from './map-error.ts';
import { parseStatus } from './parse-answer.ts';

/** The lines of a body that arrives bit by bit, the last one whether it ends or not. */
export async function* linesOf({ body }: Dispatcher.ResponseData): AsyncGenerator<string> {
  let rest = '';
  body.setEncoding('utf8');
  for await (const text of body as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
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
