import type { KubeObject } from '../../../model/kube-object.ts';
import { builtinErrors } from './builtin-rules.ts';
import { celErrors } from './cel-rules.ts';
import { type FieldError, invalid } from './field-error.ts';
import { metadataErrors } from './metadata-validation.ts';
import { type Resource, splitApiVersion } from '../store/resource.ts';
import { validate } from './validation.ts';

function newFinalizers(object: KubeObject, live: KubeObject | undefined): readonly FieldError[] {
  if (live?.metadata.deletionTimestamp === undefined) return [];
  const before = live.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((name) => !before.includes(name));
  if (added.length === 0) return [];
  const found = added.map((name) => JSON.stringify(name)).join(', ');
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`;
  const error = { type: 'FieldValueForbidden', field: 'metadata.finalizers', detail } as const;
  // The rules for all objects and those for updates both say so.
  return [error, error];
}

/** Throws 422 with all that is wrong with an object that is about to be stored. */
export function assertValid(
  resource: Resource,
  object: KubeObject,
  live: KubeObject | undefined,
): void {
  const { kind, schema, custom, storedAs } = resource;
  const { group } = storedAs === undefined ? resource : splitApiVersion(storedAs.apiVersion);
  // Whether core kinds fit their Go structures was settled when they were read.
  const shape = custom ? validate(object, schema, '') : [];
  const metadata = metadataErrors(object.metadata, resource);
  const errors = [
    ...metadata,
    ...newFinalizers(object, live),
    ...builtinErrors(resource, object, live),
    ...shape,
    ...celErrors(object, live, schema, [...metadata, ...shape]),
  ];
  if (errors.length > 0) throw invalid({ group, kind, name: object.metadata.name }, errors);
}
