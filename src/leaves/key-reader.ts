import { isAbort, isAbsent } from '../errors/classify.ts';
import { ClusterForbiddenError } from '../errors/errors.ts';
import type { KubeReader } from '../kube/kube-client.ts';
import { formatRef, type KubeObject, type ObjectRef } from '../model/kube-object.ts';
import type { Right } from '../model/right.ts';
import type { KeySecret } from '../plan/observation.ts';
import type { Clock } from '../runtime/clock.ts';

/** While a key is awaited its Secret is asked for at most this often, however many events come in. */
const MIN_PERIOD_MS = 40;

/**
 * Reads key Secrets of gateways by `get` alone: watching them would need the right to list every Secret of the leaf.
 * A key once found is kept as long as its gateway lives, so that an unchanged world costs no read. Without a gateway it
 * is the absence that lasts: nobody but a gateway's controller makes one.
 */
export interface KeyReader {
  /** `trusted` false: look again, since something says that the key may have changed. */
  read(
    ref: ObjectRef,
    options: {
      /** Undefined: there is no gateway. */
      readonly gatewayUID: string | undefined;
      readonly trusted: boolean;
      readonly signal: AbortSignal;
    },
  ): Promise<KeySecret>;
  /** The right without which the last read was refused, if it was. */
  refused(): Right | undefined;
}

interface Entry {
  readonly gatewayUID: string | undefined;
  readonly at: number;
  readonly secret: KeySecret;
}

export interface KeyReaderOptions {
  readonly client: KubeReader;
  readonly clock: Clock;
  /** A read was answered with 403. */
  readonly onRefusal: () => void;
}

/** A reader with an empty memory. A read that fails gives `unread`, never `absent`. */
export function createKeyReader({ client, clock, onRefusal }: KeyReaderOptions): KeyReader {
  const entries = new Map<string, Entry>();
  let refused: Right | undefined;

  function noteFailure(error: unknown, ref: ObjectRef): void {
    refused = error instanceof ClusterForbiddenError ? { verb: 'get', ...ref } : undefined;
    if (refused !== undefined) onRefusal();
  }

  return {
    refused: () => refused,
    read: async (ref, { gatewayUID, trusted, signal }) => {
      const id = formatRef(ref);
      const entry = entries.get(id);
      if (entry !== undefined && entry.gatewayUID === gatewayUID) {
        const lasting = gatewayUID === undefined ? 'absent' : 'present';
        if (trusted && entry.secret.kind === lasting) return entry.secret;
        if (clock.now() - entry.at < MIN_PERIOD_MS) return recently(entry);
      }
      try {
        const secret = await readSecret(client, ref, signal);
        entries.set(id, { gatewayUID, at: clock.now(), secret });
        refused = undefined;
        return secret;
      } catch (error) {
        if (isAbort(error)) throw error;
        entries.delete(id);
        noteFailure(error, ref);
        return { kind: 'unread' };
      }
    },
  };
}

/** That a Secret was absent a moment ago says nothing of now: taken for now, it would look like a lost key. */
function recently({ secret, gatewayUID }: Entry): KeySecret {
  return secret.kind === 'absent' && gatewayUID !== undefined ? { kind: 'unread' } : secret;
}

async function readSecret(
  client: KubeReader,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<KeySecret> {
  try {
    return toKeySecret(await client.get(ref, { signal }));
  } catch (error) {
    if (isAbsent(error)) return { kind: 'absent' };
    throw error;
  }
}

/** The public half only: the private key is dropped here and goes nowhere. */
function toKeySecret(secret: KubeObject): KeySecret {
  const data = secret['data'] as Readonly<Record<string, string>> | undefined;
  return {
    kind: 'present',
    name: secret.metadata.name,
    uid: secret.metadata.uid ?? '',
    ownerUIDs: (secret.metadata.ownerReferences ?? []).map(({ uid }) => uid),
    publicKey: data?.['publicKey'] ?? '',
  };
}
