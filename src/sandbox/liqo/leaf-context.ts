import type { ResourceKind } from '../../model/kube-object.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Ipam } from './ipam.ts';
import type { LeafObjects } from './leaf-objects.ts';
import type { LeafTroubles } from './leaf-troubles.ts';
import type { LiqoFeatures } from './liqo-version.ts';
import type { PaceTable } from './pace.ts';
import type { TunnelNetwork } from './tunnel-network.ts';
import type { ObjectChange } from './watched-kind.ts';

/** What every simulated controller of one leaf works with, from `start()` to `stop()`. */
export interface LeafContext {
  readonly clusterID: string;
  /** Where Liqo itself lives on this leaf. */
  readonly liqoNamespace: string;
  readonly features: LiqoFeatures;
  readonly objects: LeafObjects;
  readonly ipam: Ipam;
  readonly network: TunnelNetwork;
  /** Switched by faults. */
  readonly troubles: LeafTroubles;
  readonly pace: PaceTable;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted by `stop()`. */
  readonly signal: AbortSignal;
  /** Pauses before a step, as long as the recordings show. */
  pause(step: keyof PaceTable): Promise<void>;
}

/** Which changes make a controller look again, and at what. */
interface Trigger {
  readonly kind: ResourceKind;
  keys(change: ObjectChange): readonly string[];
}

/** One of Liqo's (or Kubernetes') control loops: level-based, safe to repeat. A throw means "again, later". */
export interface Controller {
  readonly name: string;
  readonly triggers: readonly Trigger[];
  reconcile(key: string): Promise<void>;
}
