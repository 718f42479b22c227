import { isDeepStrictEqual } from 'node:util';

import { isAbsent } from '../errors/classify.ts';
import type { KubeWriter } from '../kube/kube-client.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';

/**
 * Writes the status of one of our CRs by server-side apply, unless it is there already: an unchanged world costs no
 * write. Returns what is stored now, or undefined when the object is gone (which is no error: it was deleted meanwhile).
 * An API server does not look at the UID in the status of a custom resource: what landed on a new object of the same name
 * is not ours to know of, and the new object's own run, which follows, overwrites it.
 *
 * @throws what the client throws, but for the absence of the object.
 */
export async function writeStatus(options: {
  readonly writer: KubeWriter;
  readonly kind: ResourceKind;
  readonly object: KubeObject;
  readonly status: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}): Promise<KubeObject | undefined> {
  const { writer, kind, object, signal } = options;
  const status = withoutUndefined(options.status);
  if (isDeepStrictEqual(object['status'] ?? {}, status)) return object;
  const { name, namespace, uid } = object.metadata;
  const { apiVersion } = kind;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
  try {
    const body = { apiVersion, kind: kind.kind, metadata, status };
    const stored = await writer.apply(kind, body, { subresource: 'status', force: true, signal });
    return uid === undefined || stored.metadata.uid === uid ? stored : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** As it looks after a journey through JSON, so that it can be compared with what was read. */
function withoutUndefined(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
}
