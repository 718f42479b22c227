import type { Dispatcher } from 'undici';
import {
  ForgeRefusedError,
  ForgeRejectedError,
  ForgeThrottledError,
  ForgeUnreachableError,
} from '../errors/errors.ts';
import type { OperatorError } from '../errors/operator-error.ts';
import type { ForgeOperation } from '../model/forge.ts';

type Headers = Dispatcher.ResponseData['headers'];

/** GitHub's windows are an hour long: whoever says more than two is not believed. */
const LONGEST_WAIT_S = 7_200;

const RIGHTS: Readonly<Record<ForgeOperation, string>> = {
  identity: 'ask who it belongs to',
  status: 'read and set statuses of commits',
  'pull-request': 'read pull requests',
  comment: 'read and write comments on pull requests',
};

/** Bad requests, what is gone, too long, not valid, and locked. */
const REJECTED: ReadonlySet<number> = new Set([400, 410, 413, 422, 423]);

/** What an answer that is not the one that was hoped for means. `now` in milliseconds since the epoch. */
export function failureOf(
  answer: { readonly statusCode: number; readonly headers: Headers },
  { host, operation, now }: { host: string; operation: ForgeOperation; now: number },
): OperatorError {
  const { statusCode: status, headers } = answer;
  const details = { host, status, operation };
  const api = `the API of "${host}"`;
  if (status === 429 || (status === 403 && isLimit(headers))) {
    const retryAfterSeconds = retryAfter(headers, now);
    return new ForgeThrottledError(`${api} has had enough requests for now`, {
      details: { ...details, retryAfterSeconds },
    });
  }
  const may = `that the token may ${RIGHTS[operation]}`;
  const refused: Readonly<Record<number, string>> = {
    401: `${api} does not take the token (--report-token-file)`,
    403: `${api} refuses: check ${may}`,
    404: `${api} does not show it: check --report-repository, and ${may}`,
  };
  const refusal = refused[status];
  if (refusal !== undefined) return new ForgeRefusedError(refusal, { details });
  if (REJECTED.has(status)) {
    return new ForgeRejectedError(`${api} does not take it (${status})`, { details });
  }
  return new ForgeUnreachableError(`${api} answers with ${status}`, { details });
}

/** GitHub says 403 for a limit as well as for a right that is missing; of a limit it tells how long it lasts. */
function isLimit(headers: Headers): boolean {
  return first(headers, 'retry-after') !== undefined || isUsedUp(headers);
}

/** Whether the next request would be one too many. */
function isUsedUp(headers: Headers): boolean {
  return remaining(headers) === '0';
}

function remaining(headers: Headers): string | undefined {
  return first(headers, 'x-ratelimit-remaining') ?? first(headers, 'ratelimit-remaining');
}

/** Milliseconds since the epoch until which no more requests are due; undefined when there is room for another. */
export function usedUpUntil(headers: Headers, now: number): number | undefined {
  const seconds = isUsedUp(headers) ? secondsUntilReset(headers, now) : undefined;
  return seconds === undefined ? undefined : now + seconds * 1000;
}

/** In seconds: GitHub and GitLab say it in one of three ways. */
function retryAfter(headers: Headers, now: number): number | undefined {
  const text = first(headers, 'retry-after');
  if (text === undefined) return isUsedUp(headers) ? secondsUntilReset(headers, now) : undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000;
  return within(seconds);
}

/** The header holds seconds since the epoch. */
function secondsUntilReset(headers: Headers, now: number): number | undefined {
  const text = first(headers, 'x-ratelimit-reset') ?? first(headers, 'ratelimit-reset');
  return text === undefined ? undefined : within(Number(text) - now / 1000);
}

function within(seconds: number): number | undefined {
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(LONGEST_WAIT_S, Math.max(1, Math.ceil(seconds)));
}

function first(headers: Headers, name: string): string | undefined {
  return [headers[name]].flat()[0];
}
