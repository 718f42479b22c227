import type { KubeObject } from '../../../model/kube-object.ts';
import { badRequest } from '../api-status-error.ts';
import { withDefaults } from '../schema/defaulting.ts';
import { isJsonObject, type JsonObject, textOrEmpty } from '../json.ts';
import { prune } from '../schema/prune.ts';
import type { Target, WriteSettings } from '../request.ts';

/**
 * A request's body as an object of the kind that the path says: known members only, defaults filled in.
 * Throws 400 when the body is for something else, or holds unknown members under strict field validation.
 */
export function decodeObject(
  target: Target,
  body: unknown,
  { fieldValidation, warn }: Pick<WriteSettings, 'fieldValidation' | 'warn'>,
): KubeObject {
  if (!isJsonObject(body)) throw badRequest('the body of the request must be an object');
  const { resource } = target;
  assertKind(target, body);
  const metadata = decodeMetadata(target, body['metadata']);
  const pruned = prune({ ...body, metadata }, resource.schema);
  if (pruned.unknown.length > 0) {
    const fields = pruned.unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
    if (fieldValidation === 'Strict') {
      throw badRequest(
        `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: strict decoding error: ${fields.join(', ')}`,
      );
    }
    if (fieldValidation === 'Warn') fields.forEach(warn);
  }
  // Pruning and defaulting keep what was just checked: apiVersion, kind and a metadata object with a name.
  return withDefaults(pruned.value, resource.schema) as KubeObject;
}

function assertKind({ resource }: Target, body: JsonObject): void {
  const { apiVersion, kind } = resource;
  if (body['kind'] !== kind) {
    const given = textOrEmpty(body['kind']);
    if (given === '') throw badRequest(`Object 'Kind' is missing in the body of the request`);
    throw badRequest(`the kind in the data (${given}) does not match the expected kind (${kind})`);
  }
  if (body['apiVersion'] !== apiVersion) {
    const given = `${textOrEmpty(body['apiVersion'])}, Kind=${kind}`;
    throw badRequest(
      `the API version in the data (${given}) does not match the expected API version (${apiVersion}, Kind=${kind})`,
    );
  }
}

function decodeMetadata({ namespace, name }: Target, given: unknown): JsonObject {
  const metadata = isJsonObject(given) ? given : {};
  const givenName = textOrEmpty(metadata['name']);
  const givenNamespace = textOrEmpty(metadata['namespace']);
  if (name !== '' && givenName !== '' && givenName !== name) {
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
    ...metadata,
    name: givenName === '' ? name : givenName,
    ...(namespace !== '' && { namespace }),
  };
}
