import type { FastifyInstance } from 'fastify';
import type { ShortcutItem, SnapshotReader } from '../status/snapshot.ts';
import {
  LEAF_ROUTE,
  LEAVES_ROUTE,
  PLAN_ROUTE,
  SHORTCUT_ROUTE,
  SHORTCUTS_ROUTE,
  STATUS_ROUTE,
} from './route-schemas.ts';
import { sendProblem } from './problem-document.ts';

interface ShortcutFilter {
  readonly leaf?: string;
  readonly ready?: string;
  readonly phase?: string;
}

/** The read-only API of DESIGN section 6, below the prefix that `app` was registered with. */
export function registerApi(app: FastifyInstance, reader: SnapshotReader): void {
  app.get('/status', { schema: STATUS_ROUTE }, () => reader.snapshot());

  app.get<{ Querystring: ShortcutFilter }>(
    '/shortcuts',
    { schema: SHORTCUTS_ROUTE },
    ({ query }) => ({ items: reader.snapshot().shortcuts.filter((item) => passes(item, query)) }),
  );

  app.get<{ Params: { namespace: string; name: string } }>(
    '/shortcuts/:namespace/:name',
    { schema: SHORTCUT_ROUTE },
    ({ params: { namespace, name } }, reply) =>
      reader.shortcut(namespace, name) ?? sendProblem(reply, 404, 'there is no such shortcut'),
  );

  app.get('/leaves', { schema: LEAVES_ROUTE }, () => ({
    items: reader.snapshot().leaves,
  }));

  app.get<{ Params: { name: string } }>(
    '/leaves/:name',
    { schema: LEAF_ROUTE },
    ({ params: { name } }, reply) =>
      reader.leaf(name) ?? sendProblem(reply, 404, 'there is no such leaf'),
  );

  app.get('/plan', { schema: PLAN_ROUTE }, () => reader.plan());
}

function passes(item: ShortcutItem, { leaf, ready, phase }: ShortcutFilter): boolean {
  if (leaf !== undefined && !item.clusters.includes(leaf)) return false;
  if (phase !== undefined && item.phase !== phase) return false;
  return ready === undefined || readiness(item) === ready;
}

/** A shortcut that nobody looked at yet has no condition: not known, rather than not ready. */
function readiness(item: ShortcutItem): string {
  return item.conditions.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
}
