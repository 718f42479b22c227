import type { KubeObject } from '../../src/model/kube-object.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { SideConnection } from '../../src/status/side-connection.ts';

/** A plan with nothing left to do: everything is in place. */
export function aPlan(overrides: Partial<Plan> = {}): Plan {
  return {
    key: 'milan--rome',
    server: 'rome',
    serverReason: 'rome can be reached',
    actions: [],
    waits: [],
    blocked: [],
    finished: false,
    applied: true,
    ...overrides,
  };
}

/** What rome says of a tunnel that is up. */
export function aSideConnection(overrides: Partial<SideConnection> = {}): SideConnection {
  return {
    cluster: 'rome',
    status: 'Connected',
    reason: 'Connected',
    message: 'Connection/x is Connected',
    ...overrides,
  };
}

/** A GatewayServer as it stands on rome towards milan. */
export function aGatewayServer(overrides: Partial<KubeObject> = {}): KubeObject {
  return {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind: 'GatewayServer',
    metadata: { name: 'milan', namespace: 'liqo-tenant-milan', uid: 'gateway-1' },
    spec: { endpoint: { serviceType: 'NodePort' } },
    ...overrides,
  };
}

/** The Connection of that gateway. */
export function aConnection(
  status: unknown = {
    value: 'Connected',
    latency: { value: '12ms', timestamp: '2026-01-01T00:00:00Z' },
  },
  { gatewayUID = 'gateway-1', uid = 'connection-1' } = {},
): KubeObject {
  return {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind: 'Connection',
    metadata: {
      name: 'gw-milan',
      namespace: 'liqo-tenant-milan',
      uid,
      resourceVersion: '1',
      labels: { 'liqo.io/remote-cluster-id': 'milan' },
    },
    spec: { gatewayRef: { uid: gatewayUID } },
    ...(status === undefined ? {} : { status }),
  };
}
