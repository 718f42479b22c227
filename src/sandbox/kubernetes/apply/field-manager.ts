import type { KubeObject, ManagedFieldsEntry } from '../../../model/kube-object.ts';
import { applyConflict, type Owner } from './apply-conflict.ts';
import {
  compare,
  difference,
  dropBelow,
  EMPTY_SET,
  type FieldSet,
  fieldSet,
  fromFieldsV1,
  HERE,
  intersection,
  isEmptySet,
  pathsSetBy,
  toFieldsV1,
  union,
} from './field-set.ts';
import { isJsonObject, jsonEqual, objectOrEmpty, without, type JsonObject } from '../json.ts';
import { mergeApplied, removePaths } from './merge-applied.ts';
import type { Schema } from '../schema/schema.ts';
import { assertTypedPatch } from './typed-patch.ts';

/** Who writes, how and when. */
export interface Author {
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource?: 'status';
  /** RFC 3339, whole seconds. */
  readonly time: string;
}

const SYSTEM_MEMBERS = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
];

/** Fields that nobody owns. */
const UNOWNED: FieldSet = fieldSet(false, [
  ['f:apiVersion', HERE],
  ['f:kind', HERE],
  [
    'f:metadata',
    fieldSet(
      true,
      SYSTEM_MEMBERS.map((member) => [`f:${member}`, HERE]),
    ),
  ],
]);

/** What a write can own: the status through its subresource only, everything else not through it. */
function ownable(fields: FieldSet, author: Author, hasStatus: boolean): FieldSet {
  const own = difference(fields, UNOWNED);
  if (author.subresource === 'status') {
    return fieldSet(false, [['f:status', own.children.get('f:status') ?? EMPTY_SET]]);
  }
  return hasStatus ? dropBelow(own, ['f:status']) : own;
}

function identity(entry: ManagedFieldsEntry): string {
  const version = entry.operation === 'Apply' ? '' : entry.apiVersion;
  return JSON.stringify([entry.manager, entry.operation, entry.subresource, version]);
}

function ownersOf(object: KubeObject | undefined): readonly Owner[] {
  return (object?.metadata.managedFields ?? [])
    .map((entry) => ({ entry, fields: fromFieldsV1(entry.fieldsV1) }))
    .filter(({ fields }) => !isEmptySet(fields));
}

function entryOf(author: Author, operation: 'Apply' | 'Update'): ManagedFieldsEntry {
  return {
    manager: author.manager,
    operation,
    apiVersion: author.apiVersion,
    time: author.time,
    fieldsType: 'FieldsV1',
    fieldsV1: {},
    ...(author.subresource !== undefined && { subresource: author.subresource }),
  };
}

/** The order in which the API server keeps entries: applies first, then the oldest. */
function sortKey({
  operation,
  time,
  manager,
  apiVersion,
  subresource,
}: ManagedFieldsEntry): string {
  return JSON.stringify([operation, time ?? '', manager, apiVersion, subresource ?? '']);
}

