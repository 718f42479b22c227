import type { KubeObject } from '../../model/kube-object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { GarbageCollector } from './controllers/garbage-collector.ts';
import { ContainerController } from './controllers/container-controller.ts';
import { ObjectReader } from './store/object-reader.ts';
import { ObjectStore } from './store/object-store.ts';
import { ObjectWriter } from './store/object-writer.ts';
import type { WriteSettings } from './request.ts';
import { splitApiVersion } from './store/resource.ts';
import { ResourceRegistry } from './store/resource-registry.ts';
import type { SavedState } from './store/state-file.ts';

/** What the API server is without its door: objects, rules, and the controllers that tidy up. */
export interface Cluster {
  readonly store: ObjectStore;
  readonly registry: ResourceRegistry;
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  readonly collector: GarbageCollector;
  /** Ends the controllers. */
  stop(): void;
}

export interface ClusterOptions {
  readonly clock: Clock;
  readonly collectGarbage: boolean;
  readonly saved?: Pick<SavedState, 'version' | 'objects'>;
}

const SYSTEM: WriteSettings = {
  manager: 'kube-apiserver',
  dryRun: false,
  fieldValidation: 'Ignore',
  warn: () => undefined,
};

/** Namespaces that every cluster has. */
const NAMESPACES = ['default', 'kube-public', 'kube-system'];

/** Builds a cluster with what was saved, or with nothing but the namespaces that every cluster has. */
export function createCluster({ clock, collectGarbage, saved }: ClusterOptions): Cluster {
  const store = new ObjectStore();
  const registry = new ResourceRegistry(store);
  const reader = new ObjectReader(store, clock);
  const writer = new ObjectWriter(store, clock);
  const remove = (storage: string, { apiVersion, metadata }: KubeObject): void => {
    const { group, version } = splitApiVersion(apiVersion);
    const resource = registry.find(group, version, storage.split('.')[0] ?? '');
    const { namespace = '', name } = metadata;
    // What is left of a kind whose definition is gone has no rules any more.
    if (resource !== undefined) writer.remove({ resource, namespace, name }, { dryRun: false });
  };
  const collector = new GarbageCollector({ store, clock, remove, enabled: collectGarbage });
  const controllers = [collector, new ContainerController({ store, remove })];
  if (saved === undefined) createNamespaces(registry, writer);
  else store.load(saved.version, saved.objects);
  const stops = controllers.map((controller) => controller.start());
  const stop = (): void => stops.forEach((end) => end());
  return { store, registry, reader, writer, collector, stop };
}

function createNamespaces(registry: ResourceRegistry, writer: ObjectWriter): void {
  const resource = registry.find('', 'v1', 'namespaces');
  if (resource === undefined) return;
  for (const name of NAMESPACES) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    writer.create({ resource, namespace: '', name: '' }, body, SYSTEM);
  }
}
