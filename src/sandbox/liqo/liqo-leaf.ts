import { InvariantError } from '../../errors/errors.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import type { ResourceKind } from '../../model/kube-object.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { appliedRulesController, FIREWALLS, ROUTES } from './applied-rules-controller.ts';
import { configurationController } from './configuration-controller.ts';
import { runControllers } from './controller-runner.ts';
import { fabricController } from './fabric-controller.ts';
import { textAt } from './fields.ts';
import { foreignClusterController } from './foreign-cluster-controller.ts';
import { gatewayController } from './gateway-controller.ts';
import { ROLES } from './gateway-role.ts';
import { createServiceAllocator } from './gateway-service.ts';
import { installLiqo, type LeafNode } from './installation.ts';
import { addressIn, createIpam } from './ipam.ts';
import { NETWORK, NODE, POD, SERVICE } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import { leafFaults, type LiqoLeafFaults } from './leaf-faults.ts';
import { watchLeafObjects } from './leaf-objects.ts';
import { noTroubles, passesWebhook } from './leaf-troubles.ts';
import { FEATURES, type LiqoVersion } from './liqo-version.ts';
import { createPrefixLoadBalancer } from './load-balancer.ts';
import { LIQO_NAMESPACE } from './names.ts';
import { networkController } from './network-controller.ts';
import { nodeController } from './node-controller.ts';
import { nodeRoutingController } from './node-routing-controller.ts';
import { type Pace, PACES, type PaceTable } from './pace.ts';
import { createGatewayPrograms, type GatewayPrograms } from './program-controllers.ts';
import { routingController } from './routing-controller.ts';
import { serviceController } from './service-controller.ts';
import type { TunnelNetwork } from './tunnel-network.ts';
import type { ObjectChange } from './watched-kind.ts';
import { wgGatewayController } from './wg-gateway-controller.ts';
import { deploymentController, podController } from './workload-controller.ts';

export interface LiqoLeafOptions {
  /** An administrator of the leaf's API server, with a field manager of Liqo's. Stays the caller's to close. */
  readonly client: KubeClient;
  readonly clusterID: string;
  readonly version: LiqoVersion;
  readonly podCIDRs: readonly string[];
  readonly externalCIDR: string;
  readonly serviceCIDR?: string;
  readonly internalCIDR?: string;
  readonly nodes?: readonly LeafNode[];
  /** Where Liqo itself lives; `liqo` unless said. */
  readonly liqoNamespace?: string;
  readonly pace: Pace;
  /** Single steps at another speed than the pace says, e.g. a shorter ping in tests. */
  readonly steps?: Partial<PaceTable>;
  /** The wire that this leaf shares with the others. */
  readonly network: TunnelNetwork;
  /** The prefix from which Services of type LoadBalancer get addresses. */
  readonly loadBalancerPrefix?: string;
  readonly clock?: Clock;
  readonly logger: Logger;
}

