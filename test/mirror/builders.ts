import type { DesiredResource, DesiredState } from '../../src/manifests/desired-state.ts';
import type { MirrorPlan } from '../../src/mirror/mirror-plan.ts';
import { planMirror, type PlanMirrorInput } from '../../src/mirror/plan-mirror.ts';
import { API_VERSION } from '../../src/model/kinds.ts';
import type { KubeObject, ObjectMeta } from '../../src/model/kube-object.ts';
import { LABEL_SOURCE } from '../../src/model/names.ts';

export const SOURCE = 'fleet';
export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
export const REVISION = `main@sha1:${COMMIT}`;

/** A Shortcut as the repository wishes for it. */
export function wantShortcut(
  name: string,
  {
    clusters = ['rome', 'milan'],
    ...metadata
  }: Partial<ObjectMeta> & { clusters?: [string, string] } = {},
): DesiredResource {
  return {
    kind: 'Shortcut',
    object: {
      apiVersion: API_VERSION,
      kind: 'Shortcut',
      metadata: { namespace: 'liqo-shortcuts', ...metadata, name },
      spec: { clusters, server: 'auto', suspend: false, deletionPolicy: 'Disconnect' },
    },
    file: `shortcuts/${name}.yaml`,
    line: 1,
  };
}

/** A LeafCluster as the repository wishes for it. */
export function wantLeaf(name: string): DesiredResource {
  return {
    kind: 'LeafCluster',
    object: {
      apiVersion: API_VERSION,
      kind: 'LeafCluster',
      metadata: { namespace: 'liqo-shortcuts', name },
      spec: { kubeconfigSecretRef: { name, key: 'kubeconfig' }, liqoNamespace: 'liqo' },
    },
    file: `leaves/${name}.yaml`,
    line: 1,
  };
}

/** A whole revision. */
export function desired(
  resources: readonly DesiredResource[],
  { complete = true } = {},
): DesiredState {
  return { resources, problems: [], files: resources.length, complete };
}

/** An object of the main cluster that nobody's repository knows. */
export function existing(
  resource: DesiredResource,
  metadata: Partial<ObjectMeta> & { source?: string } = {},
): KubeObject {
  const { source, ...rest } = metadata;
  const labels = source === undefined ? rest.labels : { ...rest.labels, [LABEL_SOURCE]: source };
  return {
    ...resource.object,
    metadata: {
      ...resource.object.metadata,
      uid: `uid-${resource.object.metadata.name}`,
      ...rest,
      ...(labels === undefined ? {} : { labels }),
    },
  };
}

/** planMirror with everything left out that the test does not care about. */
export function plan(input: Partial<PlanMirrorInput>): MirrorPlan {
  return planMirror({
    desired: desired([]),
    actual: [],
    source: SOURCE,
    revision: REVISION,
    guard: { maxDeletions: 5, maxDeletionsPercent: 30 },
    ...input,
  });
}

/** `action resource` of every action. */
export function summary({ actions }: MirrorPlan): readonly string[] {
  return actions.map(({ action, resource }) => `${action} ${resource}`);
}

/** What a main cluster holds once a plan was carried out. */
export function carriedOut(actual: readonly KubeObject[], plan: MirrorPlan): readonly KubeObject[] {
  const byResource = new Map(actual.map((object) => [resourceKey(object), object]));
  for (const action of plan.actions) {
    const before = byResource.get(action.resource);
    if (action.action === 'delete') byResource.delete(action.resource);
    if (!('object' in action)) continue;
    byResource.set(action.resource, applied(before, action.object));
  }
  return [...byResource.values()];
}

/** `Kind/namespace/name`. */
export function resourceKey({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/** What server-side apply makes of an object, as far as these objects need it. */
export function applied(before: KubeObject | undefined, wanted: KubeObject): KubeObject {
  const { labels, annotations, uid = `uid-${wanted.metadata.name}` } = wanted.metadata;
  return {
    ...wanted,
    metadata: {
      ...before?.metadata,
      ...wanted.metadata,
      uid,
      labels: { ...before?.metadata.labels, ...labels },
      annotations: { ...before?.metadata.annotations, ...annotations },
    },
  };
}
