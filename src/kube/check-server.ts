import { refuseCredential } from './credentials.ts';

export interface CheckServerOptions {
  /** Name of the cluster, and where the address was found: for messages. */
  readonly cluster: string;
  readonly field: string;
  /** Accept `http://` on loopback addresses. */
  readonly allowLoopbackHttp: boolean;
}

/** Longest address that is looked at. */
const LONGEST = 2048;

/**
 * Stricter than the URL parser, which drops line breaks, turns `\` into `/` and keeps an empty `?`: what we check must be
 * what is contacted.
 */
const PLAIN = /^https?:\/\/[!-~]+$/i;

/** Would begin a user, a query or a fragment. */
const SPECIAL = /[\\@?#]/;

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * The base URL of an API server, normalised and without a slash at its end.
 *
 * @throws CredentialInvalidError, which names the field and never its value.
 */
export function checkServer(value: unknown, options: CheckServerOptions): string {
  const { cluster, field, allowLoopbackHttp } = options;
  const isPlain = typeof value === 'string' && value.length <= LONGEST && PLAIN.test(value);
  if (!isPlain) refuseCredential(cluster, field, 'is not an https URL');
  if (SPECIAL.test(value)) {
    refuseCredential(cluster, field, 'must not hold a user, a query or a fragment');
  }
  const url = URL.parse(value);
  if (url === null) return refuseCredential(cluster, field, 'is not a URL');
  const isLoopbackHttp = url.protocol === 'http:' && LOOPBACK.includes(url.hostname);
  if (url.protocol !== 'https:' && !(allowLoopbackHttp && isLoopbackHttp)) {
    refuseCredential(cluster, field, 'must be an https URL');
  }
  return url.href.replace(/\/+$/, '');
}
