import type { KubeObject } from '../../../model/kube-object.ts';
import { badRequest } from '../api-status-error.ts';
import { builtinErrors } from './builtin-admission.ts';
import { celErrors } from './cel-rules.ts';
import { type FieldError, invalid } from './field-error.ts';
import { metadataErrors } from './metadata-validation.ts';
import type { Resource } from '../store/resource.ts';
import { validate } from './validation.ts';

function newFinalizers(object: KubeObject, live: KubeObject | undefined): readonly FieldError[] {
  if (live?.metadata.deletionTimestamp === undefined) return [];
  const before = live.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((name) => !before.includes(name));
  if (added.length === 0) return [];
  const found = added.map((name) => JSON.stringify(name)).join(', ');
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`;
  return [{ type: 'FieldValueForbidden', field: 'metadata.finalizers', detail }];
}

/** Throws 422 with all that is wrong with an object that is about to be stored (400 for core kinds of wrong shape). */
export function assertValid(
  resource: Resource,
  object: KubeObject,
  live: KubeObject | undefined,
): void {
  const { kind, version, group, schema } = resource;
  const shape = validate(object, schema, '');
  const [first] = shape;
  if (!resource.custom && first !== undefined) {
    throw badRequest(
      `${kind} in version "${version}" cannot be handled as a ${kind}: ${first.detail}`,
    );
  }
  const errors = [
    ...metadataErrors(object.metadata, resource.nameRule),
    ...newFinalizers(object, live),
    ...builtinErrors(resource, object),
    ...shape,
    ...celErrors(object, live, schema, shape),
  ];
  if (errors.length > 0) throw invalid({ group, kind, name: object.metadata.name }, errors);
}
