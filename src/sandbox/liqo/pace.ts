/** How fast the simulated Liqo works: as recorded, or without any pause. */
export type Pace = 'recorded' | 'instant';

/**
 * Pauses in milliseconds before the steps that the recordings in liqo/observed show apart from each other, and the
 * periods of the gateway's ping (NETWORK.md section 7.4).
 */
export interface PaceTable {
  /** Before each write of the Configuration and Network controllers. */
  readonly cidr: number;
  /** Before each object that a gateway's controllers make. */
  readonly gateway: number;
  /** From a Deployment to its Pod, and from the Pod to its running containers. */
  readonly pod: number;
  /** Before a gateway's status is written. */
  readonly status: number;
  /** Before a finalizer is taken off. */
  readonly finalizer: number;
  /** From the key's arrival to the first answered ping. */
  readonly handshake: number;
  /** Between two pings; five lost ones make the connection an `Error`. */
  readonly pingInterval: number;
  /** Between two refreshes of a working Connection's status. */
  readonly refreshInterval: number;
}

export const PACES: Readonly<Record<Pace, PaceTable>> = {
  recorded: {
    cidr: 25,
    gateway: 50,
    pod: 80,
    status: 120,
    finalizer: 35,
    handshake: 100,
    pingInterval: 2_000,
    refreshInterval: 10_000,
  },
  instant: {
    cidr: 0,
    gateway: 0,
    pod: 0,
    status: 0,
    finalizer: 0,
    handshake: 0,
    pingInterval: 2_000,
    refreshInterval: 10_000,
  },
};

/** Lost pings in a row after which a gateway reports `Error`. */
export const LOSS_THRESHOLD = 5;
