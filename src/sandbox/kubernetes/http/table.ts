import type { KubeObject } from '../../../model/kube-object.ts';
import { compileJsonPath } from './json-path.ts';
import { type JsonObject, textOrEmpty } from '../json.ts';
import type { PrinterColumn, Resource } from '../store/resource.ts';

/** Which part of each object a table carries beside its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

const NAME: PrinterColumn = { name: 'Name', type: 'string', jsonPath: '.metadata.name' };
const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

function columnsOf({ custom, columns }: Resource): readonly PrinterColumn[] {
  return custom ? [NAME, ...columns] : [NAME, ...columns, AGE];
}

/** How long ago, the way kubectl shows it: `15s`, `3m10s`, `2h`, `5d`. */
function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

function cell(column: PrinterColumn, object: KubeObject, now: number): unknown {
  const [value] = compileJsonPath(column.jsonPath)(object);
  if (value === undefined || value === null) return column.type === 'date' ? '<unknown>' : '';
  if (column.type === 'date') return formatAge(now - Date.parse(textOrEmpty(value)));
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

/** Only who an object is. */
export function partialMetadata({ metadata }: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

function included(object: KubeObject, include: IncludeObject): JsonObject {
  switch (include) {
    case 'None':
      return {};
    case 'Metadata':
      return { object: partialMetadata(object) };
    case 'Object':
      return { object };
  }
}

/** What a table is made of. */
export interface TableParts {
  readonly resource: Resource;
  readonly objects: readonly KubeObject[];
  readonly include: IncludeObject;
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
  /** `metadata` of the list. */
  readonly metadata: JsonObject;
}

/** Objects as `kubectl get` shows them (`as=Table`). */
export function renderTable({ resource, objects, include, now, metadata }: TableParts): JsonObject {
  const columns = columnsOf(resource);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map((column) => ({
      name: column.name,
      // Dates are shown as ages, so they are texts to whoever reads the table.
      type: column.type === 'date' ? 'string' : column.type,
      format: column === NAME ? 'name' : '',
      description: column.description ?? '',
      priority: column.priority ?? 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => cell(column, object, now)),
      ...included(object, include),
    })),
  };
}
