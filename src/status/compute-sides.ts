import { parseLatency } from '../liqo/connection.ts';
import { readEndpoint } from '../liqo/endpoint.ts';
import { keyFingerprint } from '../liqo/keys.ts';
import { readOwnCIDRs } from '../liqo/own-cidrs.ts';
import { textAt } from '../liqo/read-field.ts';
import { readSeenAs } from '../liqo/remap.ts';
import type { Plan } from '../model/plan.ts';
import { clustersOf, type Shortcut, type SideStatus } from '../model/shortcut.ts';
import type { KnownSide, SideObservation } from '../plan/observation.ts';
import type { ReportedLatency } from './shortcut-memory.ts';
import { gatewayOf, type SideConnection } from './side-connection.ts';

/** A new latency is written to the CR when it moved by more than a quarter and 5 ms, at most every 5 minutes. */
const LATENCY_SHARE = 0.25;
const LATENCY_STEP_MS = 5;
const LATENCY_PERIOD_MS = 300_000;
const MAX_FIRST_LATENCY_MS = 200;

export interface SidesInput {
  readonly shortcut: Shortcut;
  readonly sides: readonly [SideObservation, SideObservation];
  readonly plan: Plan;
  readonly connections: readonly [SideConnection, SideConnection];
  /** What the CR says of latencies, by cluster, and since when. */
  readonly reported: ReadonlyMap<string, ReportedLatency>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * `status.sides`, in the order of `spec.clusters`. Of a side that cannot be seen everything is kept as it was last
 * seen, but for its connection, which is `Unknown`.
 */
export function computeSides(input: SidesInput): readonly SideStatus[] {
  return clustersOf(input.shortcut).map((cluster) => computeSide(cluster, input));
}

function computeSide(cluster: string, input: SidesInput): SideStatus {
  const { shortcut, sides, plan } = input;
  const side = sides.find((candidate) => candidate.cluster === cluster);
  const peer = sides.find((candidate) => candidate.cluster !== cluster);
  const previous = shortcut.status?.sides?.find((candidate) => candidate.cluster === cluster);
  const { role, seenAs: lastSeenAs, ...lastSeen } = previous ?? {};
  const seenAs = peer?.kind === 'known' ? seenFrom(peer) : lastSeenAs;
  return {
    ...(side?.kind === 'known' ? describe(side, peer) : lastSeen),
    ...describeRole(cluster, plan, role),
    cluster,
    ...(seenAs === undefined ? {} : { seenAs }),
    connection: computeConnection(cluster, previous, input),
    waitingFor: findWait(cluster, plan),
  };
}

/** While the plan cannot tell, because a side is not seen, the roles are what they were. */
function describeRole(
  cluster: string,
  { server }: Plan,
  previous: SideStatus['role'],
): Pick<SideStatus, 'role'> {
  if (server !== undefined) return { role: cluster === server ? 'Server' : 'Client' };
  return previous === undefined ? {} : { role: previous };
}

function findWait(cluster: string, { waits }: Plan): string {
  return waits.find((wait) => wait.cluster === cluster)?.message ?? '';
}

function describe(side: KnownSide, peer: SideObservation | undefined): Partial<SideStatus> {
  const own = readOwnCIDRs(side.ownNetworks);
  const gateway = describeGateway(side, peer);
  return {
    clusterID: side.clusterID,
    ...(side.liqoVersion === undefined ? {} : { liqoVersion: side.liqoVersion }),
    ...(own.kind === 'known' ? { cidrs: own.cidrs } : {}),
    ...(gateway === undefined ? {} : { gateway }),
  };
}

/** Under which prefixes `observer` reaches its peer: what its own Liqo remapped them to. */
function seenFrom(observer: KnownSide): SideStatus['seenAs'] {
  const [configuration] = observer.configurations;
  return configuration === undefined ? undefined : readSeenAs(configuration);
}

function describeGateway(
  side: KnownSide,
  peer: SideObservation | undefined,
): SideStatus['gateway'] {
  const gateway = gatewayOf(side);
  if (gateway === undefined) return undefined;
  const { name, namespace = '' } = gateway.metadata;
  const endpoint = describeEndpoint(side);
  // The key as the other side knows it: that is the one that matters, and reading it needs no Secret.
  const key = peer?.kind === 'known' ? textAt(peer.publicKeys[0], 'spec', 'publicKey') : undefined;
  return {
    name,
    namespace,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(key === undefined ? {} : { keyFingerprint: keyFingerprint(key) }),
  };
}

function describeEndpoint(side: KnownSide): NonNullable<SideStatus['gateway']>['endpoint'] {
  const [server] = side.gatewayServers;
  if (server === undefined) return undefined;
  const published = readEndpoint(server, side);
  if (published.kind !== 'published') return undefined;
  const [address = ''] = published.endpoint.addresses;
  const { port, protocol } = published.endpoint;
  return { address, port, protocol };
}

function computeConnection(
  cluster: string,
  previous: SideStatus | undefined,
  { connections, reported, now }: SidesInput,
): NonNullable<SideStatus['connection']> {
  const current = connections.find((connection) => connection.cluster === cluster);
  const status = current?.status ?? 'Unknown';
  const before = previous?.connection;
  const since = before?.status === status ? before.since : undefined;
  const isChanged = since === undefined;
  const latency = latencyToWrite(current?.latency, reported.get(cluster), { now, isChanged });
  return {
    status,
    ...(latency === undefined ? {} : { latency }),
    since: since ?? new Date(now).toISOString(),
  };
}

/**
 * The latency that belongs into the CR: the new one when the change is worth a write, else the old one. The first
 * sample after a (re)connection is the age of a queued ping (NETWORK.md 7.4): an implausible one is left out.
 */
export function latencyToWrite(
  current: string | undefined,
  reported: ReportedLatency | undefined,
  { now, isChanged }: { readonly now: number; readonly isChanged: boolean },
): string | undefined {
  if (isChanged)
    return (parseLatency(current ?? '') ?? 0) > MAX_FIRST_LATENCY_MS ? undefined : current;
  if (current === undefined || reported === undefined) return current;
  const isDue = now - reported.at >= LATENCY_PERIOD_MS;
  return isDue && hasMoved(current, reported.text) ? current : reported.text;
}

function hasMoved(current: string, reported: string | undefined): boolean {
  if (reported === undefined) return true;
  const now = parseLatency(current) ?? 0;
  const before = parseLatency(reported) ?? 0;
  const step = Math.abs(now - before);
  return step > LATENCY_STEP_MS && step > before * LATENCY_SHARE;
}
