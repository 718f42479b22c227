import type { ResourceKind } from '../../model/kube-object.ts';
import * as kinds from './kinds.ts';

/** What differs between the two sides of a tunnel. */
export interface GatewayRole {
  readonly mode: 'server' | 'client';
  /** `Connection.spec.type`. */
  readonly connectionType: 'Server' | 'Client';
  readonly gateway: ResourceKind;
  readonly wgGateway: ResourceKind;
  readonly template: ResourceKind;
  readonly templateName: string;
  /** Field of the gateway's spec that names the template, and of its status that names the WgGateway. */
  readonly templateRef: string;
  readonly statusRef: string;
  /** Tunnel address of the opposite (NETWORK.md section 7.4). */
  readonly peerTunnelIP: string;
}

export const SERVER_ROLE: GatewayRole = {
  mode: 'server',
  connectionType: 'Server',
  gateway: kinds.GATEWAY_SERVER,
  wgGateway: kinds.WG_GATEWAY_SERVER,
  template: kinds.WG_SERVER_TEMPLATE,
  templateName: 'wireguard-server',
  templateRef: 'serverTemplateRef',
  statusRef: 'serverRef',
  peerTunnelIP: '169.254.18.2',
};

export const CLIENT_ROLE: GatewayRole = {
  mode: 'client',
  connectionType: 'Client',
  gateway: kinds.GATEWAY_CLIENT,
  wgGateway: kinds.WG_GATEWAY_CLIENT,
  template: kinds.WG_CLIENT_TEMPLATE,
  templateName: 'wireguard-client',
  templateRef: 'clientTemplateRef',
  statusRef: 'clientRef',
  peerTunnelIP: '169.254.18.1',
};

export const ROLES = [SERVER_ROLE, CLIENT_ROLE] as const;
