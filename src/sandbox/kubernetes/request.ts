import type { Resource } from './store/resource.ts';

/** Who asks. Groups include `system:authenticated`. */
export interface Caller {
  readonly user: string;
  readonly groups: readonly string[];
}

/** What a request is about. `namespace` and `name` are empty where there is none. */
export interface Target {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  readonly subresource?: 'status';
}

/** How the server treats members that a schema does not know. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** What accompanies every write. */
export interface WriteSettings {
  /** Field manager. */
  readonly manager: string;
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** Takes warnings for the caller (the `Warning` header). */
  readonly warn: (text: string) => void;
}

/** What accompanies a deletion. */
export interface DeleteSettings {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly dryRun: boolean;
}

/** Which objects of a kind are meant; selectors in their text form, empty for all. */
export interface Selection {
  readonly labelSelector: string;
  readonly fieldSelector: string;
}
