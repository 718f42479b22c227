import { GitAuthError, GitSourceInvalidError, GitUnreachableError } from '../../errors/errors.ts';
import type { OperatorError } from '../../errors/operator-error.ts';
import type { ExchangeAnswer } from '../http/http-exchange.ts';

export interface RefusedAppRequest {
  readonly answer: ExchangeAnswer;
  readonly host: string;
  /** True where we asked for the installation of the repository, false where we asked for a token. */
  readonly isLookUp: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** More than this, in seconds, and GitHub may take our word for one from the future or the past. */
const MAX_SKEW_S = 30;

const LOOK_UP_HINTS: Readonly<Record<number, string>> = {
  301: 'the repository has moved: use its new address as the source',
  404: 'the GitHub App is not installed for the repository: install it there, or check --git-app-id and the address of the source',
};

const TOKEN_HINTS: Readonly<Record<number, string>> = {
  403: 'the installation of the GitHub App is suspended, or may not do what is asked: look at it in the settings of its owner',
  404: 'the GitHub App has no such installation: check --git-app-installation-id, or leave it out',
  422: 'the installation of the GitHub App has not got the repository or a permission that we need (Contents: read): give it both in the settings of its owner',
};

/** What GitHub's refusal of an app's request means, and what to do. Repeats nothing of its text. */
export function appRefusal(refused: RefusedAppRequest): OperatorError {
  const { answer, host, isLookUp, now } = refused;
  const { statusCode: status, headers } = answer;
  const details = { host, status };
  if (status >= 500 || status === 429 || isThrottled(answer)) {
    return new GitUnreachableError(`"${host}" answers with HTTP ${status}`, { details });
  }
  if (status === 401) {
    const skewSeconds = skewOf(headers, now);
    const what = Math.abs(skewSeconds) > MAX_SKEW_S ? clockHint(skewSeconds) : KEY_HINT;
    return new GitAuthError(`"${host}" does not believe the GitHub App: ${what}`, {
      details: { ...details, skewSeconds },
    });
  }
  const hint = (isLookUp ? LOOK_UP_HINTS : TOKEN_HINTS)[status];
  if (hint !== undefined) return new GitAuthError(`"${host}": ${hint}`, { details });
  return new GitSourceInvalidError(
    `"${host}" answers with HTTP ${status}: check the address of its API (--git-app-api-url)`,
    { details },
  );
}

const KEY_HINT =
  'check that --git-app-id and --git-app-key-file belong together, and that the key was not removed';

function clockHint(skewSeconds: number): string {
  const direction = skewSeconds > 0 ? 'ahead of' : 'behind';
  return `our clock is ${Math.abs(skewSeconds)} s ${direction} its own: set the clock of this machine`;
}

/** How far we are ahead of the server, in seconds; 0 where it does not say what time it is. */
function skewOf(headers: ExchangeAnswer['headers'], now: number): number {
  const theirs = Date.parse(headers['date'] ?? '');
  return Number.isNaN(theirs) ? 0 : Math.round((now - theirs) / 1000);
}

function isThrottled({ statusCode, headers }: ExchangeAnswer): boolean {
  const isSpent = headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined;
  return statusCode === 403 && isSpent;
}
