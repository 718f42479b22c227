import type { Condition } from '../model/condition.ts';
import type { Problem } from '../model/problem.ts';
import type { HeldDeletion, HistoryChange, SourceSnapshot } from '../model/source-snapshot.ts';
import { INTEGER, list, object, STRING } from './json-schema.ts';

/** A condition, of whatever it is. */
export const CONDITION = object<Condition>(
  {
    type: STRING,
    status: STRING,
    reason: STRING,
    message: STRING,
    observedGeneration: INTEGER,
    lastTransitionTime: STRING,
  },
  ['observedGeneration'],
);

/** Deletions that stage one holds back. */
export const HELD = list(
  object<HeldDeletion>({ resource: STRING, reason: STRING, message: STRING }),
);

/** How the Git source stands. */
export const SOURCE = object<SourceSnapshot>(
  {
    location: STRING,
    ref: STRING,
    path: STRING,
    revisionAttempted: STRING,
    revisionApplied: STRING,
    lastPollAt: STRING,
    nextPollAt: STRING,
    error: object<NonNullable<SourceSnapshot['error']>>({ code: STRING, message: STRING }),
    conditions: list(CONDITION),
    history: object<HistoryChange>({ change: STRING, from: STRING, to: STRING, at: STRING }),
    problems: list(
      object<Problem>({
        code: STRING,
        severity: STRING,
        message: STRING,
        file: STRING,
        line: INTEGER,
        column: INTEGER,
        pointer: STRING,
        resource: STRING,
      }),
    ),
    held: HELD,
  },
  [
    'revisionAttempted',
    'revisionApplied',
    'lastPollAt',
    'nextPollAt',
    'error',
    'conditions',
    'history',
  ],
);
