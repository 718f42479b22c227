// Not the whole package: its index and its KubeConfig load a class for every kind of Kubernetes, some 60 MB.
import type { User } from '@kubernetes/client-node/dist/config_types.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import { Agent, type Dispatcher } from 'undici';
import { CredentialInvalidError, TimeoutError } from '../errors/errors.ts';
import { OperatorError } from '../errors/operator-error.ts';
import { isAbort } from '../errors/classify.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { following } from '../runtime/following.ts';
import type { Random } from '../runtime/random.ts';
import { withinTime } from '../runtime/within-time.ts';
import type { ClusterCredentials } from './credentials.ts';
import type { WatchEvent } from './kube-client.ts';
import { type CallContext, messageOf, toKubeError } from './map-error.ts';
import { isOk, linesOf, statusOf, textOf } from './http-answer.ts';
import { parseJson, parseWatchEvent } from './parse-answer.ts';
import { createRequestLane, type RequestLane } from './request-lane.ts';
import { toTransportError } from './transport-error.ts';

export interface ConnectionOptions {
  readonly credentials: ClusterCredentials;
  readonly cluster: string;
  readonly userAgent: string;
  /** Longest time for one request and its answer. */
  readonly requestTimeoutMs: number;
  /** Longest silence of a watch. Bookmarks come about once a minute. */
  readonly watchInactivityMs: number;
  readonly random: Random;
  readonly clock: Clock;
}

type Query = Readonly<Record<string, string | undefined>>;

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
  /** For messages: what is tried, as it reads after "cannot". */
  readonly action: string;
  readonly signal: AbortSignal;
}

export interface WatchCall {
  readonly path: string;
  readonly query: Query;
  readonly action: string;
  readonly signal: AbortSignal;
  readonly onOpen: (() => void) | undefined;
}

/** Shortest and longest life of a watch that we ask for: spread, so that they do not all end at once. */
const WATCH_SECONDS = { min: 300, max: 600 };

/** How many requests may be under way on one cluster, whatever the number of shortcuts; watches are not counted. */
const REQUESTS_AT_ONCE = 16;

/** Longest time to set up a connection. */
const CONNECT_TIMEOUT_MS = 10_000;

/** TCP keep-alive below the idle limits of usual load balancers, as client-go has it. */
const KEEP_ALIVE_MS = 30_000;

/**
 * One cluster as one user, over one HTTP/2 connection that requests and watches share: authentication, time limits,
 * calling off, and what can go wrong on the way. This file and client-node are loaded only when a cluster is contacted.
 */
