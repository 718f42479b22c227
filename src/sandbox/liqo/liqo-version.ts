/** The lines of Liqo that a leaf can pretend to run (NETWORK.md section 12). */
export type LiqoVersion = '1.0' | '1.1' | '1.2' | 'HEAD';

/** What differs between them, as far as it can be seen from outside. */
export interface LiqoFeatures {
  /** Image tag and `app.kubernetes.io/version`. */
  readonly tag: string;
  /**
   * All CIDRs of a kind, the cluster's own pod CIDRs too; the condition instead of the label; changes propagated; any peer
   * prefix remapped, and the cluster's own external and internal ones.
   */
  readonly manyCIDRs: boolean;
  /** A Connection goes back to `Connecting` on each PublicKey event. */
  readonly resetsConnection: boolean;
  /** Load balancers: an entry's IP before its host name. */
  readonly prefersIP: boolean;
  /** The gateway's own pod is no duplicate while it terminates. */
  readonly ignoresTerminatingPods: boolean;
  /** `ForeignCluster.status.observedGeneration`. */
  readonly observesGeneration: boolean;
  /** Several ports per tunnel, with their validation rules. */
  readonly portLists: boolean;
  /** Gateways are rendered anew when their template changes. */
  readonly watchesTemplates: boolean;
}

const OLD: LiqoFeatures = {
  tag: 'v1.0.3',
  manyCIDRs: false,
  resetsConnection: true,
  prefersIP: false,
  ignoresTerminatingPods: false,
  observesGeneration: false,
  portLists: false,
  watchesTemplates: false,
};
const CURRENT: LiqoFeatures = {
  tag: 'v1.2.0',
  manyCIDRs: true,
  resetsConnection: false,
  prefersIP: true,
  ignoresTerminatingPods: true,
  observesGeneration: true,
  portLists: false,
  watchesTemplates: false,
};

export const FEATURES: Readonly<Record<LiqoVersion, LiqoFeatures>> = {
  '1.0': OLD,
  '1.1': { ...OLD, tag: 'v1.1.2' },
  '1.2': CURRENT,
  HEAD: { ...CURRENT, tag: 'v1.2.0-13-g557c199cf', portLists: true, watchesTemplates: true },
};
