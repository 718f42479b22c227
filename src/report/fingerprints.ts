import { createHash } from 'node:crypto';

import type { ReportProblem } from '../model/generated/report.ts';

/** Half of a SHA-256: enough to tell problems apart. */
const FINGERPRINT_LENGTH = 32;

/**
 * By what each problem is known from one report to the next, unique within a report (ARCHITECTURE.md, decision 35): it
 * stays the same when lines move and, where there is a resource, when files do.
 */
export function fingerprintsOf(problems: readonly ReportProblem[]): readonly string[] {
  const seen = new Map<string, number>();
  return problems.map((problem) => {
    const identity = identityOf(problem);
    const occurrence = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, occurrence);
    return `${identity}:${occurrence}`;
  });
}

function identityOf({ code, resource, pointer, file }: ReportProblem): string {
  const parts = JSON.stringify([code, resource === '' ? file : resource, pointer]);
  return createHash('sha256').update(parts).digest('hex').slice(0, FINGERPRINT_LENGTH);
}
