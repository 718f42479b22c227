import type { ForgeRequestCount, ForgeSnapshot } from '../model/forge.ts';
import { INTEGER, list, object, STRING } from './json-schema.ts';

/** How reporting back goes, as a part of `/api/v1/status`. */
export const FORGE = object<ForgeSnapshot>(
  {
    kind: STRING,
    repository: STRING,
    reported: object<NonNullable<ForgeSnapshot['reported']>>({
      commit: STRING,
      state: STRING,
      description: STRING,
    }),
    error: object<NonNullable<ForgeSnapshot['error']>>({ code: STRING, message: STRING }),
    requests: list(object<ForgeRequestCount>({ operation: STRING, code: STRING, count: INTEGER })),
  },
  ['reported', 'error'],
);
