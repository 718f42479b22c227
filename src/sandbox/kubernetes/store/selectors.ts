import type { KubeObject } from '../../../model/kube-object.ts';
import { badRequest } from '../api-status-error.ts';
import { isJsonObject } from '../json.ts';
import type { Resource } from './resource.ts';

/** Says whether an object is meant. */
export type Selector = (object: KubeObject) => boolean;

interface FieldRequirement {
  readonly field: string;
  readonly isEqual: boolean;
  readonly value: string;
}

const OF_ALL = ['metadata.name', 'metadata.namespace'];

function fieldValue(object: KubeObject, field: string): string {
  let value: unknown = object;
  for (const member of field.split('.')) value = isJsonObject(value) ? value[member] : undefined;
  return typeof value === 'string' ? value : '';
}

function parse(text: string): readonly FieldRequirement[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, field, operator, value = ''] = /^([^=!]+)(=|==|!=)([^=]*)$/.exec(part) ?? [];
      if (field !== undefined) return { field, isEqual: operator !== '!=', value };
      throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    });
}

function assertKnown(field: string, { custom, fields }: Resource): void {
  if (OF_ALL.includes(field) || fields.includes(field)) return;
  throw badRequest(
    custom || fields.length > 0
      ? `field label not supported: ${field}`
      : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** A field selector in its text form. Throws 400 for fields that cannot be selected by. */
export function fieldSelector(text: string, resource: Resource): Selector {
  const requirements = parse(text);
  for (const { field } of requirements) assertKnown(field, resource);
  return (object) =>
    requirements.every(
      ({ field, isEqual, value }) => (fieldValue(object, field) === value) === isEqual,
    );
}

/** The one name that a field selector asks for, or an empty text: RBAC knows such a list as one of that object. */
export function selectedName(text: string): string {
  const [name, another] = /^metadata\.name==?([^,=!]+)$/.exec(text)?.slice(1) ?? [];
  return another === undefined ? (name ?? '') : '';
}
