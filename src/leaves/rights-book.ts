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
   * Asks, also what was asked before; old answers stay until the new ones are there.
   *
   * @throws ClusterForbiddenError when even asking is forbidden, and what the client throws.
   */
  ask(rights: readonly Right[], options: CallOptions): Promise<void>;
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
  const limit = pLimit(CONCURRENCY);

  async function askOne(right: Right, options: CallOptions): Promise<Entry> {
    try {
      return { right, isAllowed: await client.isAllowed(right, options) };
    } catch (error) {
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
    ask: async (rights, { signal }) => {
      const giveUp = new AbortController();
      const together = AbortSignal.any([signal, giveUp.signal]);
      try {
        const answers = await Promise.all(
          rights.map((right) => limit(() => askOne(right, { signal: together }))),
        );
        for (const entry of answers) entries.set(formatRight(entry.right), entry);
      } finally {
        giveUp.abort();
      }
    },
    asked: (which) =>
      [...entries.values()]
        .filter(({ isAllowed }) => which === 'all' || !isAllowed)
        .map(({ right }) => right),
  };
}
