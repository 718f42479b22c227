import type { KubeObject } from '../../model/kube-object.ts';
import { textAt, valueAt } from './fields.ts';

/** What one condition of a ForeignCluster says. */
export interface Judgement {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * The networking module of a ForeignCluster while Liqo works on it. It edits the list of conditions in place, which is
 * why their order changes: what is missing leaves the list and comes back at its end, with a new time at each look.
 */
export interface NetworkingModule {
  /** Something for the peer exists: the module is enabled, and the condition takes its place. */
  found(judgement: Judgement): void;
  /** Takes the condition out; it comes back at the end if the module turns out to be enabled. */
  missing(judgement: Judgement): void;
  /** A condition that is set at the end, where it stands, if the module turns out to be enabled. */
  afterwards(judgement: Judgement): void;
  remove(type: string): void;
  enable(): void;
  close(): void;
  enabled(): boolean;
  conditions(): readonly unknown[];
}

export function openNetworkingModule(
  former: readonly unknown[],
  now: () => string,
): NetworkingModule {
  const late: Judgement[] = [];
  let conditions = [...former];
  let isEnabled = false;

  function set(judgement: Judgement): void {
    const index = conditions.findIndex((entry) => textAt(entry, 'type') === judgement.type);
    const known = conditions[index];
    const same = textAt(known, 'status') === judgement.status;
    const lastTransitionTime = same ? textAt(known, 'lastTransitionTime') : now();
    if (index < 0) conditions.push({ ...judgement, lastTransitionTime });
    else conditions[index] = { ...judgement, lastTransitionTime };
  }

  function remove(type: string): void {
    conditions = conditions.filter((entry) => textAt(entry, 'type') !== type);
  }

  return {
    found(judgement) {
      isEnabled = true;
      set(judgement);
    },
    missing(judgement) {
      remove(judgement.type);
      late.push(judgement);
    },
    afterwards: (judgement) => late.unshift(judgement),
    remove,
    enable() {
      isEnabled = true;
    },
    close() {
      if (isEnabled) late.forEach(set);
    },
    enabled: () => isEnabled,
    conditions: () => conditions,
  };
}

export const SERVER_STATUS = 'NetworkGatewayServerStatus';
export const CLIENT_STATUS = 'NetworkGatewayClientStatus';

export const CONFIGURATION_READY: Judgement = {
  type: 'NetworkConfigurationStatus',
  status: 'Ready',
  reason: 'NetworkConfigurationPresence',
  message: 'The network configuration of the peer cluster is present',
};
export const CONFIGURATION_MISSING: Judgement = {
  type: 'NetworkConfigurationStatus',
  status: 'NotReady',
  reason: 'NetworkConfigurationMissing',
  message: 'The network configuration of the peer cluster is missing',
};
export const GATEWAY_PRESENT: Judgement = {
  type: 'NetworkGatewayPresence',
  status: 'Ready',
  reason: 'GatewayPresence',
  message: 'There is a gateway connecting to the foreign cluster',
};
export const GATEWAY_MISSING: Judgement = {
  type: 'NetworkGatewayPresence',
  status: 'NotReady',
  reason: 'GatewayMissing',
  message: 'The gateway resource connecting to the foreign cluster is missing',
};
export const GATEWAY_READY = {
  status: 'Ready',
  reason: 'GatewaysReady',
  message: 'All gateway replicas are ready',
} as const;
export const GATEWAY_NOT_READY = {
  status: 'NotReady',
  reason: 'GatewaysNotReady',
  message: 'All gateway replicas are not ready',
} as const;
export const CONNECTION_MISSING: Judgement = {
  type: 'NetworkConnectionStatus',
  status: 'NotReady',
  reason: 'ConnectionMissing',
  message: 'There is no network connection with the foreign cluster',
};

/** A Connection without a value yet counts as an error: it shows for a moment on every new one (as recorded). */
export function judgeConnection(connection: KubeObject): Judgement {
  const type = 'NetworkConnectionStatus';
  const about = 'The network connection with the foreign cluster is';
  switch (valueAt(connection, 'status.value')) {
    case 'Connected':
      return {
        type,
        status: 'Established',
        reason: 'ConnectionEstablished',
        message: `${about} established`,
      };
    case 'Connecting':
      return {
        type,
        status: 'Pending',
        reason: 'ConnectionPending',
        message: `${about} connecting`,
      };
    default:
      return { type, status: 'Error', reason: 'ConnectionError', message: `${about} in error` };
  }
}
