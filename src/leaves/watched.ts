import {
  CONFIGURATION,
  CONNECTION,
  GATEWAY_CLIENT,
  GATEWAY_SERVER,
  NETWORK,
  PUBLIC_KEY,
  WG_GATEWAY_CLIENT,
  WG_GATEWAY_SERVER,
} from '../liqo/kinds.ts';
import { NAMESPACE } from '../model/kinds.ts';
import type { ResourceKind } from '../model/kube-object.ts';

/** What is watched on a leaf: nine watches, however many shortcuts it takes part in, where the rights reach everywhere. */
export const WATCHED = {
  namespaces: NAMESPACE,
  configurations: CONFIGURATION,
  gatewayServers: GATEWAY_SERVER,
  gatewayClients: GATEWAY_CLIENT,
  publicKeys: PUBLIC_KEY,
  connections: CONNECTION,
  wgGatewayServers: WG_GATEWAY_SERVER,
  wgGatewayClients: WG_GATEWAY_CLIENT,
  networks: NETWORK,
} as const satisfies Record<string, ResourceKind>;

export type Watched = keyof typeof WATCHED;

export const WATCHED_NAMES = Object.keys(WATCHED) as readonly Watched[];

/** One watch: of a kind in one namespace, or, without one, in all of them. */
export interface WatchScope {
  readonly watched: Watched;
  readonly namespace?: string;
}
