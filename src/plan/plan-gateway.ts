import { type Endpoint, readEndpoint } from '../liqo/endpoint.ts';
import { GATEWAY_CLIENT, GATEWAY_SERVER } from '../liqo/kinds.ts';
import type { TemplateRef } from '../liqo/objects.ts';
import { type KubeObject, type ObjectRef, refOf } from '../model/kube-object.ts';
import { desiredClient, desiredServer, wantedTemplate } from './desired-objects.ts';
import { findDoom, keptTemplate, mustRenewConfiguration, standingGateway } from './gateway-fate.ts';
import { keepObject } from './keep-object.ts';
import { awaitLeftSecret } from './left-secret.ts';
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
    const secret = awaitLeftSecret(here);
    if (secret !== undefined) return secret;
  }
  return role === 'server' ? planServer(here, current) : planClient(here, there, current);
}

/** A server counts only when what it was asked for is there; its address does not matter where the wish names another. */
function planServer(here: PairSide, current: KubeObject | undefined): Step {
  const { cluster } = here.side;
  const kept = current && keptTemplate(here, current);
  const desired = desiredServer(here, kept);
  const step = keepObject({ cluster, kind: GATEWAY_SERVER, desired, current });
  if (!step.isInPlace || current === undefined) return step;
  if (kept !== undefined) return awaitPerson(here, refOf(GATEWAY_SERVER, current), kept);
  const published = readEndpoint(current, here.side);
  const isOverridden = here.shortcut.spec.gateway?.clientEndpoint !== undefined;
  if (published.kind === 'published' || (published.kind === 'pending' && isOverridden)) return step;
  const what = `waiting for ${published.message}`;
  const wait = waitFor(cluster, 'EndpointPending', refOf(GATEWAY_SERVER, current), what);
  return { isInPlace: published.kind === 'pending', wait };
}

function removeGateway({ side }: PairSide, gateway: KubeObject, reason: string): Step {
  const kind = gateway.kind === GATEWAY_SERVER.kind ? GATEWAY_SERVER : GATEWAY_CLIENT;
  return remove(side.cluster, { ref: refOf(kind, gateway), object: gateway }, reason);
}

/** A client that dials already keeps its endpoint while the server has none to show. */
function planClient(here: PairSide, there: PairSide, current: KubeObject | undefined): Step {
  const endpoint = findDial(here, there);
  if (endpoint === undefined) return { isInPlace: current !== undefined };
  const { cluster } = here.side;
  const kept = current && keptTemplate(here, current);
  const desired = desiredClient(here, endpoint, kept);
  const step = keepObject({ cluster, kind: GATEWAY_CLIENT, desired, current });
  const isHeld = step.isInPlace && kept !== undefined;
  return isHeld ? awaitPerson(here, refOf(GATEWAY_CLIENT, desired), kept) : step;
}

/** A running gateway is not deleted for another template: nobody can tell from here whether there is one. */
function awaitPerson(here: PairSide, ref: ObjectRef, kept: TemplateRef): Step {
  const { name, namespace } = wantedTemplate(here);
  const what = `it was made from template ${kept.namespace}/${kept.name}, and another one takes a new gateway, without a tunnel meanwhile: see that there is a template ${namespace}/${name}, then delete this gateway, and it is made from that`;
  return { isInPlace: false, wait: waitFor(here.side.cluster, 'EndpointPending', ref, what) };
}

/** What the client dials: what the spec says, else what the server's own gateway publishes, which may be nothing yet. */
function findDial({ shortcut }: PairSide, server: PairSide): Endpoint | undefined {
  const override = shortcut.spec.gateway?.clientEndpoint;
  if (override !== undefined) {
    const { address, port } = override;
    return { addresses: [address], port, protocol: 'UDP' };
  }
  const gateway = standingGateway(server);
  if (gateway === undefined) return undefined;
  const published = readEndpoint(gateway, server.side);
  return published.kind === 'published' ? published.endpoint : undefined;
}
