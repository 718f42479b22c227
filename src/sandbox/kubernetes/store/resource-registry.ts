import type { KubeObject } from '../../../model/kube-object.ts';
import { BUILTIN_RESOURCES } from './builtin-resources.ts';
import { customResources } from './custom-resources.ts';
import type { ObjectStore } from './object-store.ts';
import type { Resource } from './resource.ts';

/** Where CustomResourceDefinitions are stored. */
export const CRD_STORAGE = 'customresourcedefinitions.apiextensions.k8s.io';

/** Holds a definition until its objects are gone. */
export const DEFINITION_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** Every kind that the server knows now: the built-in ones and those of the CustomResourceDefinitions stored. */
export class ResourceRegistry {
  readonly #store: ObjectStore;
  readonly #byDefinition = new Map<KubeObject, readonly Resource[]>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** All kinds, in all served versions. */
  all(): readonly Resource[] {
    const definitions = this.#store.list(CRD_STORAGE);
    for (const known of this.#byDefinition.keys()) {
      if (!definitions.includes(known)) this.#byDefinition.delete(known);
    }
    return [...BUILTIN_RESOURCES, ...definitions.flatMap((crd) => this.#resourcesOf(crd))];
  }

  /** The kind at an API path, or undefined. */
  find(group: string, version: string, plural: string): Resource | undefined {
    const fits = (resource: Resource): boolean =>
      resource.group === group && resource.version === version && resource.plural === plural;
    const builtin = BUILTIN_RESOURCES.find(fits);
    if (builtin !== undefined) return builtin;
    const definition = this.#store.get(CRD_STORAGE, '', `${plural}.${group}`);
    return definition === undefined ? undefined : this.#resourcesOf(definition).find(fits);
  }

  #resourcesOf(definition: KubeObject): readonly Resource[] {
    const known = this.#byDefinition.get(definition);
    if (known !== undefined) return known;
    const resources = customResources(definition);
    this.#byDefinition.set(definition, resources);
    return resources;
  }
}
