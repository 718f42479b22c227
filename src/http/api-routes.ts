import type { FastifyInstance } from 'fastify';
import type { ShortcutItem, SnapshotReader } from '../status/snapshot.ts';
import {
  LEAF_RESPONSES,
  LEAVES_RESPONSES,
  SHORTCUT_FILTER,
  SHORTCUT_RESPONSES,
  SHORTCUTS_RESPONSES,
  STATUS_RESPONSES,
} from './api-schemas.ts';
import { sendProblem } from './problem-document.ts';

interface ShortcutFilter {
  readonly leaf?: string;
  readonly ready?: string;
  readonly phase?: string;
}

/** The read-only API of DESIGN section 6, below the prefix that `app` was registered with. */
export function registerApi(app: FastifyInstance, reader: SnapshotReader): void {
  app.get('/status', { schema: { response: STATUS_RESPONSES } }, () => reader.snapshot());

  app.get<{ Querystring: ShortcutFilter }>(
    '/shortcuts',
    { schema: { querystring: SHORTCUT_FILTER, response: SHORTCUTS_RESPONSES } },
    ({ query }) => ({ items: reader.snapshot().shortcuts.filter((item) => passes(item, query)) }),
  );

  app.get<{ Params: { namespace: string; name: string } }>(
    '/shortcuts/:namespace/:name',
    { schema: { response: SHORTCUT_RESPONSES } },
    ({ params: { namespace, name } }, reply) =>
      reader.shortcut(namespace, name) ?? sendProblem(reply, 404, 'there is no such shortcut'),
  );

  app.get('/leaves', { schema: { response: LEAVES_RESPONSES } }, () => ({
    items: reader.snapshot().leaves,
  }));

  app.get<{ Params: { name: string } }>(
    '/leaves/:name',
    { schema: { response: LEAF_RESPONSES } },
    ({ params: { name } }, reply) =>
      reader.leaf(name) ?? sendProblem(reply, 404, 'there is no such leaf'),
  );
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
