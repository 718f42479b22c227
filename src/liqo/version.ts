import type { KubeObject } from '../model/kube-object.ts';
import { LABEL_APP_VERSION } from './labels.ts';

/** What not every version of Liqo can do, and the first minor version of 1.x that can (NETWORK.md 12). */
const FEATURES = {
  /** Tenant namespaces carry pod security labels. */
  podSecurityLabels: 1,
  /** A Configuration uses all CIDRs of a list, not only the first. */
  severalCIDRs: 2,
  /** A change of a configured Configuration's `spec.remote` is looked at. */
  remoteChangePropagates: 2,
  /** A peer's prefix outside the IPAM's pools is remapped into them. */
  remapsForeignPrefixes: 2,
  /** `GatewayServer.spec.serviceAnnotations` exists. */
  serviceAnnotations: 2,
} as const;

export type LiqoFeature = keyof typeof FEATURES;

/** Major, minor and patch. Pre-release and build suffixes are left out: they make no difference to us. */
export type LiqoVersion = readonly [major: number, minor: number, patch: number];

/** Reads `v1.2.0`, `1.2` or `v1.2.0-13-g557c199cf`; undefined for anything else. */
export function parseVersion(text: string): LiqoVersion | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+].*)?$/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? '0')];
}

/** Negative when `a` is older than `b`, 0 when equal, positive when newer. */
export function compareVersions(a: LiqoVersion, b: LiqoVersion): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** The version that the chart wrote on the cluster's own Networks; undefined when none says so. */
export function versionOf(ownNetworks: readonly KubeObject[]): string | undefined {
  return ownNetworks
    .map((network) => network.metadata.labels?.[LABEL_APP_VERSION])
    .find((version) => version !== undefined && parseVersion(version) !== undefined);
}

/** True when Liqo of this version can do it. A version that is not known counts as a new one. */
export function supports(version: string | undefined, feature: LiqoFeature): boolean {
  const parsed = version === undefined ? undefined : parseVersion(version);
  return parsed === undefined || compareVersions(parsed, [1, FEATURES[feature], 0]) >= 0;
}
