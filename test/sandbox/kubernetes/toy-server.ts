import type { KubeClient } from '../../../src/kube/kube-client.ts';
import { NAMESPACE } from '../../../src/model/kinds.ts';
import type { OperatorError } from '../../../src/errors/operator-error.ts';
import type { ResourceKind } from '../../../src/model/kube-object.ts';
import {
  type ApiServer,
  type ApiServerOptions,
  createApiServer,
} from '../../../src/sandbox/kubernetes/api-server.ts';
import { CRD, widgetDefinition } from './widgets.ts';

export const signal = new AbortController().signal;

/** A server, not started, that knows Widgets and has the namespace `toys`. */
export async function toyServer(options: Partial<ApiServerOptions> = {}): Promise<ApiServer> {
  const server = createApiServer({ name: 'rome', ...options });
  const client = server.client();
  await client.create(CRD, widgetDefinition(), { signal });
  await addNamespace(client, 'toys');
  return server;
}

export async function addNamespace(client: KubeClient, name: string): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await client.create(NAMESPACE, body, { signal });
}

/** Waits, turn of the event loop by turn, until something holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 20_000; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`never happened: ${what}`);
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<OperatorError> {
  return promise.then<OperatorError, OperatorError>(
    () => {
      throw new Error('was not rejected');
    },
    (error: unknown) => error as OperatorError,
  );
}

export function kind(
  apiVersion: string,
  kindName: string,
  plural: string,
  namespaced = true,
): ResourceKind {
  return { apiVersion, kind: kindName, plural, namespaced };
}
