import pLimit from 'p-limit';

import { ClusterForbiddenError } from '../errors/errors.ts';
import type { CallOptions, KubeAccess } from '../kube/kube-client.ts';
import { formatRight, type Right } from '../model/right.ts';

/** So many questions are under way at the same time. */
const CONCURRENCY = 8;

/** What one credential may do on one cluster, as far as it was asked: one SelfSubjectAccessReview for each right. */
export interface RightsBook {
  /** Undefined while it was not asked. */
  answer(right: Right): boolean | undefined;
  /**
   * Asks. Each answer counts as soon as it is there: where some questions get lost on the way, the next try asks for
   * those only. Nothing more is begun where hardly any is answered.
   *
   * @throws ClusterForbiddenError when even asking is forbidden, and what the client throws.
   */
  ask(rights: readonly Right[], options: CallOptions): Promise<void>;
  /** The answers may have changed: they stand until they were asked for again, however many tries that takes. */
  doubt(rights: readonly Right[]): void;
  /** What was asked, is doubted, and was not asked again since. */
  doubted(): readonly Right[];
  /** Every right that was asked, or those of them that were denied. */
  asked(which: 'all' | 'denied'): readonly Right[];
}

interface Entry {
  readonly right: Right;
  readonly isAllowed: boolean;
}

/** An empty book; nothing is asked before `ask`. */
export function createRightsBook(client: KubeAccess, cluster: string): RightsBook {
  const entries = new Map<string, Entry>();
  const doubts = new Map<string, Right>();
  const limit = pLimit(CONCURRENCY);

  async function askOne(right: Right, options: CallOptions): Promise<void> {
    const key = formatRight(right);
    // A doubt that comes up from now on is not answered by this question.
    const isDoubted = doubts.delete(key);
    try {
      entries.set(key, { right, isAllowed: await client.isAllowed(right, options) });
    } catch (error) {
      if (isDoubted) doubts.set(key, right);
      if (!(error instanceof ClusterForbiddenError)) throw error;
      throw new ClusterForbiddenError(
        `leaf "${cluster}" does not allow to create selfsubjectaccessreviews.authorization.k8s.io, ` +
          'which tell what the credential may do: bind it to the ClusterRole system:basic-user again',
        { cause: error },
      );
    }
  }

  return {
    answer: (right) => entries.get(formatRight(right))?.isAllowed,
    ask: async (rights, options) => {
      const failures: unknown[] = [];
      let answered = 0;
      const ask = async (right: Right): Promise<void> => {
        // Where nobody answers, no more are lost than are under way at the same time.
        if (failures.length >= answered + CONCURRENCY) return;
        try {
          await askOne(right, options);
          answered += 1;
        } catch (error) {
          failures.push(error);
        }
      };
      await Promise.all(rights.map((right) => limit(ask, right)));
      if (failures.length > 0) throw failures[0];
    },
    doubt: (rights) => {
      for (const right of rights) doubts.set(formatRight(right), right);
    },
    doubted: () => [...doubts.values()],
    asked: (which) =>
      [...entries.values()]
        .filter(({ isAllowed }) => which === 'all' || !isAllowed)
        .map(({ right }) => right),
  };
}
