import { FIELD_MANAGER } from '../../model/names.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import { createCluster } from './cluster.ts';
import { Door } from './door.ts';
import { type Faults, type FaultState, noFaults } from './faults.ts';
import { InProcessClient } from './in-process-client.ts';
import { RequestCounts } from './request-counts.ts';

/** How a server is made. */
export interface ApiServerOptions {
  /** Name of the cluster, as in kubeconfigs and error messages. */
  readonly name: string;
  /** Loopback port; 0, the default, takes a free one. */
  readonly port?: number;
  readonly clock?: Clock;
  /** Keeps objects, certificate and tokens across restarts. */
  readonly stateFile?: string;
  /** Whether dependants of deleted objects are deleted (default true). */
  readonly collectGarbage?: boolean;
}

/** A Kubernetes API server in this process. */
export interface ApiServer {
  readonly name: string;
  client(o?: {
    readonly user?: string;
    readonly fieldManager?: string;
    readonly outside?: boolean;
  }): KubeClient;
  readonly requests: RequestCounts;
  readonly faults: Faults;
}

/** Makes a server. In-process clients work at once; HTTPS needs `start()`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const clock = options.clock ?? systemClock;
  const cluster = createCluster(clock, options.collectGarbage ?? true);
  const requests = new RequestCounts();
  const state = noFaults();
  const door = new Door(requests, state, clock);
  return {
    name: options.name,
    requests,
    faults: faultsOf(state, door, cluster),
    client: ({ user = 'admin', fieldManager = FIELD_MANAGER, outside = false } = {}) =>
      new InProcessClient({
        clusterName: options.name,
        cluster,
        caller: { user, groups: [] },
        fieldManager,
        authorize: () => undefined,
        ...(outside && { door }),
      }),
  };
}

function faultsOf(
  state: FaultState,
  door: Door,
  { reader, collector }: ReturnType<typeof createCluster>,
): Faults {
  return {
    down: (on) => {
      state.isDown = on;
      if (on) door.dropWatches();
    },
    slow: (ms) => {
      state.delayMs = ms;
    },
    hang: (on) => {
      state.isHanging = on;
    },
    forbidden: (on, scope = {}) => {
      if (on) state.forbidden.push(scope);
      else state.forbidden.length = 0;
    },
    silentWatches: (on) => {
      state.isSilent = on;
      if (on) door.silenceWatches();
    },
    expireWatches: () => reader.expireWatches(),
    dropWatches: () => door.dropWatches(),
    garbageCollection: (mode) => collector.setMode(mode),
  };
}
