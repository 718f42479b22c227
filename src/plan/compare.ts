import { isDeepStrictEqual } from 'node:util';
import { CONFIGURATION } from '../liqo/kinds.ts';
import { fieldAt } from '../liqo/read-field.ts';
import { NAMESPACE } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';

type Fields = Readonly<Record<string, unknown>>;

/** How an object differs from what we want of it. Both empty: not at all. */
export interface Comparison {
  /** Fields that are missing or have another value, as paths, sorted. */
  readonly wrong: readonly string[];
  /** Fields of the spec that nobody may set, as paths, sorted. */
  readonly surplus: readonly string[];
  /** Merge patch that takes the surplus away: server-side apply cannot remove what another manager set. */
  readonly surplusBody: Fields;
}

/**
 * Compares only what we own: our labels, annotations and owners have to be among those there; the spec has to be
 * exactly ours, but for a Configuration's, of which Liqo fills in `spec.local`, and a Namespace's, where Kubernetes
 * keeps its own finalizers (observed/README.md).
 */
export function compareObject(current: KubeObject, desired: KubeObject): Comparison {
  const spec = readSpec(current, asFields(desired['spec']));
  const surplusBody = surplusOf(spec, asFields(desired['spec']));
  return {
    wrong: [
      ...wrongFields(
        asFields(current.metadata.labels),
        asFields(desired.metadata.labels),
        'metadata.labels',
      ),
      ...wrongFields(
        asFields(current.metadata.annotations),
        asFields(desired.metadata.annotations),
        'metadata.annotations',
      ),
      ...(hasOwners(current, desired) ? [] : ['metadata.ownerReferences']),
      ...wrongFields(spec, asFields(desired['spec']), 'spec'),
    ],
    surplus: leaves(surplusBody, 'spec'),
    surplusBody: { spec: surplusBody },
  };
}

function readSpec(current: KubeObject, desired: Fields): Fields {
  const spec = asFields(current['spec']);
  if (current.kind === CONFIGURATION.kind || current.kind === NAMESPACE.kind) {
    return Object.fromEntries(Object.entries(spec).filter(([key]) => key in desired));
  }
  // Liqo's own clients write an empty reference where they mean none.
  const { secretRef, ...rest } = spec;
  return secretRef === undefined || fieldAt(secretRef, 'name') === '' ? rest : spec;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asFields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function hasOwners(current: KubeObject, desired: KubeObject): boolean {
  const owners = current.metadata.ownerReferences ?? [];
  return (desired.metadata.ownerReferences ?? []).every(({ uid }) =>
    owners.some((owner) => owner.uid === uid),
  );
}

function wrongFields(current: Fields, desired: Fields, path: string): readonly string[] {
  return Object.keys(desired)
    .toSorted()
    .flatMap((key) => {
      const here = current[key];
      const wanted = desired[key];
      if (isFields(wanted)) return wrongFields(asFields(here), wanted, `${path}.${key}`);
      return isDeepStrictEqual(here, wanted) ? [] : [`${path}.${key}`];
    });
}

function surplusOf(current: Fields, desired: Fields): Fields {
  const entries = Object.entries(current).flatMap(([key, here]): [string, unknown][] => {
    const wanted = desired[key];
    if (wanted === undefined) return [[key, null]];
    const within = isFields(here) && isFields(wanted) ? surplusOf(here, wanted) : {};
    return Object.keys(within).length === 0 ? [] : [[key, within]];
  });
  return Object.fromEntries(entries);
}

function leaves(fields: Fields, path: string): readonly string[] {
  return Object.entries(fields)
    .flatMap(([key, value]) =>
      isFields(value) ? leaves(value, `${path}.${key}`) : [`${path}.${key}`],
    )
    .toSorted();
}
