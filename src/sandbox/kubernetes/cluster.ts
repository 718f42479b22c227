import type { KubeObject } from '../../model/kube-object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { NamespaceController } from './namespace-controller.ts';
import { ObjectReader } from './object-reader.ts';
import { ObjectStore } from './object-store.ts';
import { ObjectWriter } from './object-writer.ts';
import type { Target, WriteSettings } from './request.ts';
import { splitApiVersion } from './resource.ts';
import { ResourceRegistry } from './resource-registry.ts';

/** What the API server is without its door: objects, rules, and the controllers that tidy up. */
export interface Cluster {
  readonly store: ObjectStore;
  readonly registry: ResourceRegistry;
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  readonly collector: GarbageCollector;
}

const SYSTEM: WriteSettings = {
  manager: 'kube-apiserver',
  dryRun: false,
  fieldValidation: 'Ignore',
  warn: () => undefined,
};

/** Namespaces that every cluster has. */
const NAMESPACES = ['default', 'kube-public', 'kube-system'];

/** Builds a cluster with nothing in it but the namespaces that every cluster has. */
export function createCluster(clock: Clock, collectGarbage: boolean): Cluster {
  const store = new ObjectStore();
  const registry = new ResourceRegistry(store);
  const reader = new ObjectReader(store, clock);
  const writer = new ObjectWriter(store, clock);
  const remove = (storage: string, { apiVersion, metadata }: KubeObject): void => {
    const { group, version } = splitApiVersion(apiVersion);
    const resource = registry.find(group, version, storage.split('.')[0] ?? '');
    if (resource === undefined) return;
    const { namespace = '', name } = metadata;
    writer.remove({ resource, namespace, name }, { dryRun: false });
  };
  const collector = new GarbageCollector({ store, clock, remove, enabled: collectGarbage });
  collector.start();
  new NamespaceController({ store, remove }).start();
  const resource = registry.find('', 'v1', 'namespaces');
  for (const name of resource === undefined ? [] : NAMESPACES) {
    const target = { resource, namespace: '', name: '' } as Target;
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    writer.create(target, body, SYSTEM);
  }
  return { store, registry, reader, writer, collector };
}
