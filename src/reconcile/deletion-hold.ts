import { ClusterForbiddenError, NotFoundError } from '../errors/errors.ts';
import type { KubeReader } from '../kube/kube-client.ts';
import { CUSTOM_RESOURCE_DEFINITION, NAMESPACE, SHORTCUT_DEFINITION } from '../model/kinds.ts';
import { formatRef, type ObjectRef } from '../model/kube-object.ts';
import { ANNOTATION_CONFIRM_DELETION, FINALIZER } from '../model/names.ts';
import type { Shortcut } from '../model/shortcut.ts';
import type { ShortcutMemory } from '../status/shortcut-memory.ts';

/** Tells a wish to disconnect from a deletion that only comes along with something larger. */
export interface DeletionHold {
  /**
   * Why a Shortcut's deletion is nobody's wish about it; undefined when it is one, or when it is not being deleted.
   *
   * @throws what reading the main cluster throws, but for a right that is missing.
   */
  reasonFor(
    shortcut: Shortcut,
    options: { readonly memory: ShortcutMemory; readonly signal: AbortSignal },
  ): Promise<string | undefined>;
}

/**
 * Looks at what takes every Shortcut with it when it is deleted: their definition, and the namespace. Both say so before the
 * first Shortcut is deleted, and never come back from it; so one look after the Shortcut's own deletion is seen is enough.
 */
export function createDeletionHold({
  client,
  namespace,
}: {
  readonly client: Pick<KubeReader, 'get'>;
  readonly namespace: string;
}): DeletionHold {
  const containers: readonly ObjectRef[] = [
    { kind: CUSTOM_RESOURCE_DEFINITION, name: SHORTCUT_DEFINITION },
    { kind: NAMESPACE, name: namespace },
  ];

  async function isGoing(ref: ObjectRef, signal: AbortSignal): Promise<boolean> {
    try {
      const { metadata } = await client.get(ref, { signal });
      return metadata.deletionTimestamp !== undefined;
    } catch (error) {
      if (error instanceof NotFoundError) return true;
      throw error;
    }
  }

  return {
    reasonFor: async ({ metadata }, { memory, signal }) => {
      const { uid = '', deletionTimestamp, annotations } = metadata;
      if (deletionTimestamp === undefined) return undefined;
      if (annotations?.[ANNOTATION_CONFIRM_DELETION] === 'true') return undefined;
      if (memory.deletion?.uid === uid) return memory.deletion.hold;
      try {
        const going = await Promise.all(containers.map((ref) => isGoing(ref, signal)));
        const [container] = containers.filter((_, index) => going[index]);
        const hold = container && goingAlong(container);
        memory.deletion = { uid, hold };
        return hold;
      } catch (error) {
        if (error instanceof ClusterForbiddenError) return notTold(error);
        throw error;
      }
    },
  };
}

const CONFIRM = `set the annotation ${ANNOTATION_CONFIRM_DELETION}: "true"`;

function goingAlong(container: ObjectRef): string {
  return `${formatRef(container)} is being deleted, and every Shortcut with it: the connection stays. To disconnect, ${CONFIRM}; to keep it for good, take the finalizer ${FINALIZER} off.`;
}

function notTold({ message }: ClusterForbiddenError): string {
  return `Whether the deletion is meant for this Shortcut cannot be told (${message}): grant the right, or ${CONFIRM}.`;
}
