import { ClusterUnreachableError } from '../errors/errors.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import type { KubeList, WatchEvent } from './kube-client.ts';
import { type ApiStatus, type CallContext, messageOf, toKubeError } from './map-error.ts';

/** One page of a list; `continue` is the token for the next one. */
export interface ListPage extends KubeList {
  readonly continue?: string;
}

/** Reads JSON. Throws ClusterUnreachableError without a word of the text: half an answer is no answer. */
export function parseJson(text: string, context: CallContext): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notKubernetes(context, 'JSON');
  }
}

/** Reads one object. Throws ClusterUnreachableError when it is none. */
export function parseObject(value: unknown, context: CallContext): KubeObject {
  if (isKubeObject(value)) return value;
  throw notKubernetes(context, 'an object');
}

/**
 * Reads one page of a list. Items of built-in kinds come without `apiVersion` and `kind`: they are added.
 * Throws ClusterUnreachableError when it is no list, so that garbage never looks like "nothing there".
 */
export function parseList(value: unknown, kind: ResourceKind, context: CallContext): ListPage {
  const { apiVersion, kind: kindName } = kind;
  const items: unknown = fieldOf(value, 'items');
  const metadata = fieldOf(value, 'metadata');
  const resourceVersion = fieldOf(metadata, 'resourceVersion');
  const token = fieldOf(metadata, 'continue');
  if (!Array.isArray(items) || typeof resourceVersion !== 'string') {
    throw notKubernetes(context, 'a list');
  }
  return {
    items: items.map((item: object) =>
      parseObject({ apiVersion, kind: kindName, ...item }, context),
    ),
    resourceVersion,
    ...(typeof token === 'string' && token !== '' && { continue: token }),
  };
}

/** Reads the answer to a SelfSubjectAccessReview. Throws ClusterUnreachableError when it is none: no answer is no "no". */
export function parseAllowed(value: unknown, context: CallContext): boolean {
  const allowed = fieldOf(fieldOf(value, 'status'), 'allowed');
  if (typeof allowed === 'boolean') return allowed;
  throw notKubernetes(context, 'an access review');
}

/** Reads one event of a watch. An `ERROR` event is thrown as what its Status stands for. */
export function parseWatchEvent(value: unknown, context: CallContext): WatchEvent {
  const type = fieldOf(value, 'type');
  const object = fieldOf(value, 'object');
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: parseObject(object, context) };
    case 'BOOKMARK': {
      const resourceVersion = fieldOf(fieldOf(object, 'metadata'), 'resourceVersion');
      if (typeof resourceVersion === 'string') return { type, resourceVersion };
      throw notKubernetes(context, 'a bookmark');
    }
    case 'ERROR':
      throw toKubeError(parseStatus(object, { code: 500 }), context);
    default:
      throw notKubernetes(context, 'a watch event');
  }
}

/** Reads the Status that goes with a refusal, as far as it is one. `code` stands in where it holds none. */
export function parseStatus(
  value: unknown,
  { code, retryAfterSeconds }: Pick<ApiStatus, 'code' | 'retryAfterSeconds'>,
): ApiStatus {
  const own = fieldOf(value, 'code');
  const reason = fieldOf(value, 'reason');
  const message = fieldOf(value, 'message');
  return {
    code: typeof own === 'number' ? own : code,
    details: fieldOf(value, 'details'),
    ...(typeof reason === 'string' && { reason }),
    ...(typeof message === 'string' && { message }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}

function notKubernetes(context: CallContext, wanted: string): ClusterUnreachableError {
  const { cluster, action } = context;
  return new ClusterUnreachableError(messageOf(context, `the answer is not ${wanted}`), {
    details: { cluster, action },
  });
}

function isKubeObject(value: unknown): value is KubeObject {
  return (
    typeof fieldOf(value, 'apiVersion') === 'string' &&
    typeof fieldOf(value, 'kind') === 'string' &&
    typeof fieldOf(fieldOf(value, 'metadata'), 'name') === 'string'
  );
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
