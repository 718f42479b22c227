import type { ReportConnection, ReportConnectionCounts } from '../model/generated/report.ts';

/** What a run would do to connections. */
export interface Outlook {
  /** In any order. */
  readonly connections: readonly ReportConnection[];
  /** How many Shortcuts there are before it. */
  readonly existing: number;
  /** How many of them are taken away; one that is given up (`deletionPolicy: Orphan`) does not count. */
  readonly deleted: number;
}

/** Where nothing was compared, and once a plan was carried out. */
export const NO_OUTLOOK: Outlook = { connections: [], existing: 0, deleted: 0 };

/** The counts of a report. */
export function countConnections({
  connections,
  existing,
  deleted,
}: Outlook): ReportConnectionCounts {
  const recreated = connections.filter(
    ({ action, downtime }) => action !== 'delete' && downtime.class === 're-created',
  );
  return { existing, deleted, recreated: recreated.length };
}
