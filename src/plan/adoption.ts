import { isDeepStrictEqual } from 'node:util';
import { textAt } from '../liqo/read-field.ts';
import { readRemote } from '../liqo/remap.ts';
import { supports } from '../liqo/version.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { Blocked } from '../model/plan.ts';
import { type Identity, isOurs } from './ownership.ts';
import { fittingGateway, misfitGateway, type PairSide } from './pair-side.ts';

/**
 * Why a connection that somebody else made cannot be taken over as it is; undefined when it can, or when there is
 * nothing to take over. Taking over only adds our labels and the wanted values: nothing is deleted for it, so the
 * roles have to fit, and so has what this version of Liqo cannot change in place (NETWORK.md 12).
 */
export function findAdoptionProblem(
  pair: readonly [PairSide, PairSide],
  identity: Identity,
): Blocked | undefined {
  const isForeign: IsForeign = (object) => object !== undefined && !isOurs(object, identity);
  return pair
    .flatMap((here) => CHECKS.map((check) => check(here, isForeign)))
    .find((problem) => problem !== undefined);
}

type IsForeign = (object: KubeObject | undefined) => boolean;

const CHECKS: readonly ((here: PairSide, isForeign: IsForeign) => Blocked | undefined)[] = [
  checkRoles,
  checkSecret,
  checkCIDRs,
];

function checkRoles(here: PairSide, isForeign: IsForeign): Blocked | undefined {
  const misfit = misfitGateway(here);
  if (misfit === undefined || ![misfit, fittingGateway(here)].some(isForeign)) return undefined;
  const isChosen = !['auto', undefined].includes(here.shortcut.spec.server);
  return refuse(
    here.side.cluster,
    `${misfit.kind} ${misfit.metadata.name} does not fit the roles`,
    isChosen ? 'Set spec.server to auto, or remove it' : 'Remove it',
  );
}

/** To take the name of its Secret away would give the gateway another key, and cut the tunnel (NETWORK.md 6). */
function checkSecret(here: PairSide, isForeign: IsForeign): Blocked | undefined {
  const gateway = fittingGateway(here);
  if (gateway === undefined || !isForeign(gateway)) return undefined;
  if (textAt(gateway, 'spec', 'secretRef', 'name') === undefined) return undefined;
  const what = `${gateway.kind} ${gateway.metadata.name} has a key Secret of its own, which a Shortcut cannot ask for`;
  return refuse(here.side.cluster, what, 'Remove it');
}

function checkCIDRs(
  { side, stock: { configuration }, remote }: PairSide,
  isForeign: IsForeign,
): Blocked | undefined {
  if (
    configuration === undefined ||
    !isForeign(configuration) ||
    supports(side.liqoVersion, 'remoteChangePropagates') ||
    remote.kind !== 'known' ||
    isDeepStrictEqual(readRemote(configuration), remote.cidrs)
  ) {
    return undefined;
  }
  return refuse(
    side.cluster,
    `Configuration ${configuration.metadata.name} holds other CIDRs than the peer has, and this Liqo cannot change them`,
    'Remove it',
  );
}

function refuse(cluster: string, why: string, remedy: string): Blocked {
  return {
    reason: 'ForeignConnection',
    cluster,
    message: `The connection cannot be adopted: on "${cluster}" ${why}. ${remedy} first.`,
    stalled: true,
  };
}
