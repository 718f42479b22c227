import { NotFoundError, WriteConflictError } from '../../src/errors/errors.ts';
import type { KubeWriter } from '../../src/kube/kube-client.ts';
import { formatRef, type KubeObject, refOf } from '../../src/model/kube-object.ts';
import { applied, resourceKey } from './builders.ts';

/** A main cluster in memory: as much of server-side apply and deletion as the mirror needs. */
export class FakeMain implements Pick<KubeWriter, 'apply' | 'delete'> {
  readonly objects = new Map<string, KubeObject>();
  /** `verb Kind/namespace/name` of every write, in the order of their start. */
  readonly writes: string[] = [];
  /** Thrown by writes whose entry in `writes` matches. */
  fault: { readonly on: RegExp; readonly error: Error } | undefined;
  /** Most writes that were under way at the same time. */
  busiest = 0;
  #busy = 0;

  get actual(): readonly KubeObject[] {
    return [...this.objects.values()];
  }

  put(object: KubeObject): void {
    this.objects.set(resourceKey(object), object);
  }

  apply: KubeWriter['apply'] = async (kind, object, { force, signal }) => {
    const name = formatRef(refOf(kind, object));
    await this.#begin(`apply ${name}`, signal);
    const before = this.objects.get(name);
    if (before !== undefined && !force) throw new WriteConflictError('conflict');
    const { uid } = object.metadata;
    if (uid !== undefined && uid !== before?.metadata.uid) throw new WriteConflictError('another');
    const stored = applied(before, object);
    this.objects.set(name, stored);
    return stored;
  };

  delete: KubeWriter['delete'] = async (ref, { uid, signal }) => {
    const name = formatRef(ref);
    await this.#begin(`delete ${name}`, signal);
    const before = this.objects.get(name);
    if (before === undefined) throw new NotFoundError('not found');
    if (before.metadata.uid !== uid) throw new WriteConflictError('another');
    this.objects.delete(name);
  };

  async #begin(write: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.writes.push(write);
    this.#busy += 1;
    this.busiest = Math.max(this.busiest, this.#busy);
    await new Promise((resolve) => setImmediate(resolve));
    this.#busy -= 1;
    if (this.fault?.on.test(write) === true) throw this.fault.error;
  }
}
