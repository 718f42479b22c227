import { findClusterIDProblem } from '../liqo/cluster-id.ts';
import { tenantNamespaceName } from '../liqo/labels.ts';
import { announceTo, type OwnCIDRs, readOwnCIDRs } from '../liqo/own-cidrs.ts';
import { ANNOTATION_ADOPT } from '../model/names.ts';
import type { Blocked } from '../model/plan.ts';
import type { Shortcut } from '../model/shortcut.ts';
import { findAdoptionProblem } from './adoption.ts';
import { type Candidate, chooseServer, type ServerChoice } from './choose-server.ts';
import type { KnownSide } from './observation.ts';
import type { Identity } from './ownership.ts';
import type { PairSide } from './pair-side.ts';
import { planGateway } from './plan-gateway.ts';
import { planConfiguration, planTenant } from './plan-groundwork.ts';
import { planPublicKey, planTunnel } from './plan-keys.ts';
import { findServerProblem } from './server-settings.ts';
import type { Step } from './step.ts';
import { takeStock } from './take-stock.ts';

/** Namespace, Configuration, gateway and PublicKey on each of two sides. */
const OBJECTS_OF_A_PAIR = 8;

/** What is to be done for a connection between two leaves that can both be seen. */
export interface ConnectionPlan {
  readonly choice?: ServerChoice;
  readonly steps: readonly Step[];
  readonly blocked: readonly Blocked[];
  readonly isApplied: boolean;
  readonly notes?: readonly string[];
}

/**
 * Plans a connection (NETWORK.md 15): everything that can be written now, on both sides, and what each of the rest
 * waits for. Sides come in alphabetical order.
 */
export function planConnection(
  shortcut: Shortcut,
  identity: Identity,
  sides: readonly [KnownSide, KnownSide],
): ConnectionPlan {
  const idProblems = findIDProblems(sides);
  if (idProblems.length > 0) return blockedBy(idProblems);
  const [first, second] = sides;
  const isAdopting = shortcut.metadata.annotations?.[ANNOTATION_ADOPT] === 'true';
  const claim = { identity, isAdopting };
  const stockOfFirst = takeStock(first, second.clusterID, claim);
  const stockOfSecond = takeStock(second, first.clusterID, claim);
  if (stockOfFirst.kind === 'blocked' || stockOfSecond.kind === 'blocked') {
    return blockedBy(
      [stockOfFirst, stockOfSecond].flatMap((taken) =>
        taken.kind === 'blocked' ? [taken.blocked] : [],
      ),
    );
  }
  return planRoles(shortcut, identity, [
    { side: first, stock: stockOfFirst.stock },
    { side: second, stock: stockOfSecond.stock },
  ]);
}

function planRoles(
  shortcut: Shortcut,
  identity: Identity,
  candidates: readonly [Candidate, Candidate],
): ConnectionPlan {
  const [first, second] = candidates;
  const choice = chooseServer(shortcut.spec, candidates);
  const server = choice.server === first.side.cluster ? first.side : second.side;
  const serverProblem = findServerProblem(shortcut.spec, server);
  if (serverProblem !== undefined) return blockedBy([stall(server, serverProblem)], choice);
  const cidrsOfFirst = readOwnCIDRs(first.side.ownNetworks);
  const cidrsOfSecond = readOwnCIDRs(second.side.ownNetworks);
  if (cidrsOfFirst.kind === 'invalid' || cidrsOfSecond.kind === 'invalid') {
    const problems = [
      ...stallInvalid(first.side, cidrsOfFirst),
      ...stallInvalid(second.side, cidrsOfSecond),
    ];
    return blockedBy(problems, choice);
  }
  const pairSide = (
    { side, stock }: Candidate,
    peer: KnownSide,
    remote: PairSide['remote'],
  ): PairSide => ({
    shortcut,
    identity,
    side,
    peer,
    stock,
    role: side === server ? 'server' : 'client',
    tenantName: stock.tenant?.metadata.name ?? tenantNamespaceName(peer.clusterID),
    remote:
      remote.kind === 'known'
        ? { kind: 'known', cidrs: announceTo(side.liqoVersion, remote.cidrs) }
        : remote,
  });
  return planPair(
    [pairSide(first, second.side, cidrsOfSecond), pairSide(second, first.side, cidrsOfFirst)],
    identity,
    choice,
  );
}

function planPair(
  pair: readonly [PairSide, PairSide],
  identity: Identity,
  choice: ServerChoice,
): ConnectionPlan {
  const problem = findAdoptionProblem(pair, identity);
  if (problem !== undefined) return blockedBy([problem], choice);
  const [first, second] = pair;
  const steps = [...planSide(first, second), ...planSide(second, first)];
  const isApplied = steps.length === OBJECTS_OF_A_PAIR && steps.every(({ isInPlace }) => isInPlace);
  const tunnels = pair.map((here) => planTunnel(here, isApplied));
  const notes = pair.flatMap(noteOmitted);
  return { choice, steps: [...steps, ...tunnels], blocked: [], isApplied, notes };
}

/** Up to v1.1 a leaf uses one pod CIDR of its peer: the others cannot be reached from there (NETWORK.md 12). */
function noteOmitted({ side, peer, remote }: PairSide): readonly string[] {
  const own = readOwnCIDRs(peer.ownNetworks);
  if (remote.kind !== 'known' || own.kind !== 'known') return [];
  const omitted = own.cidrs.pod.filter((cidr) => !remote.cidrs.pod.includes(cidr));
  if (omitted.length === 0) return [];
  return [
    `Liqo on "${side.cluster}" is older than v1.2 and uses only the first pod CIDR of "${peer.cluster}", so that ${omitted.join(', ')} cannot be reached from there`,
  ];
}

/** The namespace first: the others lie in it. */
function planSide(here: PairSide, there: PairSide): readonly Step[] {
  const tenant = planTenant(here);
  if (here.stock.tenant === undefined || tenant.wait !== undefined) return [tenant];
  return [tenant, planConfiguration(here), planGateway(here, there), planPublicKey(here, there)];
}

function findIDProblems(sides: readonly [KnownSide, KnownSide]): readonly Blocked[] {
  const [first, second] = sides;
  if (first.clusterID === second.clusterID) {
    return [
      {
        reason: 'ClusterIDMismatch',
        message: `"${first.cluster}" and "${second.cluster}" are the same cluster, or copies: both have the cluster ID "${first.clusterID}".`,
        stalled: true,
      },
    ];
  }
  return sides.flatMap((side) => {
    const problem = findClusterIDProblem(side.clusterID);
    return problem === undefined ? [] : [stall(side, `${problem} (leaf "${side.cluster}")`)];
  });
}

function stallInvalid(side: KnownSide, cidrs: OwnCIDRs): readonly Blocked[] {
  if (cidrs.kind !== 'invalid') return [];
  return [stall(side, `Liqo on "${side.cluster}": ${cidrs.message}`)];
}

function stall({ cluster }: KnownSide, message: string): Blocked {
  return { reason: 'InvalidSpec', cluster, message: `${message}.`, stalled: true };
}

function blockedBy(blocked: readonly Blocked[], choice?: ServerChoice): ConnectionPlan {
  return { ...(choice !== undefined && { choice }), steps: [], blocked, isApplied: false };
}
