import { ClusterForbiddenError } from '../errors/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { LeafAccess } from './leaf-access.ts';
import type { LeafMirror, LeafWatch } from './leaf-mirror.ts';
import { forbidden, type LeafState, passing, unknown, type UnknownLeaf } from './leaf-state.ts';

/**
 * A watch that broke is given this long to come back before it is told, so that an API server that restarts, or a
 * proxy that cuts connections, does not make conditions flap. Meanwhile nothing is concluded and nothing written.
 */
export const GRACE_MS = 3_000;

export interface LeafHealthOptions {
  readonly name: string;
  readonly liqoNamespace: string;
  readonly clock: Clock;
  /** Undefined before the first connection. */
  readonly parts: () => { readonly mirror: LeafMirror; readonly access: LeafAccess } | undefined;
}

/** Whether anything may be concluded about a leaf: from what its watches, its identity and its rights say together. */
export class LeafHealth {
  readonly #options: LeafHealthOptions;
  #clusterID: string | undefined;
  #failure: UnknownLeaf | undefined;
  #failingSince: number | undefined;
  #isVerified = false;
  #wasSynced = false;
  #thought: { readonly basis: readonly unknown[]; readonly state: LeafState } | undefined;

  constructor(options: LeafHealthOptions) {
    this.#options = options;
  }

  /** The ID that the leaf last gave. */
  get clusterID(): string | undefined {
    return this.#clusterID;
  }

  /** False from a recovery until the leaf has been identified again. */
  get isVerified(): boolean {
    return this.#isVerified;
  }

  identified(clusterID: string): void {
    this.#clusterID = clusterID;
    this.#failure = undefined;
    this.#isVerified = true;
    this.#thought = undefined;
  }

  /** Whether a leaf still answers is for its watches to say: they are given time to come back. */
  failed(error: unknown): void {
    this.#thought = undefined;
    const found = unknown(this.#options.name, error);
    if (!this.#wasSynced || found.reason !== 'LeafUnreachable') this.#failure = found;
  }

  /** To be called when a watch may have changed. */
  noticeWatches(): 'broken' | 'recovered' | undefined {
    this.#thought = undefined;
    const watches = this.#watches();
    const isBroken = watches.some(({ state }) => state.kind === 'failed');
    this.#wasSynced ||= this.#isRead();
    if (isBroken && this.#failingSince === undefined) {
      this.#failingSince = this.#options.clock.now();
      return 'broken';
    }
    if (isBroken || this.#failingSince === undefined) return undefined;
    this.#failingSince = undefined;
    // What came back has to say who it is before anything is concluded from what it holds.
    this.#isVerified = false;
    return 'recovered';
  }

  /** Asked for with every event on the leaf, so it is thought over only when something has changed. */
  state(): LeafState {
    const parts = this.#options.parts();
    const basis = [parts?.mirror.watches(), parts?.access.version] as const;
    const isSame = this.#thought?.basis.every((part, index) => part === basis[index]) ?? false;
    // While a watch is broken, time passes too.
    if (this.#thought === undefined || !isSame || this.#failingSince !== undefined)
      this.#thought = { basis, state: this.#think() };
    return this.#thought.state;
  }

  #think(): LeafState {
    const { name, parts } = this.#options;
    const access = parts()?.access;
    if (access === undefined) return this.#failure ?? passing(name, 'read for the first time');
    const missing = access.missingToKnow();
    if (missing.length > 0) return forbidden(name, missing);
    return this.#failure ?? this.#broken(access.isSettled) ?? this.#whole(access.isSettled);
  }

  /** What is to be said when no watch has failed. */
  #whole(isSettled: boolean): LeafState {
    const { name } = this.#options;
    if (this.#clusterID === undefined || !this.#isRead())
      return passing(name, 'read for the first time');
    return this.#isVerified && isSettled
      ? { kind: 'known', clusterID: this.#clusterID }
      : passing(name, 'looked for again');
  }

  /** A watch that has just begun holds nothing yet, which is not the same as that there is nothing. */
  #isRead(): boolean {
    const watches = this.#watches();
    return watches.length > 0 && watches.every(({ state }) => state.kind === 'synced');
  }

  #broken(isSettled: boolean): LeafState | undefined {
    const { name, clock } = this.#options;
    const failed = this.#watches().flatMap(({ state }) => (state.kind === 'failed' ? [state] : []));
    const [first] = failed;
    if (first === undefined) return undefined;
    const { error } = first;
    // Which rights are missing is being asked; most likely they are given in single namespaces.
    if (error instanceof ClusterForbiddenError && !isSettled)
      return passing(name, 'asked for rights');
    const isNew = this.#clusterID === undefined || !this.#wasSynced;
    const failingFor = clock.now() - (this.#failingSince ?? clock.now());
    return isNew || failingFor >= GRACE_MS
      ? unknown(name, error)
      : passing(name, 'looked for again');
  }

  /** Those that the leaf as a whole depends on: a refusal in one tenant namespace concerns its peer alone. */
  #watches(): readonly LeafWatch[] {
    const { parts, liqoNamespace } = this.#options;
    return (parts()?.mirror.watches() ?? []).filter(
      ({ namespace, state }) =>
        namespace === undefined ||
        namespace === liqoNamespace ||
        (state.kind === 'failed' && !(state.error instanceof ClusterForbiddenError)),
    );
  }
}
