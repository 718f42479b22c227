import { isDeepStrictEqual } from 'node:util';
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
  const isForeign = (object: KubeObject | undefined): boolean =>
    object !== undefined && !isOurs(object, identity);
  for (const here of pair) {
    const { shortcut, side, stock, remote } = here;
    const misfit = misfitGateway(here);
    if (misfit !== undefined && [misfit, fittingGateway(here)].some(isForeign)) {
      const isChosen = !['auto', undefined].includes(shortcut.spec.server);
      return refuse(
        side.cluster,
        `${misfit.kind} ${misfit.metadata.name} does not fit the roles`,
        isChosen ? 'Set spec.server to auto, or remove it' : 'Remove it',
      );
    }
    const { configuration } = stock;
    if (
      configuration !== undefined &&
      isForeign(configuration) &&
      !supports(side.liqoVersion, 'remoteChangePropagates') &&
      remote.kind === 'known' &&
      !isDeepStrictEqual(readRemote(configuration), remote.cidrs)
    ) {
      return refuse(
        side.cluster,
        `Configuration ${configuration.metadata.name} holds other CIDRs than the peer has, and this Liqo cannot change them`,
        'Remove it',
      );
    }
  }
  return undefined;
}

function refuse(cluster: string, why: string, remedy: string): Blocked {
  return {
    reason: 'ForeignConnection',
    cluster,
    message: `The connection cannot be adopted: on "${cluster}" ${why}. ${remedy} first.`,
    stalled: true,
  };
}
