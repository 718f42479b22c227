import type { KubeObject } from '../../../model/kube-object.ts';
import { formatAge } from '../age.ts';
import { compileJsonPath } from './json-path.ts';
import { type JsonObject, textOrEmpty } from '../json.ts';
import type { PrinterColumn, Resource } from '../store/resource.ts';

/** Which part of each object a table carries beside its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

function cell(column: PrinterColumn, object: KubeObject, now: number): unknown {
  if (column.show !== undefined) return column.show(object, now);
  const [value] = compileJsonPath(column.jsonPath)(object);
  if (value === undefined || value === null) return column.type === 'date' ? '<unknown>' : null;
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
      return { object: null };
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
  const { columns } = resource;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map((column) => ({
      name: column.name,
      type: column.type,
      format: column.format ?? '',
      description: column.description ?? '',
      priority: column.priority ?? 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => cell(column, object, now)),
      ...included(object, include),
    })),
  };
}
