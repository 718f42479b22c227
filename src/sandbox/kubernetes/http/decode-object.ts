import type { KubeObject } from '../../../model/kube-object.ts';
import { ApiStatusError, badRequest } from '../api-status-error.ts';
import { isJsonObject, type JsonObject, listOrEmpty, textOrEmpty } from '../json.ts';
import type { Target, WriteSettings } from '../request.ts';
import { withBuiltinDefaults } from '../schema/builtin-defaults.ts';
import { type Nulls, withDefaults } from '../schema/defaulting.ts';
import { invalid } from '../schema/field-error.ts';
import { goDecodingProblem } from '../schema/go-decoding.ts';
import { prune } from '../schema/prune.ts';
import { OBJECT_META } from '../schema/schema.ts';
import { BUILTIN_RESOURCES } from '../store/builtin-resources.ts';
import { splitApiVersion } from '../store/resource.ts';
import { unrecognized } from './request-body.ts';

type Decoding = Pick<WriteSettings, 'fieldValidation' | 'warn'> & { readonly nulls?: Nulls };

/**
 * A request's body as an object of the kind that the path says: known members only, defaults filled in.
 * Throws 400 when the body is for something else, or holds unknown members under strict field validation.
 */
export function decodeObject(target: Target, body: unknown, decoding: Decoding): KubeObject {
  if (!isJsonObject(body)) throw badRequest('the body of the request must be an object');
  const { resource } = target;
  const typed = withType(target, body);
  assertShape(target, typed);
  const metadata = decodeMetadata(target, typed['metadata'], decoding);
  const pruned = prune({ ...typed, metadata }, resource.schema);
  tellUnknown(target, pruned.unknown, decoding);
  // Pruning and defaulting keep what was just checked: apiVersion, kind and a metadata object with a name.
  const object = withDefaults(pruned.value, resource.schema, decoding.nulls) as KubeObject;
  return withBuiltinDefaults(resource, object);
}

/** The body with its kind and version, which core objects may leave out. */
function withType({ resource }: Target, body: JsonObject): JsonObject {
  const { apiVersion, kind, custom } = resource;
  const given = {
    kind: textOrEmpty(body['kind']),
    apiVersion: textOrEmpty(body['apiVersion']),
    name: isJsonObject(body['metadata']) ? textOrEmpty(body['metadata']['name']) : '',
  };
  if (given.kind === kind && given.apiVersion === apiVersion) return body;
  if (!custom) return coreWithType(resource, body, given);
  if (given.kind === '') {
    const text = JSON.stringify(body);
    throw unrecognized(kind, `Object 'Kind' is missing in '${text}'`, text);
  }
  if (given.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${given.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  const { group } = splitApiVersion(given.apiVersion);
  const detail = `must be ${kind}`;
  throw invalid({ group, kind: given.kind, name: given.name }, [
    { type: 'FieldValueInvalid', field: 'kind', value: given.kind, detail },
  ]);
}

function coreWithType(
  { apiVersion, kind, group }: Target['resource'],
  body: JsonObject,
  given: { readonly kind: string; readonly apiVersion: string },
): JsonObject {
  const filled = {
    kind: given.kind === '' ? kind : given.kind,
    apiVersion: given.apiVersion === '' ? apiVersion : given.apiVersion,
  };
  if (filled.kind === kind && filled.apiVersion === apiVersion) return { ...body, ...filled };
  const { version } = splitApiVersion(filled.apiVersion);
  const isKnown = BUILTIN_RESOURCES.some(
    (known) => known.kind === filled.kind && known.apiVersion === filled.apiVersion,
  );
  const internal = group === '' ? 'core' : (group.split('.')[0] ?? '');
  const why = isKnown
    ? `converting (${version}.${filled.kind}) to (${internal}.${kind}): unknown conversion`
    : `no kind "${filled.kind}" is registered for version "${filled.apiVersion}" in scheme "pkg/runtime/scheme.go:111"`;
  throw badRequest(`${filled.kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

/** Throws 400 when the body does not fit the Go structure: for custom resources that is their metadata only. */
function assertShape({ resource }: Target, body: JsonObject): void {
  const { kind, version, custom, schema } = resource;
  const problem = custom
    ? goDecodingProblem(body['metadata'], OBJECT_META, { struct: '', path: '' })
    : goDecodingProblem(body, schema, { struct: '', path: '' });
  if (problem !== undefined) throw new UnfitObjectError(kind, version, problem);
}

/** A body that does not fit the kind it is for: 400, where it is not the outcome of a patch. */
export class UnfitObjectError extends ApiStatusError {
  readonly problem: string;

  constructor(kind: string, version: string, problem: string) {
    super(
      400,
      'BadRequest',
      `${kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`,
    );
    this.problem = problem;
  }
}

function tellUnknown(
  { resource: { kind, version } }: Target,
  unknown: readonly string[],
  { fieldValidation, warn }: Decoding,
): void {
  if (unknown.length === 0) return;
  const fields = unknown.map((path) => `unknown field ${JSON.stringify(path)}`).sort();
  if (fieldValidation === 'Strict') {
    throw new UnfitObjectError(kind, version, `strict decoding error: ${fields.join(', ')}`);
  }
  if (fieldValidation === 'Warn') fields.forEach(warn);
}

function decodeMetadata(target: Target, given: unknown, { warn }: Decoding): JsonObject {
  const metadata = isJsonObject(given) ? given : {};
  const { namespace, name } = target;
  const givenName = textOrEmpty(metadata['name']);
  const givenNamespace = textOrEmpty(metadata['namespace']);
  if (name !== '' && givenName === '') {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (name !== '' && givenName !== name) {
    throw badRequest(
      `the name of the object (${givenName}) does not match the name on the URL (${name})`,
    );
  }
  if (namespace !== '' && givenNamespace !== '' && givenNamespace !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  return {
    ...withoutEmpty(metadata),
    name: givenName,
    ...(namespace !== '' && { namespace }),
    ...ownersOnce(metadata['ownerReferences'], warn),
  };
}

/** Lists and maps that hold nothing are not kept. */
function withoutEmpty(metadata: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(metadata).filter(
      ([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0,
    ),
  );
}

/** The same owner twice is one owner. */
function ownersOnce(owners: unknown, warn: (text: string) => void): JsonObject {
  const list = listOrEmpty(owners);
  const seen = new Map(list.map((owner) => [JSON.stringify(owner), owner]));
  if (seen.size === list.length) return {};
  const uids = list.map((owner) => (isJsonObject(owner) ? textOrEmpty(owner['uid']) : ''));
  const twice = [...new Set(uids.filter((uid, index) => uids.indexOf(uid) !== index))];
  warn(
    `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${twice.join(', ')}`,
  );
  return { ownerReferences: [...seen.values()] };
}
