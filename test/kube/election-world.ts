import { ClusterUnreachableError } from '../../src/errors/errors.ts';
import { createLeaderElector, type LeaderElector } from '../../src/kube/leader-elector.ts';
import { LEASE } from '../../src/kube/lease-record.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { signal } from '../support/scenario-wait.ts';

export const LEASE_REF = { kind: LEASE, namespace: 'liqo-shortcuts', name: 'liqo-shortcuts' };

/** One process that would like to lead. */
export class Replica {
  readonly identity: string;
  readonly elector: LeaderElector;
  readonly #clock: FreezableClock;
  /** `role leader`, as it was told. */
  readonly told: string[] = [];
  readonly log: string[] = [];

  constructor({ server, clock, traces }: ElectionWorld, identity: string) {
    this.identity = identity;
    this.#clock = new FreezableClock(clock);
    this.elector = createLeaderElector({
      client: server.client({ outside: true, fieldManager: identity }),
      namespace: LEASE_REF.namespace,
      name: LEASE_REF.name,
      identity,
      clock: this.#clock,
      steadyNow: () => clock.now(),
      random: () => 0.5,
      logger: createLogger({
        level: 'debug',
        destination: { write: (line) => void this.log.push(line) },
      }),
      wasLed: () => traces.look(),
      onChange: ({ role, leader }) => {
        this.told.push(`${role} ${leader}`);
        if (role === 'leader') traces.isLed = true;
      },
    });
  }

  get isFrozen(): boolean {
    return this.#clock.isFrozen;
  }

  /** As SIGSTOP: none of its timers fires. */
  freeze(): void {
    this.#clock.isFrozen = true;
  }

  /** As SIGCONT: answers whether it would write before any timer fires, then lets all overdue ones fire. */
  thaw(): boolean {
    const wouldWrite = this.elector.mayWrite();
    this.#clock.thaw();
    return wouldWrite;
  }

  get leads(): boolean {
    return !this.isFrozen && this.elector.mayWrite();
  }
}

class FreezableClock implements Clock {
  readonly #clock: FakeClock;
  isFrozen = false;
  #wake: (() => void)[] = [];

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  async sleep(ms: number, options: { readonly signal: AbortSignal }): Promise<void> {
    await this.#clock.sleep(ms, options);
    if (!this.isFrozen) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#wake.push(() => resolve(undefined));
    await promise;
  }

  thaw(): void {
    this.isFrozen = false;
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** What leaders leave behind: a status wherever they look. */
class Traces {
  isLed = false;
  isReadable = true;

  look(): Promise<boolean> {
    return this.isReadable
      ? Promise.resolve(this.isLed)
      : Promise.reject(new ClusterUnreachableError('main does not answer'));
  }
}

/** An API server, a clock that a test moves, and as many replicas as it likes. */
export class ElectionWorld {
  readonly clock = new FakeClock();
  readonly server = createApiServer({ name: 'main', clock: this.clock });
  readonly replicas: Replica[] = [];
  readonly traces = new Traces();

  /** `lease`: what is there before anybody starts; left out: one that was let go. */
  async start(...options: readonly [] | readonly [lease: undefined]): Promise<void> {
    const { apiVersion, kind } = LEASE;
    const { namespace, name } = LEASE_REF;
    await this.server
      .client()
      .create(
        NAMESPACE,
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
        { signal },
      );
    if (options.length > 0) return;
    const spec = { holderIdentity: '', leaseDurationSeconds: 1 };
    await this.server
      .client()
      .create(LEASE, { apiVersion, kind, metadata: { namespace, name }, spec }, { signal });
  }

  async replica(identity: string): Promise<Replica> {
    const replica = new Replica(this, identity);
    this.replicas.push(replica);
    replica.elector.start();
    await settle();
    return replica;
  }

  async lease(): Promise<KubeObject> {
    return this.server.client().get(LEASE_REF, { signal });
  }

  async holder(): Promise<string> {
    return ((await this.lease())['spec'] as { holderIdentity: string }).holderIdentity;
  }

  /** By hand, as with kubectl. */
  async edit(body: object): Promise<void> {
    await this.server.client({ fieldManager: 'kubectl-edit' }).patch(LEASE_REF, body, { signal });
  }

  async deleteLease(): Promise<void> {
    await this.server.client().delete(LEASE_REF, { signal });
  }

  /** Moves time on in small steps, and tells how many led at worst at the same time. */
  async pass(ms: number): Promise<number> {
    let most = 0;
    for (let passed = 0; passed < ms; passed += 100) {
      await this.clock.advance(100);
      most = Math.max(most, this.replicas.filter(({ leads }) => leads).length);
    }
    return most;
  }

  async stop(): Promise<void> {
    for (const replica of this.replicas) {
      if (replica.isFrozen) replica.thaw();
      await replica.elector.stop({ release: false });
    }
    await this.server.stop();
  }
}