/** The list to store. */
function entriesOf(owners: readonly Owner[]): ManagedFieldsEntry[] {
  return owners
    .filter(({ fields }) => !isEmptySet(fields))
    .map(({ entry, fields }) => ({ ...entry, fieldsV1: toFieldsV1(fields) }))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** An update, patch or creation as field ownership sees it. */
export interface TrackedWrite {
  readonly live: KubeObject | undefined;
  readonly next: KubeObject;
  readonly schema: Schema;
  readonly hasStatus: boolean;
  readonly author: Author;
}

/** Whoever writes one empty entry wants the list emptied. */
function isReset({ metadata }: KubeObject): boolean {
  const [first, second] = metadata.managedFields ?? [];
  return first !== undefined && second === undefined && Object.keys(first).length === 0;
}

/**
 * `managedFields` after a write that is not an apply: who changes a field owns it, alone, and his entry gets a new time. An
 * object that nobody owns anything of stays without owners until somebody applies.
 */
export function trackUpdate(write: TrackedWrite): ManagedFieldsEntry[] {
  const { live, next, schema, hasStatus, author } = write;
  if (live !== undefined && (ownersOf(live).length === 0 || isReset(next))) return [];
  const { added, modified, removed } = compare(live ?? {}, next, schema);
  const taken = ownable(union(added, modified), author, hasStatus);
  const own = entryOf(author, 'Update');
  const owners = ownersOf(live);
  const mine = owners.find(({ entry }) => identity(entry) === identity(own));
  const others = owners.filter((owner) => owner !== mine);
  const fields = union(difference(mine?.fields ?? EMPTY_SET, removed), taken);
  const entry = mine !== undefined && isEmptySet(taken) ? mine.entry : own;
  return entriesOf([
    ...others.map(({ entry: theirs, fields: held }) => ({
      entry: theirs,
      fields: difference(difference(held, removed), taken),
    })),
    { entry, fields },
  ]);
}

/** A server-side apply as field ownership sees it. */
export interface AppliedWrite {
  readonly live: KubeObject | undefined;
  readonly patch: JsonObject;
  readonly schema: Schema;
  readonly hasStatus: boolean;
  readonly author: Author;
  readonly force: boolean;
}

/**
 * The object after a server-side apply, `managedFields` included. Fields that this manager applied before and does
 * not apply any more are removed unless somebody else owns them. Throws 409 on fields of others unless forced, and
 * 500 when the configuration does not fit the schema.
 */
export function applyConfiguration(write: AppliedWrite): KubeObject {
  const { live, patch, schema, hasStatus, author, force } = write;
  assertTypedPatch(patch, schema);
  const applied = ownable(pathsSetBy(patch, schema), author, hasStatus);
  const own = entryOf(author, 'Apply');
  const owners = ownersBefore(live, write);
  const last = owners.find(({ entry }) => identity(entry) === identity(own));
  const others = owners.filter((owner) => owner !== last);

  const withoutOwners = live === undefined ? {} : withoutManagedFields(live);
  const merged = mergeApplied(withoutOwners, patch, schema);
  const stillOwned = [applied, ...others.map(({ fields }) => fields)].reduce(union);
  const dropped = difference(withHolders(last?.fields ?? EMPTY_SET), withHolders(stillOwned));
  const next = removePaths(merged, dropped, schema) as KubeObject;

  const { added, modified, removed } = compare(withoutOwners, next, schema);
  const changed = ownable(union(added, modified), author, hasStatus);
  const conflicts = others
    .map(({ entry, fields }) => ({ entry, fields: intersection(fields, changed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (conflicts.length > 0 && !force) throw applyConflict(conflicts);

  const left = others.map(({ entry, fields }) => ({
    entry,
    fields: difference(difference(fields, changed), removed),
  }));
  const entry = jsonEqual(withoutOwners, next) ? untouched(last?.entry, own) : own;
  const managedFields = entriesOf([...left, { entry, fields: applied }]);
  return { ...next, metadata: { ...next.metadata, managedFields } };
}

/** An apply that changes no field leaves no time behind. */
function untouched(
  last: ManagedFieldsEntry | undefined,
  own: ManagedFieldsEntry,
): ManagedFieldsEntry {
  return last ?? without({ ...own }, 'time');
}

/** Who owned what before an apply. Of an object without owners, everything was somebody's before. */
function ownersBefore(
  live: KubeObject | undefined,
  { schema, hasStatus, author }: AppliedWrite,
): readonly Owner[] {
  const owners = ownersOf(live);
  if (live === undefined || owners.length > 0) return owners;
  const before = without(
    { ...author, manager: 'before-first-apply' },
    'subresource',
  ) as unknown as Author;
  const { added } = compare({}, withoutManagedFields(live), schema);
  return [{ entry: entryOf(before, 'Update'), fields: ownable(added, before, hasStatus) }];
}

function withoutManagedFields(object: KubeObject): JsonObject {
  return { ...object, metadata: without({ ...object.metadata }, 'managedFields') };
}

/** The set with the objects that hold its fields: whoever owns a field keeps the objects around it. */
function withHolders(set: FieldSet): FieldSet {
  return fieldSet(
    set.present,
    [...set.children].map(([edge, child]) => {
      const inner = withHolders(child);
      const holds = edge.startsWith('f:') && inner.children.size > 0;
      return [edge, fieldSet(inner.present || holds, inner.children)];
    }),
  );
}

/** True when both are the same object but for version and times of ownership. */
export function isSameObject(a: KubeObject, b: KubeObject): boolean {
  return jsonEqual(comparable(a), comparable(b));
}

function comparable(object: KubeObject): unknown {
  const managedFields = (object.metadata.managedFields ?? []).map((entry) =>
    without(objectOrEmpty(entry), 'time'),
  );
  const metadata = without({ ...object.metadata, managedFields }, 'resourceVersion');
  return isJsonObject(metadata) ? { ...object, metadata } : object;
}
