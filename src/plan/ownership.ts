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
import { clustersOf, type Shortcut } from '../model/shortcut.ts';
import { shortcutKey, type ShortcutKey } from '../model/shortcut-key.ts';

/** What makes an object on a leaf ours: this installation, and this pair of leaves (DESIGN section 3). */
export interface Identity {
  readonly installation: string;
  readonly key: ShortcutKey;
  /** `<namespace>/<name>/<uid>` of the Shortcut: no other one has it, so that it counts where labels were taken away. */
  readonly owner: string;
}

/** The identity of what this installation makes for a Shortcut. */
export function identityOf(shortcut: Shortcut, installation: string): Identity {
  const { namespace = '', name, uid = '' } = shortcut.metadata;
  const key = shortcutKey(clustersOf(shortcut));
  return { installation, key, owner: `${namespace}/${name}/${uid}` };
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

/**
 * True when the object carries all three ownership labels of this identity. One from which somebody took labels away
 * is still ours when it names this very Shortcut as its owner; one with labels of somebody else is not.
 */
export function isOurs({ metadata }: KubeObject, identity: Identity): boolean {
  const isOwner = metadata.annotations?.[ANNOTATION_OWNER] === identity.owner;
  return Object.entries(ownershipLabels(identity)).every(([label, value]) => {
    const found = metadata.labels?.[label];
    return found === value || (found === undefined && isOwner);
  });
}

/** True when some installation of this program made the object. */
export function isManaged(object: KubeObject): boolean {
  return object.metadata.labels?.[LABEL_MANAGED_BY] === FIELD_MANAGER;
}

/** The object with our labels and annotations, ready to be applied. */
export function withOwnership(object: KubeObject, identity: Identity): KubeObject {
  const { labels, ownerReferences } = object.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...labels, ...ownershipLabels(identity) },
      annotations: {
        [ANNOTATION_OWNER]: identity.owner,
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
