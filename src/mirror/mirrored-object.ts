import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { DesiredResource } from '../manifests/desired-state.ts';
import type { KubeObject } from '../model/kube-object.ts';
import {
  ANNOTATION_CONTENT,
  ANNOTATION_FILE,
  ANNOTATION_REVISION,
  FIELD_MANAGER,
  LABEL_MANAGED_BY,
  LABEL_SOURCE,
} from '../model/names.ts';
import type { Revision } from '../model/revision.ts';

/** Where a mirrored object comes from. */
export interface Origin {
  /** Name of the source, a valid label value. */
  readonly source: string;
  readonly revision: Revision;
}

/** What the main cluster is to hold for a resource of Git: the manifest plus where it came from. */
export function mirroredObject({ object, file }: DesiredResource, origin: Origin): KubeObject {
  const { metadata, spec } = object;
  const content = createHash('sha256')
    .update(sortedJson([metadata, spec]))
    .digest('hex');
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      ...metadata,
      labels: {
        ...metadata.labels,
        [LABEL_MANAGED_BY]: FIELD_MANAGER,
        [LABEL_SOURCE]: origin.source,
      },
      annotations: {
        ...metadata.annotations,
        [ANNOTATION_CONTENT]: content.slice(0, 16),
        [ANNOTATION_FILE]: file,
        [ANNOTATION_REVISION]: origin.revision,
      },
    },
    spec: withoutEmptyMaps(spec),
  };
}

/**
 * Without members that are empty maps. To the API server `gateway: {}` says no more than no `gateway`, but where an apply
 * gives up the last field below such a map, it stores `null` there and then refuses it (structured-merge-diff).
 */
function withoutEmptyMaps(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const members = Object.entries(value).map(
    ([key, part]) => [key, withoutEmptyMaps(part)] as const,
  );
  return Object.fromEntries(
    members.filter(([, part]) => !isRecord(part) || Object.keys(part).length > 0),
  );
}

/** What mirroring itself adds. Of these only the digest of the content is compared. */
const OWN_ANNOTATIONS = new Set([ANNOTATION_CONTENT, ANNOTATION_FILE, ANNOTATION_REVISION]);

/**
 * What differs between what is wanted and what the main cluster holds, in words; empty when nothing does. Only the
 * fields of the manifest count: what the API server or somebody else added is theirs. Neither the revision
 * nor the file alone is a difference: together they name the place where the object was last changed.
 */
export function differences(wanted: KubeObject, actual: KubeObject): readonly string[] {
  const ours = wanted.metadata.annotations ?? {};
  const annotations = Object.entries(ours).filter(([name]) => !OWN_ANNOTATIONS.has(name));
  const theirs = actual.metadata.annotations ?? {};
  const parts: readonly (readonly [string, unknown, unknown])[] = [
    ['spec', wanted['spec'], actual['spec']],
    ['labels', wanted.metadata.labels, actual.metadata.labels],
    ['annotations', Object.fromEntries(annotations), theirs],
  ];
  const differing = parts.filter(([, part, whole]) => !covers(whole, part)).map(([name]) => name);
  const isSilent = ours[ANNOTATION_CONTENT] !== theirs[ANNOTATION_CONTENT];
  return differing.length === 0 && isSilent ? ['what the file leaves out'] : differing;
}

/** True when everything of `part` is in `whole`, with the same values; lists are compared as a whole. */
function covers(whole: unknown, part: unknown): boolean {
  if (!isRecord(part)) return isDeepStrictEqual(whole, part);
  if (!isRecord(whole)) return false;
  return Object.entries(part).every(
    ([key, value]) => value === undefined || covers(whole[key], value),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON that does not depend on the order of keys. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isRecord(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
