import { isAbsent } from '../errors/classify.ts';
import { ClusterForbiddenError } from '../errors/errors.ts';
import type { CallOptions, KubeReader } from '../kube/kube-client.ts';
import { NAMESPACE } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';

/** Namespaces read one by one, by name, for a leaf where they cannot be listed (NETWORK.md 2.3). */
export interface NamedNamespaces {
  /**
   * Reads those that were not read yet or are doubted. Each answer counts as soon as it is there.
   *
   * @throws what the client throws, but for absence and refusal, which are answers.
   */
  read(names: readonly string[], options: CallOptions): Promise<void>;
  /** All, or those that are absent or refused, may have changed: the answers stand until they were read again. */
  doubt(which: 'all' | 'unfound'): void;
  /** Undefined while it was not read. */
  answer(name: string): KubeObject | 'absent' | 'refused' | undefined;
  found(): readonly KubeObject[];
}

/** An empty store; nothing is read before `read`. */
export function createNamedNamespaces(client: Pick<KubeReader, 'get'>): NamedNamespaces {
  const answers = new Map<string, KubeObject | 'absent' | 'refused'>();
  const doubts = new Set<string>();

  async function readOne(
    name: string,
    options: CallOptions,
  ): Promise<KubeObject | 'absent' | 'refused'> {
    try {
      return await client.get({ kind: NAMESPACE, name }, options);
    } catch (error) {
      if (isAbsent(error)) return 'absent';
      if (error instanceof ClusterForbiddenError) return 'refused';
      throw error;
    }
  }

  return {
    read: async (names, options) => {
      for (const name of answers.keys()) if (!names.includes(name)) answers.delete(name);
      for (const name of names) {
        if (answers.has(name) && !doubts.has(name)) continue;
        answers.set(name, await readOne(name, options));
        doubts.delete(name);
      }
    },
    doubt: (which) => {
      for (const [name, answer] of answers)
        if (which === 'all' || typeof answer !== 'object') doubts.add(name);
    },
    answer: (name) => answers.get(name),
    found: () => [...answers.values()].filter((answer) => typeof answer === 'object'),
  };
}
