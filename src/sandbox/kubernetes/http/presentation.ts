import type { KubeObject } from '../../../model/kube-object.ts';
import { ApiStatusError, badRequest } from '../api-status-error.ts';
import type { HttpExchange } from './http-exchange.ts';
import { type JsonObject, without } from '../json.ts';
import type { Resource } from '../store/resource.ts';
import { type IncludeObject, partialMetadata, renderTable } from './table.ts';

/** How objects are shown to one client: as they are, as a table, or by their metadata only. */
export interface Presentation {
  one(object: KubeObject): unknown;
  many(objects: readonly KubeObject[], metadata: object): unknown;
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const INCLUDES: readonly IncludeObject[] = ['None', 'Metadata', 'Object'];

/** Chooses by the Accept header, as content negotiation of the API server does. Throws 406, and 400 for odd tables. */
export function presentationOf(
  exchange: HttpExchange,
  resource: Resource,
  now: number,
): Presentation {
  const accepted = exchange
    .header('accept')
    .split(',')
    .map((type) => type.trim());
  for (const type of accepted) {
    const shape = /;as=(\w+)/.exec(type)?.[1];
    if (shape === 'Table') return asTable(exchange, resource, now);
    if (shape?.startsWith('PartialObjectMetadata')) return AS_METADATA;
    if (shape === undefined && isReadable(type)) return asIs(resource);
  }
  throw notAcceptable(accepted.some((type) => type.includes(';as=')));
}

/** Media types that are answered, all of them with JSON. */
const READABLE = ['', '*/*', 'application/*', 'application/json', 'application/yaml', PROTOBUF];

function isReadable(type: string): boolean {
  return READABLE.includes((type.split(';')[0] ?? '').trim());
}

function notAcceptable(isShaped: boolean): ApiStatusError {
  const types = `application/json, application/yaml, ${PROTOBUF}`;
  if (isShaped) {
    const message = `only the following media types are accepted: ${types}`;
    return new ApiStatusError(406, 'NotAcceptable', message);
  }
  const streams = `application/json;stream=watch, ${PROTOBUF};stream=watch`;
  const message = `406: Not Acceptable\n\nAvailable representations: ${types}, ${streams}`;
  return new ApiStatusError(406, 'NotAcceptable', message, {});
}

function asTable({ query }: HttpExchange, resource: Resource, now: number): Presentation {
  const asked = query.get('includeObject') ?? '';
  const include = INCLUDES.find((known) => known === (asked || 'Metadata'));
  if (include === undefined) {
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`,
    );
  }
  const table = (objects: readonly KubeObject[], metadata: object): unknown =>
    renderTable({ resource, objects, include, now, metadata: { ...metadata } });
  return {
    one: (object) => table([object], { resourceVersion: object.metadata.resourceVersion }),
    many: table,
  };
}

const AS_METADATA: Presentation = {
  one: partialMetadata,
  many: (objects, metadata) => ({
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    items: objects.map(partialMetadata),
  }),
};

function asIs({ custom, apiVersion, listKind }: Resource): Presentation {
  // Items of core lists do not say what they are; those of custom resources do.
  const item = (object: KubeObject): KubeObject | JsonObject =>
    custom ? object : without(without(object, 'apiVersion'), 'kind');
  return {
    one: (object) => object,
    many: (objects, metadata) => ({
      kind: listKind,
      apiVersion,
      metadata: custom ? { continue: '', ...metadata } : metadata,
      items: objects.map(item),
    }),
  };
}
