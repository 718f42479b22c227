import { ClusterForbiddenError, NotFoundError } from '../errors/errors.ts';
import type { CallOptions, KubeReader } from '../kube/kube-client.ts';
import { NAMESPACE } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';

/** Namespaces read one by one, by name, for a leaf where they cannot be listed (NETWORK.md 2.3). */
export interface NamedNamespaces {
  /**
   * Reads those that were not read yet; `again`: also those that were.
   *
   * @throws what the client throws, but for absence and refusal, which are answers.
   */
  read(
    names: readonly string[],
    options: CallOptions & { readonly again: 'nothing' | 'absent' | 'all' },
  ): Promise<void>;
  /** Undefined while it was not read. */
  answer(name: string): KubeObject | 'absent' | 'refused' | undefined;
  found(): readonly KubeObject[];
}

/** An empty store; nothing is read before `read`. */
export function createNamedNamespaces(client: Pick<KubeReader, 'get'>): NamedNamespaces {
  let answers = new Map<string, KubeObject | 'absent' | 'refused'>();

  async function readOne(
    name: string,
    options: CallOptions,
  ): Promise<KubeObject | 'absent' | 'refused'> {
    try {
      return await client.get({ kind: NAMESPACE, name }, options);
    } catch (error) {
      if (error instanceof NotFoundError) return 'absent';
      if (error instanceof ClusterForbiddenError) return 'refused';
      throw error;
    }
  }

  return {
    read: async (names, { again, signal }) => {
      const kept = [...answers].filter(
        ([name, answer]) =>
          names.includes(name) &&
          (again === 'nothing' || (again === 'absent' && typeof answer === 'object')),
      );
      const next = new Map(kept);
      for (const name of names) {
        if (!next.has(name)) next.set(name, await readOne(name, { signal }));
      }
      answers = next;
    },
    answer: (name) => answers.get(name),
    found: () => [...answers.values()].filter((answer) => typeof answer === 'object'),
  };
}
