import { isAbsent } from '../errors/classify.ts';
import type { KubeObject, ObjectRef } from '../model/kube-object.ts';
import type { Clock } from '../runtime/clock.ts';
import type { KubeClient } from './kube-client.ts';
import { heldSpec, LEASE, readLease, releasedSpec } from './lease-record.ts';

export interface LeaseStoreOptions {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'patch'>;
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Who holds it when this process does. */
  readonly identity: string;
  readonly clock: Clock;
}

/** The requests for one Lease. Every write is on condition that nobody has changed it since it was seen. */
export class LeaseStore {
  readonly #options: LeaseStoreOptions;
  readonly #ref: ObjectRef;

  constructor(options: LeaseStoreOptions) {
    this.#options = options;
    this.#ref = { kind: LEASE, namespace: options.namespace, name: options.name };
  }

  /** Undefined when it is not there. Throws what the client throws. */
  async look(signal: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await this.#options.client.get(this.#ref, { signal });
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** Makes it ours. Throws what the client throws. */
  hold(seen: KubeObject | undefined, signal: AbortSignal): Promise<KubeObject> {
    const { client, clock, namespace, name, identity } = this.#options;
    const record = seen === undefined ? undefined : readLease(seen);
    const spec = heldSpec(identity, record, clock.now());
    if (seen !== undefined) return this.#patch(seen, spec, signal);
    const { apiVersion, kind } = LEASE;
    const lease = { apiVersion, kind, metadata: { namespace, name }, spec };
    return client.create(LEASE, lease, { signal });
  }

  /** Lets it go, if it is ours. Throws what the client throws. */
  async release(signal: AbortSignal): Promise<void> {
    const seen = await this.look(signal);
    if (seen === undefined || readLease(seen).holder !== this.#options.identity) return;
    await this.#patch(seen, releasedSpec(this.#options.clock.now()), signal);
  }

  #patch({ metadata }: KubeObject, spec: unknown, signal: AbortSignal): Promise<KubeObject> {
    const { resourceVersion } = metadata;
    const body = { metadata: { resourceVersion }, spec };
    return this.#options.client.patch(this.#ref, body, { signal });
  }
}
