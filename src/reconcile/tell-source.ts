import type { OperatorError } from '../errors/operator-error.ts';
import type { KubeReader } from '../kube/kube-client.ts';
import { LEASE } from '../kube/lease-record.ts';
import { isSameTrouble } from '../mirror/steady-source.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { LEASE_NAME } from '../model/names.ts';
import type { HistoryChange } from '../model/source-snapshot.ts';
import type { EventRecorder } from '../status/event-recorder.ts';
import { historyEvent, sourceFailedEvent, sourceReadEvent } from './source-events.ts';

/** What a look at the source came to. */
interface SourceLook {
  /** Why the source could not be read. */
  readonly error?: OperatorError;
  readonly history?: HistoryChange;
}

/**
 * Tells that the source cannot be read, be it that its folder has vanished, so that nothing is deleted; that it is read
 * again; each commit that is not verified; and that its history was rewritten. No CR is concerned more than another, so the
 * Events are about the installation's Lease. To be called after each look.
 */
export function createSourceTeller({
  main: { client, namespace },
  events,
}: {
  readonly main: { readonly client: Pick<KubeReader, 'get'>; readonly namespace: string };
  readonly events: Pick<EventRecorder, 'record'>;
}): (look: SourceLook, options: { readonly signal: AbortSignal }) => Promise<void> {
  let told: OperatorError | undefined;

  /** Without an election there is no Lease: then the Event names one all the same, for `kubectl get events`. */
  async function lease(signal: AbortSignal): Promise<KubeObject> {
    try {
      return await client.get({ kind: LEASE, namespace, name: LEASE_NAME }, { signal });
    } catch {
      // Whatever it is, it is no reason to keep silent.
      const { apiVersion, kind } = LEASE;
      return { apiVersion, kind, metadata: { namespace, name: LEASE_NAME } };
    }
  }

  return async ({ error, history }, { signal }) => {
    const isNews = !isSameTrouble(error, told);
    if (!isNews && history === undefined) return;
    told = error;
    const regarding = await lease(signal);
    if (history !== undefined) events.record(historyEvent(regarding, history));
    if (!isNews) return;
    events.record(
      error === undefined ? sourceReadEvent(regarding) : sourceFailedEvent(regarding, error),
    );
  };
}
