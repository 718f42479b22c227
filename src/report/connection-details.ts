import type { ReconcileReport, ReportConnection } from '../model/generated/report.ts';

/** One thing to know of a connection: what it is about, and a sentence. Not yet shown plainly. */
export interface ConnectionDetail {
  readonly about:
    'server' | 'downtime' | 'objects' | 'addresses' | 'not allowed' | 'blocked' | 'note';
  readonly text: string;
}

/** So many objects are named one by one; more are counted. */
const FEW_OBJECTS = 3;

/** What a reviewer has to know of a connection, in the order in which it matters. */
export function connectionDetails(connection: ReportConnection): readonly ConnectionDetail[] {
  const { action, server, downtime, blocked, notes } = connection;
  return [
    ...blocked.map((text) => ({ about: 'blocked' as const, text })),
    { about: 'downtime', text: `${downtime.class}: ${downtime.reason}` },
    ...(action === 'delete' ? [] : [{ about: 'server' as const, text: server.reason }]),
    ...objectTexts(connection).map((text) => ({ about: 'objects' as const, text })),
    ...addressTexts(connection).map((text) => ({ about: 'addresses' as const, text })),
    ...permissionTexts(connection).map((text) => ({ about: 'not allowed' as const, text })),
    ...notes.map((text) => ({ about: 'note' as const, text })),
  ];
}

/** How many connections a change cuts, as a sentence; undefined where it cuts none. */
export function describeCuts({ mode, summary }: ReconcileReport): string | undefined {
  const { existing, deleted, recreated } = summary.connections;
  if (mode === 'apply' || deleted + recreated === 0) return undefined;
  const all = `${existing} connection${existing === 1 ? '' : 's'}`;
  const anew = `makes ${recreated} of ${all} anew`;
  if (deleted === 0) return `This ${anew}: no traffic meanwhile.`;
  const also = recreated === 0 ? '' : ` and makes ${recreated} anew`;
  return `This deletes ${deleted} of ${all}${also}.`;
}

/** `8 to create (4 on "milan", 4 on "rome")`, by action. */
export function countObjects({ objects }: ReportConnection): readonly string[] {
  const byAction = Map.groupBy(objects, ({ action }) => action);
  return [...byAction].map(([action, some]) => {
    const byCluster = Map.groupBy(some, ({ cluster }) => cluster);
    const places = [...byCluster].map(([cluster, those]) => `${those.length} on "${cluster}"`);
    return `${some.length} to ${action} (${places.join(', ')})`;
  });
}

function objectTexts(connection: ReportConnection): readonly string[] {
  const { objects } = connection;
  if (objects.length > FEW_OBJECTS) return [countObjects(connection).join(', ')];
  return objects.map(({ action, cluster, kind, namespace, name, reason }) => {
    const path = [kind, namespace, name].filter((part) => part !== '').join('/');
    return `${action} ${path} on "${cluster}": ${reason}`;
  });
}

/** One line for each side, since each decides by itself. */
function addressTexts({ remap }: ReportConnection): readonly string[] {
  const byViewer = Map.groupBy(remap, ({ seenBy }) => seenBy);
  return [...byViewer].map(([viewer, entries]) => {
    const [peer = ''] = entries.map(({ cluster }) => cluster);
    const parts = entries.map(({ kind, cidr, seenAs, clash }) => {
      if (seenAs === '') return `${kind} ${cidr} never: ${clash}, and no other of its size is free`;
      return seenAs === cidr
        ? `${kind} ${cidr} as it is`
        : `${kind} ${cidr} as ${seenAs} (${clash})`;
    });
    return `"${viewer}" will most likely see of "${peer}" ${parts.join(', ')}`;
  });
}

function permissionTexts({ permissionsMissing }: ReportConnection): readonly string[] {
  return permissionsMissing.map(({ cluster, verb, resource, namespace, name }) => {
    const what = `${verb} ${resource}${name === '' ? '' : `/${name}`}`;
    return `"${cluster}": ${what}${namespace === '' ? '' : ` in namespace ${namespace}`}`;
  });
}
