import { canBeRemapped } from '../liqo/cidr.ts';
import { CONFIGURATION } from '../liqo/kinds.ts';
import type { ClusterCIDRs } from '../liqo/own-cidrs.ts';
import { readSeenAs } from '../liqo/remap.ts';
import { NAMESPACE } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { refOf } from '../model/kube-object.ts';
import type { Wait } from '../model/plan.ts';
import { desiredConfiguration, desiredTenant } from './desired-objects.ts';
import { mustRenewConfiguration } from './gateway-fate.ts';
import { keepObject } from './keep-object.ts';
import { configurationLeftovers, gatewayLeftovers } from './leftovers.ts';
import { isOurs } from './ownership.ts';
import type { PairSide } from './pair-side.ts';
import { NOT_YET, remove, type Step, waitFor, waitForAbsence } from './step.ts';

/** The tenant namespace: made where there is none, kept right where we made it, and never changed where others did. */
export function planTenant(here: PairSide): Step {
  const { side, stock, identity } = here;
  const current = stock.tenant;
  if (current !== undefined && isTerminating(current)) {
    const target = { ref: refOf(NAMESPACE, current), object: current };
    return { isInPlace: false, wait: waitForAbsence(side.cluster, target) };
  }
  if (current !== undefined && !isOurs(current, identity)) return { isInPlace: true };
  const desired = desiredTenant(here);
  return keepObject({ cluster: side.cluster, kind: NAMESPACE, desired, current });
}

/** What this side has to know of the peer's CIDRs, and whether Liqo has taken it in. */
export function planConfiguration(here: PairSide): Step {
  const { side, peer, stock, remote } = here;
  const current = stock.configuration;
  if (remote.kind === 'pending') {
    const message = `Liqo on "${peer.cluster}": waiting for ${remote.message}`;
    const wait: Wait = { cluster: peer.cluster, reason: 'CIDRPending', message };
    return { isInPlace: current !== undefined, wait };
  }
  if (current !== undefined && mustRenewConfiguration(here)) return renew(here, current);
  const [leftover] = configurationLeftovers(side);
  if (current === undefined && leftover !== undefined) {
    return { isInPlace: false, wait: waitForAbsence(side.cluster, leftover) };
  }
  const desired = desiredConfiguration(here, remote.cidrs);
  const step = keepObject({ cluster: side.cluster, kind: CONFIGURATION, desired, current });
  if (!step.isInPlace || current === undefined || readSeenAs(current) !== undefined) return step;
  return { ...step, wait: waitForRemap(here, current, remote.cidrs) };
}

/** Only once the gateway and what it left are gone (NETWORK.md 9.2). */
function renew({ side, stock }: PairSide, current: KubeObject): Step {
  const hasGateway = stock.server !== undefined || stock.client !== undefined;
  if (hasGateway || gatewayLeftovers(side).length > 0) return NOT_YET;
  const reason = "The peer's CIDRs changed, and this version of Liqo does not look at a change.";
  return remove(side.cluster, { ref: refOf(CONFIGURATION, current), object: current }, reason);
}

function waitForRemap({ side, peer }: PairSide, current: KubeObject, cidrs: ClusterCIDRs): Wait {
  const stuck = [...cidrs.pod, ...cidrs.external].find(
    (cidr) => !canBeRemapped(cidr, side.liqoVersion),
  );
  const what =
    stuck === undefined
      ? `waiting for Liqo to remap the CIDRs of "${peer.cluster}" (status)`
      : `waiting for Liqo to remap the CIDRs of "${peer.cluster}" (status); ${stuck} is too large for its default pools, or outside them`;
  return waitFor(side.cluster, 'CIDRPending', refOf(CONFIGURATION, current), what);
}

function isTerminating({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}
