import { isIPv4 } from '../liqo/cidr.ts';
import { supports } from '../liqo/version.ts';
import type { ShortcutSpec } from '../model/shortcut.ts';
import type { KnownSide } from './observation.ts';

/** What liqoctl takes when nothing is said (NETWORK.md 4.1). */
export const DEFAULT_MTU = 1340;
export const DEFAULT_PORT = 51_840;
export const DEFAULT_SERVICE_TYPE = 'LoadBalancer';

/** Type of the Service of a server on this side: the Shortcut's, else the leaf's, else liqoctl's default. */
export function serviceTypeOf(spec: ShortcutSpec, side: KnownSide): string {
  return spec.gateway?.serviceType ?? side.gateway?.serviceType ?? DEFAULT_SERVICE_TYPE;
}

function isBetween(value: number | undefined, min: number, max: number): boolean {
  return value === undefined || (Number.isInteger(value) && value >= min && value <= max);
}

const HOST_NAME = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)*[a-z]([-a-z0-9]*[a-z0-9])?$/;

/**
 * What Liqo would accept and fail on without a word (observed/probes/k-invalid.txt); undefined when nothing. The CRD
 * says the same, but a main cluster may carry an older one.
 */
export function findSpecProblem({
  clusters,
  server,
  gateway = {},
}: ShortcutSpec): string | undefined {
  const { mtu, port, nodePort, loadBalancerIP, clientEndpoint } = gateway;
  const checks: readonly (readonly [isRight: boolean, problem: string])[] = [
    [clusters[0] !== clusters[1], 'spec.clusters must name two different leaves'],
    [
      server === undefined || ['auto', ...clusters].includes(server),
      'spec.server must be auto or one of spec.clusters',
    ],
    [isBetween(mtu, 576, 9000), 'spec.gateway.mtu must be from 576 to 9000'],
    [isBetween(port, 1, 65_535), 'spec.gateway.port must be from 1 to 65535'],
    [isBetween(nodePort, 30_000, 32_767), 'spec.gateway.nodePort must be from 30000 to 32767'],
    [
      loadBalancerIP === undefined || isIPv4(loadBalancerIP),
      'spec.gateway.loadBalancerIP must be an IPv4 address',
    ],
    [
      isBetween(clientEndpoint?.port, 1, 65_535),
      'spec.gateway.clientEndpoint.port must be from 1 to 65535',
    ],
    [
      clientEndpoint === undefined ||
        isIPv4(clientEndpoint.address) ||
        HOST_NAME.test(clientEndpoint.address),
      'spec.gateway.clientEndpoint.address must be an IPv4 address or a DNS name',
    ],
  ];
  return checks.find(([isRight]) => !isRight)?.[1];
}

/** What the side that was chosen to listen cannot do of what is asked; undefined when it can do all. */
export function findServerProblem(spec: ShortcutSpec, side: KnownSide): string | undefined {
  const { nodePort, loadBalancerIP, serviceAnnotations } = spec.gateway ?? {};
  const serviceType = serviceTypeOf(spec, side);
  if (serviceAnnotations !== undefined && !supports(side.liqoVersion, 'serviceAnnotations')) {
    return `spec.gateway.serviceAnnotations needs Liqo 1.2 or later on "${side.cluster}"`;
  }
  if (nodePort !== undefined && serviceType === 'ClusterIP') {
    return `spec.gateway.nodePort does not go with service type ClusterIP of "${side.cluster}"`;
  }
  if (loadBalancerIP !== undefined && serviceType !== 'LoadBalancer') {
    return `spec.gateway.loadBalancerIP does not go with service type ${serviceType} of "${side.cluster}"`;
  }
  return undefined;
}