export class ClientNodeConnection {
  readonly #options: ConnectionOptions;
  readonly #agent: Agent;
  readonly #user: User;
  readonly #tokenFile = new FileAuth();
  readonly #lane: RequestLane;
  readonly #closing = new AbortController();
  readonly #writes = new Set<Promise<unknown>>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#agent = createAgent(options);
    this.#user = userOf(options);
    this.#lane = createRequestLane({ limit: REQUESTS_AT_ONCE, clock: options.clock });
  }

  /** One request, when it is its turn; the answer as JSON. Throws our own errors only. */
  async send(call: ApiCall): Promise<unknown> {
    return following([call.signal, this.#closing.signal], async (signal) => {
      const begin = () => this.#begin(call, signal);
      try {
        return await (isLease(call) ? begin() : this.#lane.run(begin, { signal }));
      } catch (error) {
        if (error instanceof OperatorError || !signal.aborted) throw error;
        throw calledOffError(signal, this.#contextOf(call));
      }
    });
  }

  async #begin(call: ApiCall, signal: AbortSignal): Promise<unknown> {
    if (call.method === 'GET') return this.#exchange({ ...call, signal });
    const write = this.#exchange(call);
    this.#writes.add(write);
    return write.finally(() => this.#writes.delete(write));
  }

  async #exchange(call: ApiCall): Promise<unknown> {
    const context = this.#contextOf(call);
    const limits = { clock: systemClock, signals: [call.signal] };
    try {
      return await withinTime(this.#options.requestTimeoutMs, limits, async (signal) => {
        const response = await this.#request(call, signal);
        const text = await textOf(response, context);
        if (isOk(response)) return parseJson(text, context);
        throw toKubeError(statusOf(response, text), context);
      });
    } catch (error) {
      if (call.signal.aborted) throw calledOffError(call.signal, context);
      if (isAbort(error)) throw timeoutError(context);
      throw toTransportError(error, context);
    }
  }

  /**
   * The events of one watch. Returns when the server closes it; throws our own errors only. Not client-node's `Watch`: it
   * ends after 30 s of silence, passes over what is no JSON, and cannot be called off before the server answers (2.0.1).
   */
  async *watch(call: WatchCall): AsyncGenerator<WatchEvent> {
    const context = this.#contextOf(call);
    const calledOff = AbortSignal.any([call.signal, this.#closing.signal]);
    try {
      const response = await this.#request(
        { ...call, method: 'GET', query: this.#watchQuery(call) },
        calledOff,
      );
      if (!isOk(response)) {
        throw toKubeError(statusOf(response, await textOf(response, context)), context);
      }
      call.onOpen?.();
      for await (const line of linesOf(response, context)) {
        yield parseWatchEvent(parseJson(line, context), context);
      }
    } catch (error) {
      if (calledOff.aborted) throw calledOffError(calledOff, context);
      throw toTransportError(error, context);
    }
  }

  /** A write that was called off may have been carried out or not: those under way are given their time. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#writes);
    await this.#agent.destroy();
  }

  /** client-node would make a new connection for every request (2.0.1): what it authenticates goes over ours. */
  async #request(call: ApiCall, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const url = new URL(this.#options.credentials.server + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const headers = {
      'User-Agent': this.#options.userAgent,
      Accept: 'application/json',
      ...(call.body !== undefined && { 'Content-Type': call.contentType ?? 'application/json' }),
      ...(await this.#authenticate()),
    };
    signal.throwIfAborted();
    return this.#agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: call.method,
      headers,
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: onceSent(signal),
    });
  }

  /** The header that says who we are; none where a client certificate does. */
  async #authenticate(): Promise<Readonly<Record<string, string>>> {
    const { token } = this.#user;
    if (token !== undefined) return { Authorization: `Bearer ${token}` };
    if (this.#user.authProvider === undefined) return {};
    const headers: Record<string, string> = {};
    try {
      await this.#tokenFile.applyAuthentication(this.#user, { headers });
    } catch {
      const { cluster } = this.#options;
      throw new CredentialInvalidError(`credential of cluster "${cluster}": no token can be read`, {
        details: { cluster },
      });
    }
    // The file may end with a line break, which is no part of the token.
    const value = headers['Authorization']?.trim();
    return value === undefined ? {} : { Authorization: value };
  }

  #watchQuery({ query }: WatchCall): Query {
    const { min, max } = WATCH_SECONDS;
    const timeoutSeconds = Math.round(min + this.#options.random() * (max - min));
    return {
      ...query,
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: `${timeoutSeconds}`,
    };
  }

  #contextOf({ action }: { readonly action: string }): CallContext {
    return { cluster: this.#options.cluster, action };
  }
}

/** The credential as client-node's authenticator reads it. */
function userOf({ credentials, cluster }: ConnectionOptions): User {
  const { token, tokenFile } = credentials;
  return {
    name: cluster,
    ...(token !== undefined && { token }),
    ...(tokenFile !== undefined && { authProvider: { name: 'tokenFile', config: { tokenFile } } }),
  };
}

function createAgent(options: ConnectionOptions): Agent {
  const { caData, certData, keyData, tlsServerName } = options.credentials;
  return new Agent({
    allowH2: true,
    // When one of these two fires, undici asks the server for a sign of life and replaces a dead connection. Calling a
    // request off does not, so the first one has to come before our own deadline.
    headersTimeout: Math.ceil(options.requestTimeoutMs * 0.9),
    bodyTimeout: options.watchInactivityMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: {
      // Said aloud, or NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would hand our tokens to anybody.
      rejectUnauthorized: true,
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      ...(caData !== undefined && { ca: Buffer.from(caData, 'base64') }),
      ...(certData !== undefined && { cert: Buffer.from(certData, 'base64') }),
      ...(keyData !== undefined && { key: Buffer.from(keyData, 'base64') }),
      ...(tlsServerName !== undefined && { servername: tlsServerName }),
    },
  });
}

/**
 * The same signal, two turns of the event loop later: what was handed to HTTP/2 has to be on its way before it is called
 * off. In the same turn (undici 8.12, Node 24) a request with a body sends Node into an endless loop of empty frames,
 * and any other leaves a stream behind whose error nobody hears when the connection is closed: both end the process.
 */
function onceSent(signal: AbortSignal): AbortSignal {
  const later = new AbortController();
  const abort = (): void => {
    setImmediate(() => setImmediate(() => later.abort(signal.reason)));
  };
  signal.addEventListener('abort', abort, { once: true });
  return later.signal;
}

/** A Lease that is renewed late is lost, and all work with it: it waits in no line. */
function isLease({ path }: ApiCall): boolean {
  return path.startsWith('/apis/coordination.k8s.io/');
}

/** Called off by a person or by the end of the program, or because the caller's own time was up. */
function calledOffError(signal: AbortSignal, context: CallContext): Error {
  return signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
    ? timeoutError(context)
    : new DOMException('The call was called off', 'AbortError');
}

function timeoutError(context: CallContext): TimeoutError {
  const { cluster, action } = context;
  return new TimeoutError(messageOf(context, 'no answer in time'), {
    details: { cluster, action },
  });
}
