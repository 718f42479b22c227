import type { KubeObject } from '../../../model/kube-object.ts';
import { formatAge } from '../age.ts';
import { listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';
import type { PrinterColumn } from './resource.ts';

type Show = NonNullable<PrinterColumn['show']>;

function shown(name: string, show: Show, priority = 0): PrinterColumn {
  return { name, type: 'string', jsonPath: '', show, priority };
}

function text(name: string, path: string, priority = 0): PrinterColumn {
  const members = path.split('.');
  return shown(
    name,
    (object) =>
      members.reduce<unknown>((value, member) => objectOrEmpty(value)[member], object) ?? '',
    priority,
  );
}

function count(name: string, ...members: readonly string[]): PrinterColumn {
  return shown(name, (object) =>
    members
      .map((member) => Object.keys(objectOrEmpty(object[member])).length)
      .reduce((sum, size) => sum + size),
  );
}

/** How long ago the moment was that one of the members names. */
function age(name: string, members: readonly string[], priority = 0): PrinterColumn {
  return shown(
    name,
    (object, now) => {
      const moment = members.map((member) => textOrEmpty(object[member])).find((at) => at !== '');
      return moment === undefined ? '<unknown>' : formatAge(now - Date.parse(moment));
    },
    priority,
  );
}

const AGE = shown('Age', ({ metadata }, now) =>
  formatAge(now - Date.parse(metadata.creationTimestamp ?? '')),
);

/** The first column of every kind. */
export const NAME: PrinterColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  jsonPath: '.metadata.name',
};

/** What kinds of the API server's own show when they describe no columns themselves. */
const CREATED_AT: PrinterColumn = {
  name: 'Created At',
  type: 'date',
  jsonPath: '',
  show: ({ metadata }) => metadata.creationTimestamp,
};

function pairs(map: unknown): string {
  const entries = Object.entries(objectOrEmpty(map));
  return entries.length === 0 ? '<none>' : entries.map((pair) => pair.join('=')).join(',');
}

function portsOf({ spec }: KubeObject): string {
  const ports = listOrEmpty(objectOrEmpty(spec)['ports']).map(objectOrEmpty);
  if (ports.length === 0) return '<none>';
  return ports
    .map(({ port, nodePort, protocol }) => {
      const outside = typeof nodePort === 'number' && nodePort > 0 ? `:${nodePort}` : '';
      return `${String(port)}${outside}/${textOrEmpty(protocol)}`;
    })
    .join(',');
}

const SERVICE: readonly PrinterColumn[] = [
  NAME,
  text('Type', 'spec.type'),
  shown('Cluster-IP', ({ spec }) => textOrEmpty(objectOrEmpty(spec)['clusterIP']) || '<none>'),
  shown('External-IP', ({ spec }) => {
    const addresses = listOrEmpty(objectOrEmpty(spec)['externalIPs']);
    return addresses.length === 0 ? '<none>' : addresses.join(',');
  }),
  shown('Port(s)', portsOf),
  AGE,
  shown('Selector', ({ spec }) => pairs(objectOrEmpty(spec)['selector']), 1),
];

function involved(object: KubeObject): string {
  const { kind, name } = objectOrEmpty(object['involvedObject']);
  return `${textOrEmpty(kind).toLowerCase()}/${textOrEmpty(name)}`;
}

const EVENT: readonly PrinterColumn[] = [
  age('Last Seen', ['lastTimestamp', 'eventTime']),
  text('Type', 'type'),
  text('Reason', 'reason'),
  shown('Object', involved),
  text('Subobject', 'involvedObject.fieldPath', 1),
  text('Source', 'source.component', 1),
  text('Message', 'message'),
  age('First Seen', ['firstTimestamp', 'eventTime'], 1),
  shown('Count', (event) => event['count'] ?? 1, 1),
  { ...NAME, priority: 1 },
];

function subjects(kind: string): Show {
  return (object) =>
    listOrEmpty(object['subjects'])
      .map(objectOrEmpty)
      .filter((subject) => subject['kind'] === kind)
      .map(({ namespace, name }) => [namespace, name].filter(Boolean).join('/'))
      .join(', ');
}

const BINDING: readonly PrinterColumn[] = [
  NAME,
  shown('Role', (object) => {
    const { kind, name } = objectOrEmpty(object['roleRef']);
    return `${textOrEmpty(kind)}/${textOrEmpty(name)}`;
  }),
  AGE,
  shown('Users', subjects('User'), 1),
  shown('Groups', subjects('Group'), 1),
  shown('ServiceAccounts', subjects('ServiceAccount'), 1),
];

/** What `kubectl get` shows of the built-in kinds (kubernetes/pkg/printers/internalversion). */
export const BUILTIN_COLUMNS: Readonly<Record<string, readonly PrinterColumn[]>> = {
  ConfigMap: [NAME, count('Data', 'data', 'binaryData'), AGE],
  Secret: [NAME, text('Type', 'type'), count('Data', 'data'), AGE],
  Namespace: [NAME, text('Status', 'status.phase'), AGE],
  ServiceAccount: [NAME, count('Secrets', 'secrets'), AGE],
  Service: SERVICE,
  Event: EVENT,
  Lease: [NAME, text('Holder', 'spec.holderIdentity'), AGE],
  Role: [NAME, CREATED_AT],
  ClusterRole: [NAME, CREATED_AT],
  RoleBinding: BINDING,
  ClusterRoleBinding: BINDING,
  CustomResourceDefinition: [NAME, CREATED_AT],
  Pod: [NAME, text('Status', 'status.phase'), AGE, text('IP', 'status.podIP', 1)],
  Node: [NAME, AGE, text('Version', 'status.nodeInfo.kubeletVersion')],
  Deployment: [
    NAME,
    text('Ready', 'status.readyReplicas'),
    text('Available', 'status.availableReplicas'),
    AGE,
  ],
};
