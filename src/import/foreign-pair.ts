import type { ShortcutKey } from '../model/shortcut-key.ts';
import type { ForeignWish } from './foreign-cluster-connection.ts';
import type { SurveyedLeaf } from './survey.ts';

/** Two leaves that something connects, and who wishes for it. */
export interface ForeignPair {
  readonly key: ShortcutKey;
  /** In alphabetical order. */
  readonly leaves: readonly [SurveyedLeaf, SurveyedLeaf];
  /** In alphabetical order; of several the first one counts. */
  readonly wishes: readonly ForeignWish[];
}
