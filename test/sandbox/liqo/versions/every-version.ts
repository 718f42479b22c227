import { FEATURES, type LiqoVersion } from '../../../../src/sandbox/liqo/liqo-version.ts';
import type { LiqoLeafOptions } from '../../../../src/sandbox/liqo/liqo-leaf.ts';
import { createTunnelNetwork } from '../../../../src/sandbox/liqo/tunnel-network.ts';
import { startLeaf, stopAll, type TestLeaf } from '../leaf-pair.ts';

/**
 * Each test below here is one row of NETWORK.md section 12. Rows without one are out of sight of whoever connects two
 * leaves: webhooks and their skip label (none is on what is written, section 10), direct connections (section 13),
 * userspace WireGuard, the virtual kubelet's flags. The labels of a tenant namespace are the writer's.
 */
export const VERSIONS = Object.keys(FEATURES) as readonly LiqoVersion[];

export function isBefore12(version: LiqoVersion): boolean {
  return version === '1.0' || version === '1.1';
}

/** Runs with a leaf of that version, naples with pod CIDR 10.203.0.0/16, and stops it. */
export async function onLeaf(
  version: LiqoVersion,
  use: (naples: TestLeaf) => Promise<void>,
  options: Partial<LiqoLeafOptions> = {},
): Promise<void> {
  const podCIDR = '10.203.0.0/16';
  const naples = await startLeaf('naples', createTunnelNetwork(), { version, podCIDR, options });
  try {
    await use(naples);
  } finally {
    await stopAll(naples);
  }
}
