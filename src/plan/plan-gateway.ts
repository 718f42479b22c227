import { type Endpoint, readEndpoint } from '../liqo/endpoint.ts';
import { GATEWAY_CLIENT, GATEWAY_SERVER } from '../liqo/kinds.ts';
import { type KubeObject, refOf } from '../model/kube-object.ts';
import type { Wait } from '../model/plan.ts';
import { desiredClient, desiredServer } from './desired-objects.ts';
import { findDoom, mustRenewConfiguration, standingGateway } from './gateway-fate.ts';
import { keepObject } from './keep-object.ts';
import { gatewayLeftovers } from './leftovers.ts';
import { fittingGateway, misfitGateway, type PairSide } from './pair-side.ts';
import { NOT_YET, remove, type Step, waitFor, waitForAbsence } from './step.ts';

/** The gateway of one side: taken away, awaited to be gone, made, or made right. */
export function planGateway(here: PairSide, there: PairSide): Step {
  const { role, side } = here;
  const misfit = misfitGateway(here);
  if (misfit !== undefined) {
    const reason = `"${side.cluster}" does not have the role for it any more.`;
    return removeGateway(here, misfit, reason);
  }
  const current = fittingGateway(here);
  const doom = findDoom(here);
  if (current !== undefined && doom !== undefined) return removeGateway(here, current, doom);
  if (current === undefined) {
    const [leftover] = gatewayLeftovers(side);
    if (leftover !== undefined) {
      return { isInPlace: false, wait: waitForAbsence(side.cluster, leftover) };
    }
    if (mustRenewConfiguration(here)) return NOT_YET;
  }
  return role === 'server'
    ? keepObject({
        cluster: side.cluster,
        kind: GATEWAY_SERVER,
        desired: desiredServer(here),
        current,
      })
    : planClient(here, there, current);
}

function removeGateway({ side }: PairSide, gateway: KubeObject, reason: string): Step {
  const kind = gateway.kind === GATEWAY_SERVER.kind ? GATEWAY_SERVER : GATEWAY_CLIENT;
  return remove(side.cluster, { ref: refOf(kind, gateway), object: gateway }, reason);
}

/** A client that dials already keeps its endpoint while the server has none to show. */
function planClient(here: PairSide, there: PairSide, current: KubeObject | undefined): Step {
  const dial = findDial(here, there);
  if (dial.kind === 'wait') return { isInPlace: current !== undefined, ...dial.wait };
  const desired = desiredClient(here, dial.endpoint);
  return keepObject({ cluster: here.side.cluster, kind: GATEWAY_CLIENT, desired, current });
}

type Dial =
  | { readonly kind: 'dial'; readonly endpoint: Endpoint }
  | { readonly kind: 'wait'; readonly wait: { readonly wait?: Wait } };

/** What the client dials: what the spec says, else what the server's own gateway publishes. */
function findDial({ shortcut }: PairSide, server: PairSide): Dial {
  const override = shortcut.spec.gateway?.clientEndpoint;
  if (override !== undefined) {
    const { address, port } = override;
    return { kind: 'dial', endpoint: { addresses: [address], port, protocol: 'UDP' } };
  }
  const gateway = standingGateway(server);
  if (gateway === undefined) return { kind: 'wait', wait: {} };
  const { side } = server;
  const published = readEndpoint(gateway, side.wgGateways);
  if (published.kind === 'published') return { kind: 'dial', endpoint: published.endpoint };
  const ref = refOf(GATEWAY_SERVER, gateway);
  const what = `waiting for ${published.message}`;
  return { kind: 'wait', wait: { wait: waitFor(side.cluster, 'EndpointPending', ref, what) } };
}
