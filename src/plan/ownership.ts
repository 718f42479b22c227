import { createHash } from 'node:crypto';
import type { KubeObject } from '../model/kube-object.ts';
import {
  ANNOTATION_APPLIED,
  ANNOTATION_OWNER,
  ANNOTATION_TOUCHED,
  FIELD_MANAGER,
  LABEL_INSTALLATION,
  LABEL_MANAGED_BY,
  LABEL_SHORTCUT,
} from '../model/names.ts';
import type { Shortcut } from '../model/shortcut.ts';
import type { ShortcutKey } from '../model/shortcut-key.ts';

/** What makes an object on a leaf ours: this installation, and this pair of leaves (DESIGN section 3). */
export interface Identity {
  readonly installation: string;
  readonly key: ShortcutKey;
}

const MAX_LABEL_LENGTH = 63;

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The key as a label value: the key itself, or a hash of it where that is longer than a label may be. */
function shortcutLabel(key: ShortcutKey): string {
  return key.length <= MAX_LABEL_LENGTH ? key : shortHash(key);
}

function ownershipLabels({ installation, key }: Identity): Readonly<Record<string, string>> {
  return {
    [LABEL_MANAGED_BY]: FIELD_MANAGER,
    [LABEL_INSTALLATION]: installation,
    [LABEL_SHORTCUT]: shortcutLabel(key),
  };
}

/** True when the object carries all three ownership labels of this identity. */
export function isOurs(object: KubeObject, identity: Identity): boolean {
  return Object.entries(ownershipLabels(identity)).every(
    ([label, value]) => object.metadata.labels?.[label] === value,
  );
}

/** True when some installation of this program made the object. */
export function isManaged(object: KubeObject): boolean {
  return object.metadata.labels?.[LABEL_MANAGED_BY] === FIELD_MANAGER;
}

/** The object with our labels and annotations, ready to be applied. */
export function withOwnership(
  object: KubeObject,
  identity: Identity,
  shortcut: Shortcut,
): KubeObject {
  const { namespace = '', name, uid = '' } = shortcut.metadata;
  const { labels, ownerReferences } = object.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...labels, ...ownershipLabels(identity) },
      annotations: {
        [ANNOTATION_OWNER]: `${namespace}/${name}/${uid}`,
        [ANNOTATION_APPLIED]: shortHash(JSON.stringify([labels, ownerReferences, object['spec']])),
      },
    },
  };
}

/** Merge patch that gives an object up: it stays, and is nobody's. */
export const RELEASE_BODY: Readonly<Record<string, unknown>> = {
  metadata: {
    labels: { [LABEL_MANAGED_BY]: null, [LABEL_INSTALLATION]: null, [LABEL_SHORTCUT]: null },
    annotations: {
      [ANNOTATION_OWNER]: null,
      [ANNOTATION_APPLIED]: null,
      [ANNOTATION_TOUCHED]: null,
    },
  },
};