/** Liqo's controllers of one leaf, and the little of Kubernetes that runs gateway Pods. */
export interface LiqoLeaf {
  readonly clusterID: string;
  /** Puts Liqo's CRDs and base objects on the cluster; what is there stays. */
  install(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Starts the controllers; throws when they run already. */
  start(): Promise<void>;
  /** Ends everything that `start()` began; the objects stay. */
  stop(): Promise<void>;
  /** Throws unless started. */
  readonly faults: LiqoLeafFaults;
}

interface RunningLeaf {
  readonly faults: LiqoLeafFaults;
  stop(): Promise<void>;
}

export function createLiqoLeaf(options: LiqoLeafOptions): LiqoLeaf {
  const { client, clusterID, version, clock = systemClock } = options;
  const values = {
    serviceCIDR: '10.112.0.0/16',
    internalCIDR: '10.80.0.0/16',
    liqoNamespace: LIQO_NAMESPACE,
    nodes: [{ name: `${clusterID}-node`, address: '172.30.0.10' }],
    loadBalancerPrefix: '203.0.113.0/24',
    ...options,
  };
  let running: RunningLeaf | undefined;

  return {
    clusterID,
    install: ({ signal }) => installLiqo(values, { client, clock, signal }),
    async start() {
      if (running !== undefined) throw new InvariantError(`leaf "${clusterID}" runs already`);
      running = await startLeaf(values, clock);
    },
    async stop() {
      const leaf = running;
      running = undefined;
      await leaf?.stop();
    },
    get faults() {
      if (running === undefined) throw new InvariantError(`leaf "${clusterID}" does not run`);
      return running.faults;
    },
  };

  async function startLeaf(leafValues: LeafValues, leafClock: Clock): Promise<RunningLeaf> {
    const stopping = new AbortController();
    const { signal } = stopping;
    const early: (readonly [ResourceKind, ObjectChange])[] = [];
    // Controllers start when every kind has been listed, as with a real manager's caches.
    let deliver = (kind: ResourceKind, change: ObjectChange): void => {
      early.push([kind, change]);
    };
    const troubles = noTroubles();
    const { objects, following } = await watchLeafObjects({
      client,
      clock: leafClock,
      signal,
      isRefused: (kind) => troubles.isWebhookDown && passesWebhook(kind),
      onChange: (kind, change) => deliver(kind, change),
    });
    const pace = { ...PACES[leafValues.pace], ...leafValues.steps };
    const leaf: LeafContext = {
      clusterID,
      liqoNamespace: leafValues.liqoNamespace,
      features: FEATURES[version],
      objects,
      ipam: createIpam(),
      network: leafValues.network,
      troubles,
      pace,
      clock: leafClock,
      logger: leafValues.logger,
      signal,
      pause: async (step) => {
        if (pace[step] > 0) await leafClock.sleep(pace[step], { signal });
      },
    };
    reserveKnown(leaf);
    const loadBalancer = createPrefixLoadBalancer(leafValues.loadBalancerPrefix);
    const programs = createGatewayPrograms(leaf);
    const runner = runControllers(leaf, [
      ...controllersOf(leaf, leafValues, programs),
      serviceController(leaf, loadBalancer),
    ]);
    deliver = (kind, change) => runner.dispatch(kind, change);
    for (const [kind, change] of early) deliver(kind, change);
    return {
      faults: leafFaults({ leaf, version, programs, loadBalancer, runner }),
      async stop() {
        stopping.abort();
        await programs.stop();
        await runner.idle();
        await following;
      },
    };
  }
}

type LeafValues = LiqoLeafOptions &
  Required<
    Pick<
      LiqoLeafOptions,
      'serviceCIDR' | 'internalCIDR' | 'nodes' | 'loadBalancerPrefix' | 'liqoNamespace'
    >
  >;

function controllersOf(
  leaf: LeafContext,
  { serviceCIDR, internalCIDR, podCIDRs }: LeafValues,
  programs: GatewayPrograms,
): readonly Controller[] {
  const services = createServiceAllocator(serviceCIDR, () => leaf.objects.list(SERVICE));
  const nodeChoice = { node: () => leaf.objects.list(NODE)[0]?.metadata.name ?? '' };
  return [
    configurationController(leaf),
    networkController(leaf),
    routingController(leaf),
    ...ROLES.flatMap((role) => [
      gatewayController(leaf, role),
      wgGatewayController(leaf, role, services),
    ]),
    deploymentController(leaf, nodeChoice),
    podController(leaf, podAddresses(leaf, podCIDRs[0] ?? '')),
    nodeController(leaf, internalCIDR),
    nodeRoutingController(leaf),
    fabricController(leaf),
    foreignClusterController(leaf),
    appliedRulesController(leaf, ROUTES),
    appliedRulesController(leaf, FIREWALLS),
    ...programs.controllers,
  ];
}

/** The address space as an earlier run left it: the cluster's own prefixes, and those granted to peers. */
function reserveKnown(leaf: LeafContext): void {
  for (const network of leaf.objects.list(NETWORK)) {
    const cidr = textAt(network, 'status.cidr');
    if (cidr !== undefined) leaf.ipam.reserve(cidr);
  }
}

/** Pod addresses in order, from the twelfth on, skipping those in use. */
function podAddresses(leaf: LeafContext, podCIDR: string): () => string {
  let index = 11;
  return () => {
    const taken = new Set(leaf.objects.list(POD).map((pod) => textAt(pod, 'status.podIP')));
    do index += 1;
    while (taken.has(addressIn(podCIDR, index)));
    return addressIn(podCIDR, index);
  };
}
