import type { Shortcut } from '../model/shortcut.ts';
import type { SideObservation } from './observation.ts';

/** Everything that a plan depends on: same input, same plan. */
export interface PlanInput {
  readonly shortcut: Shortcut;
  /** One for each of `spec.clusters`, in any order. A `keySecret` must be read after the other objects were observed. */
  readonly sides: readonly [SideObservation, SideObservation];
  /** Name of this installation: the value of its ownership label. */
  readonly installation: string;
  /** `namespace/name` of the older Shortcut for the same pair, where there is one. */
  readonly duplicateOf?: string;
  /** Why the Shortcut's deletion is nobody's wish to disconnect: then everything stays. One sentence. */
  readonly deletionHold?: string;
  /** Objects that a leaf forbade us to delete, as `cluster/Namespace/name`: deletion finishes without them. */
  readonly leftBehind?: ReadonlySet<string>;
}
