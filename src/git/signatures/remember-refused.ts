import { UnverifiedCommitError } from '../../errors/errors.ts';
import type { Evidence, Verify } from './evidence.ts';

/** A verification that knows what it refused last. */
export interface RememberingVerify extends Verify {
  /** Throws again where it is still refused, so that a server is not asked for it again and again. */
  again(tip: { readonly commit: string; readonly tag?: { readonly id: string } }): Promise<void>;
}

/** Adds the memory of one refusal, of which the commit is kept and nothing else. */
export function rememberRefused(verify: Verify): RememberingVerify {
  let refused: Evidence | undefined;

  async function remembering(evidence: Evidence): Promise<string> {
    try {
      return await verify(evidence);
    } catch (error) {
      if (error instanceof UnverifiedCommitError) refused = evidence;
      throw error;
    }
  }

  return Object.assign(remembering, {
    again: async ({ commit, tag }: Parameters<RememberingVerify['again']>[0]) => {
      if (refused?.commit === commit && refused.tag?.id === tag?.id) await verify(refused);
    },
  });
}
