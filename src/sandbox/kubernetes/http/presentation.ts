import type { KubeObject } from '../../../model/kube-object.ts';
import type { HttpExchange } from './http-exchange.ts';
import { type JsonObject, without } from '../json.ts';
import type { Resource } from '../store/resource.ts';
import { type IncludeObject, partialMetadata, renderTable } from './table.ts';

/** How objects are shown to one client: as they are, as a table, or by their metadata only. */
export interface Presentation {
  one(object: KubeObject): unknown;
  many(objects: readonly KubeObject[], metadata: object): unknown;
}

const INCLUDES: readonly IncludeObject[] = ['None', 'Metadata', 'Object'];

/** Chooses by the Accept header, as content negotiation of the API server does. */
export function presentationOf(
  exchange: HttpExchange,
  resource: Resource,
  now: number,
): Presentation {
  const accept = exchange.header('accept');
  if (accept.includes('as=Table')) return asTable(exchange, resource, now);
  if (accept.includes('as=PartialObjectMetadata')) return AS_METADATA;
  return asIs(resource);
}

function asTable({ query }: HttpExchange, resource: Resource, now: number): Presentation {
  const asked = query.get('includeObject');
  const include = INCLUDES.find((known) => known === asked) ?? 'Metadata';
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
      metadata,
      items: objects.map(item),
    }),
  };
}
