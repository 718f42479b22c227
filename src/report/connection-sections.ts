import type { ReportConnection } from '../model/generated/report.ts';
import { codeSpan, counted, type Section } from './compose-comment.ts';
import { connectionDetails, countObjects } from './connection-details.ts';
import { escapeCharacter } from './show-plainly.ts';

const HEAD = '| | connection | listens | downtime | objects |\n| --- | --- | --- | --- | --- |';

/** Connections at a glance: a table. */
export function connectionTable(connections: readonly ReportConnection[]): Section {
  const title = counted(connections.length, 'connection');
  return { title, isOpen: true, head: HEAD, items: connections.map(toRow) };
}

function toRow(connection: ReportConnection): string {
  const { action, clusters, server, downtime } = connection;
  const objects = countObjects(connection).map(cell).join('<br>');
  const cells = [
    `**${action}**`,
    cell(clusters.join(' – ')),
    `${cell(server.cluster)}${server.certain ? '' : ' (not certain)'}`,
    downtime.class === 'none' ? 'none' : `**${downtime.class}**`,
    objects === '' ? '–' : objects,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** In a table a bar ends a cell, whatever it stands in. */
function cell(text: string): string {
  return codeSpan(text.replaceAll('|', escapeCharacter));
}

/** All that there is to say of each connection. */
export function connectionFold(connections: readonly ReportConnection[]): Section {
  const title = `More on ${counted(connections.length, 'connection')}`;
  return { title, isOpen: false, items: connections.flatMap(toItems) };
}

function toItems(connection: ReportConnection): readonly string[] {
  const { action, resource, reason, objects } = connection;
  return [
    `**${action}** ${codeSpan(resource)} ${codeSpan(reason)}`,
    ...connectionDetails(connection)
      .filter(({ about }) => about !== 'objects')
      .map(({ about, text }) => `${about}: ${codeSpan(text)}`),
    ...objects.map(({ action: what, cluster, kind, namespace, name, reason: why }) => {
      const object = [kind, namespace, name].filter((part) => part !== '').join('/');
      return `${what} ${codeSpan(object)} on ${codeSpan(cluster)} ${codeSpan(why)}`;
    }),
  ];
}
