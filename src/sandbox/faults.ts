import { ConfigError } from '../errors/errors.ts';
import type { ApiServer } from './kubernetes/api-server.ts';
import type { LiqoLeaf } from './liqo/liqo-leaf.ts';
import type { LiqoLeafFaults } from './liqo/leaf-faults.ts';

/** What a fault may be told. Faults that can be switched are switched on unless `on` is false. */
export interface FaultArguments {
  readonly on?: boolean;
  /** `slow`: milliseconds that every answer is late. `gc-slow`: pause before each deletion. */
  readonly ms?: number;
  /** `forbidden`: whom and what it concerns; all of it unless said. `gc-off`: only this resource. */
  readonly user?: string;
  readonly verb?: string;
  readonly resource?: string;
  /** `tunnel-lost`, `key-rotated`: only towards this peer. */
  readonly peer?: string;
  /** `cidr-changed`: the leaf's new pod CIDR. */
  readonly cidr?: string;
}

/** The cluster that a fault hits; the main cluster has no simulated Liqo. */
export interface FaultTarget {
  readonly server: ApiServer;
  readonly liqo: LiqoLeaf | undefined;
}

interface Fault {
  /** For help texts: what happens, in a few words. */
  readonly description: string;
  readonly apply: (target: FaultTarget, args: FaultArguments) => void | Promise<void>;
}

const on = (args: FaultArguments): boolean => args.on ?? true;

const DEFAULT_DELAY_MS = 1_000;

/** Everything that can go wrong on command. */
export const FAULTS = {
  down: {
    description: 'the API server refuses connections',
    apply: ({ server }, args) => server.faults.down(on(args)),
  },
  slow: {
    description: 'every answer of the API server is late (ms)',
    apply: ({ server }, args) => server.faults.slow(on(args) ? (args.ms ?? DEFAULT_DELAY_MS) : 0),
  },
  hang: {
    description: 'the API server takes requests and never answers',
    apply: ({ server }, args) => server.faults.hang(on(args)),
  },
  forbidden: {
    description: 'requests are answered with 403 (user, verb, resource)',
    apply: ({ server }, { user, verb, resource, ...args }) =>
      server.faults.forbidden(on(args), {
        ...(user !== undefined && { user }),
        ...(verb !== undefined && { verb }),
        ...(resource !== undefined && { resource }),
      }),
  },
  revoked: {
    description: 'requests of a user are answered with 401 (user)',
    apply({ server }, { user, ...args }) {
      if (user === undefined) throw new ConfigError('the fault "revoked" needs a user');
      server.faults.revoked(on(args), user);
    },
  },
  'silent-watches': {
    description: 'watches stay open and say nothing more',
    apply: ({ server }, args) => server.faults.silentWatches(on(args)),
  },
  'drop-watches': {
    description: 'the connections of all watches break, once',
    apply: ({ server }) => server.faults.dropWatches(),
  },
  'expire-watches': {
    description: 'all watches end with 410 Gone, once',
    apply: ({ server }) => server.faults.expireWatches(),
  },
  'gc-off': {
    description: 'the garbage collector stands still, or leaves one kind alone (resource)',
    apply({ server }, { resource, ...args }) {
      const isPartial = on(args) && resource !== undefined;
      server.faults.garbageCollection(isPartial ? { except: resource } : !on(args));
    },
  },
  'gc-slow': {
    description: 'the garbage collector pauses before each deletion (ms)',
    apply: ({ server }, { ms: delayMs = DEFAULT_DELAY_MS, ...args }) =>
      server.faults.garbageCollection(on(args) ? { delayMs } : true),
  },
  'tunnel-lost': {
    description: 'packets of the tunnels are dropped (peer)',
    apply: (target, args) => liqoOf(target).tunnelLost(on(args), args.peer),
  },
  'gateway-stopped': {
    description: 'the gateway programs hang; their Connections keep the last value',
    apply: (target, args) => liqoOf(target).gatewayStopped(on(args)),
  },
  'gateway-moved': {
    description: 'the node is replaced by one with another address, once',
    apply: (target) => liqoOf(target).gatewayMoved(),
  },
  'key-rotated': {
    description: 'gateways get new keys, once (peer)',
    apply: (target, { peer }) => liqoOf(target).keyRotated(peer),
  },
  'no-load-balancer-address': {
    description: 'Services of type LoadBalancer get no address',
    apply: (target, args) => liqoOf(target).noLoadBalancerAddress(on(args)),
  },
  'pods-pending': {
    description: 'gateway Pods do not start, as while their image is pulled',
    apply: (target, args) => liqoOf(target).podsPending(on(args)),
  },
  'webhook-down': {
    description: "Liqo's webhook does not answer: routes and firewall rules are not made",
    apply: (target, args) => liqoOf(target).webhookDown(on(args)),
  },
  'node-not-ready': {
    description: 'the nodes are not ready; NodePort endpoints lose their address',
    apply: (target, args) => liqoOf(target).nodeNotReady(on(args)),
  },
  'cidr-changed': {
    description: 'the leaf gets another pod CIDR, once (cidr)',
    apply(target, { cidr }) {
      if (cidr === undefined) throw new ConfigError('the fault "cidr-changed" needs a cidr');
      return liqoOf(target).podCIDRChanged(cidr);
    },
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

/** Throws a ConfigError when the fault needs a leaf or an argument that is not given. */
export async function applyFault(
  name: FaultName,
  target: FaultTarget,
  args: FaultArguments,
): Promise<void> {
  const fault: Fault = FAULTS[name];
  await fault.apply(target, args);
}

function liqoOf({ server, liqo }: FaultTarget): LiqoLeafFaults {
  if (liqo === undefined) throw new ConfigError(`"${server.name}" has no gateways`);
  return liqo.faults;
}
