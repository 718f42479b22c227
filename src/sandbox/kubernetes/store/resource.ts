import type { KubeObject, ResourceKind } from '../../../model/kube-object.ts';
import type { NameRule } from '../schema/metadata-validation.ts';
import type { Schema } from '../schema/schema.ts';

/** A column of `kubectl get`. `jsonPath` as in a CRD's additionalPrinterColumns. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly jsonPath: string;
  /** What is shown, where a path cannot say it. `now` in milliseconds since the epoch. */
  readonly show?: (object: KubeObject, now: number) => unknown;
  readonly priority?: number;
  readonly description?: string;
}

/** One kind of object that the server knows, in one of its versions. */
export interface Resource extends ResourceKind {
  readonly group: string;
  readonly version: string;
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly hasStatus: boolean;
  /** Whether `metadata.generation` is kept: all custom resources, few of the core kinds. */
  readonly tracksGeneration: boolean;
  /** True for kinds that a CustomResourceDefinition brought. */
  readonly custom: boolean;
  /** Its definition is being deleted: nothing new is taken. */
  readonly isGoing?: boolean;
  /** Where another group shows the same objects, and in the form of which version they are stored. */
  readonly storedAs?: { readonly storage: string; readonly apiVersion: string };
  readonly nameRule: NameRule;
  /** Schema of the whole object, metadata included. */
  readonly schema: Schema;
  /** All columns, the name's too. */
  readonly columns: readonly PrinterColumn[];
  /** Fields to select by, beside name and namespace. */
  readonly fields: readonly string[];
  /** Whether a deletion shows the object that is gone, rather than a `Status`. */
  readonly showsDeleted: boolean;
  /** Whether an update creates what does not exist. */
  readonly updateCreates: boolean;
  readonly deletesCollections: boolean;
}

/** The name under which all versions of a kind are stored: `plural.group`. */
export function storageOf({ plural, group, storedAs }: Resource): string {
  if (storedAs !== undefined) return storedAs.storage;
  return group === '' ? plural : `${plural}.${group}`;
}

/** Group and version of an `apiVersion`. */
export function splitApiVersion(apiVersion: string): {
  readonly group: string;
  readonly version: string;
} {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { group: '', version: first } : { group: first, version: second };
}
