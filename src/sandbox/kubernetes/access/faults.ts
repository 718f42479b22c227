import { ApiStatusError } from '../api-status-error.ts';
import type { CollectorTrouble } from '../controllers/garbage-collector.ts';

/** Whom and what a fault concerns; what is left out means all. */
export interface FaultScope {
  readonly user?: string;
  readonly verb?: string;
  /** Plural name. */
  readonly resource?: string;
}

/** Faults on command. They hit requests that come through the door, not controllers inside the cluster. */
export interface Faults {
  /** Connections are refused and broken. */
  down(on: boolean): void;
  /** Every answer is so many milliseconds late; 0 ends it. */
  slow(ms: number): void;
  /** Requests are taken and never answered. */
  hang(on: boolean): void;
  /** Requests are answered with 403 whatever the caller's rights. `false` ends all of them. */
  forbidden(on: boolean, scope?: FaultScope): void;
  /** Requests of this user are answered with 401, as after its token was revoked. */
  revoked(on: boolean, user: string): void;
  /** Watches stay open and say nothing more; also those that begin meanwhile. They never recover. */
  silentWatches(on: boolean): void;
  /** The history is forgotten; every watch ends with 410. */
  expireWatches(): void;
  /** Connections of all watches break. */
  dropWatches(): void;
  /** Stops the garbage collector, or makes trouble for it. */
  garbageCollection(mode: boolean | CollectorTrouble): void;
}

/** What the door asks about the faults of the moment. */
export interface FaultState {
  isDown: boolean;
  isHanging: boolean;
  isSilent: boolean;
  delayMs: number;
  readonly forbidden: FaultScope[];
  readonly revoked: Set<string>;
}

export function noFaults(): FaultState {
  return {
    isDown: false,
    isHanging: false,
    isSilent: false,
    delayMs: 0,
    forbidden: [],
    revoked: new Set(),
  };
}

/** Whom and what a request concerns, as faults see it. */
interface FaultRequest {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
}

/** Whether a fault takes the right to this away. */
export function isForbidden(state: FaultState, request: FaultRequest): boolean {
  return state.forbidden.some(
    (scope) =>
      (scope.user ?? request.user) === request.user &&
      (scope.verb ?? request.verb) === request.verb &&
      (scope.resource ?? request.resource) === request.resource,
  );
}

/** Throws 401 or 403 when a fault concerns the request. */
export function assertNotForbidden(state: FaultState, request: FaultRequest): void {
  if (state.revoked.has(request.user)) {
    throw new ApiStatusError(401, 'Unauthorized', 'Unauthorized');
  }
  if (!isForbidden(state, request)) return;
  throw new ApiStatusError(
    403,
    'Forbidden',
    `${request.resource} is forbidden: User "${request.user}" cannot ${request.verb} resource "${request.resource}"`,
    { kind: request.resource },
  );
}

/** What faults act upon. */
export interface FaultTargets {
  readonly door: { dropWatches(): void; silenceWatches(): void };
  readonly reader: { expireWatches(): void };
  readonly collector: { setMode(mode: boolean | CollectorTrouble): void };
  readonly dropConnections: () => void;
}

/** The switches of a server's faults. */
export function faultsOf(state: FaultState, targets: FaultTargets): Faults {
  const { door, reader, collector, dropConnections } = targets;
  return {
    down: (on) => {
      state.isDown = on;
      if (!on) return;
      door.dropWatches();
      dropConnections();
    },
    slow: (ms) => {
      state.delayMs = ms;
    },
    hang: (on) => {
      state.isHanging = on;
    },
    forbidden: (on, scope = {}) => {
      if (on) state.forbidden.push(scope);
      else state.forbidden.length = 0;
    },
    revoked: (on, user) => {
      if (on) state.revoked.add(user);
      else state.revoked.delete(user);
    },
    silentWatches: (on) => {
      state.isSilent = on;
      if (on) door.silenceWatches();
    },
    expireWatches: () => reader.expireWatches(),
    dropWatches: () => door.dropWatches(),
    garbageCollection: (mode) => collector.setMode(mode),
  };
}
