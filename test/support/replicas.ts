import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { LEASE } from '../../src/kube/lease-record.ts';
import { createWatchCache, type WatchCache } from '../../src/kube/watch-cache.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { DEFAULT_NAMESPACE } from '../../src/model/names.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import type { Snapshot } from '../../src/status/snapshot.ts';
import { behindProxy, type FateOf } from './behind-proxy.ts';
import type { ProxiedRequest } from './front-proxy.ts';
import type { HookDelivery } from './hook-deliveries.ts';
import { type ProgramProcess, startProgram } from './scenario-process.ts';
import { shortcutFile } from './scenario-files.ts';
import { findObject } from './scenario-objects.ts';
import { type Scenario, startScenario } from './scenario.ts';
import { eventually, signal } from './scenario-wait.ts';

/** A write as an API server saw it come in; renewals of the Lease are none. */
export interface RecordedWrite {
  readonly cluster: string;
  /** Identity of the process, from its user agent. */
  readonly by: string;
  readonly what: string;
  /** Who held the Lease at that moment, as the API server has it. */
  readonly holder: string;
}

/** One of several service processes of an installation. */
export interface Replica {
  readonly process: ProgramProcess;
  readonly identity: string;
  readonly status: () => Promise<Snapshot>;
  /** The code with which a path answers. */
  readonly answer: (path: string) => Promise<number>;
  /** The code with which a webhook is answered. */
  readonly hook: (delivery: HookDelivery) => Promise<number>;
}

/** An installation with as many service processes as a test starts, and a recording of all that they write. */
export class Replicas {
  readonly writes: RecordedWrite[] = [];
  readonly #started: ProgramProcess[] = [];
  readonly #fateOf: FateOf;
  #scenario: Scenario | undefined;
  #leases: WatchCache | undefined;

  /** `fateOf` decides what becomes of requests on their way; left out: they pass. */
  constructor(fateOf: FateOf = () => ({ kind: 'pass' })) {
    this.#fateOf = fateOf;
  }

  get scenario(): Scenario {
    if (this.#scenario === undefined) throw new Error('not started');
    return this.#scenario;
  }

  async start(): Promise<void> {
    this.#scenario = await startScenario({
      leaves: ['rome', 'milan'],
      service: false,
      createServer: (options) =>
        behindProxy(createApiServer(options), (cluster, request) => {
          this.#record(cluster, request);
          return this.#fateOf(cluster, request);
        }),
    });
    this.#leases = createWatchCache({
      ...{ client: this.scenario.main(), cluster: 'main', kind: LEASE },
      ...{ namespace: DEFAULT_NAMESPACE, clock: systemClock, random: Math.random },
      logger: silentLogger,
    });
    this.#leases.start();
    await this.#leases.synced({ signal });
  }

  #record(cluster: string, { method, path, headers }: ProxiedRequest): void {
    if (method === 'GET' || /\/(leases|selfsubjectaccessreviews)\b/.test(path)) return;
    const by = /\((.*)\)/.exec(String(headers['user-agent']))?.[1] ?? 'nobody';
    const holder = holderOf(this.#leases?.get(DEFAULT_NAMESPACE, 'liqo-shortcuts')) ?? '';
    this.writes.push({ cluster, by, what: `${method} ${path}`, holder });
  }

  async replica(...flags: readonly string[]): Promise<Replica> {
    const { world } = this.scenario;
    const process = startProgram(
      ...['run', '--source', world.repositoryDir, '--poll', '1s', '--http', '127.0.0.1:0'],
      ...['--kubeconfig', join(world.kubeconfigDir, 'service.yaml'), ...flags],
    );
    this.#started.push(process);
    const logged = (pattern: RegExp) =>
      eventually(`the service logs ${String(pattern)}`, () => {
        const found = pattern.exec(process.stderr())?.[1];
        return Promise.resolve(found === undefined ? { seen: process.stderr() } : { done: found });
      });
    const url = await logged(/"url":"([^"]+)","msg":"Listening"/);
    const identity = await logged(/"identity":"([^"]+)"/);
    return {
      process,
      identity,
      status: async () => (await (await fetch(new URL('/api/v1/status', url))).json()) as Snapshot,
      answer: async (path) => (await fetch(new URL(path, url))).status,
      hook: async (delivery) => {
        return (await fetch(new URL('/hooks/git', url), { method: 'POST', ...delivery })).status;
      },
    };
  }

  async holder(): Promise<string | undefined> {
    const lease = await findObject(this.scenario.main(), LEASE, 'liqo-shortcuts/liqo-shortcuts');
    return holderOf(lease);
  }

  /** Waits until a process says that it leads. */
  async leads({ identity, status, process }: Replica): Promise<void> {
    await eventually(`${identity} leads`, async () => {
      const { role, leader } = await status();
      return role === 'leader' ? { done: leader } : { seen: [leader, process.stderr()] };
    });
  }

  async follows({ identity, status }: Replica, leader: string): Promise<void> {
    await eventually(`${identity} follows`, async () => {
      const seen = await status();
      return seen.role === 'follower' && (seen.leader ?? '') === leader ? { done: 0 } : { seen };
    });
  }

  /** Who wrote, in turn, since the last time. Each name twice in a row is once. */
  turns(): readonly string[] {
    const writers = this.writes.splice(0).map(({ by }) => by);
    return writers.filter((by, index) => by !== writers[index - 1]);
  }

  /** Changes a wish again and again, so that there is always something to write. Call the answer to end it. */
  churn(): () => Promise<void> {
    const ending = new AbortController();
    const running = this.#churn(ending.signal);
    return async () => {
      ending.abort();
      await running;
    };
  }

  async #churn(ended: AbortSignal): Promise<void> {
    for (let mtu = 1300; !ended.aborted; mtu += 1) {
      await this.scenario.commit({
        'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', {
          clusters: ['rome', 'milan'],
          gateway: { mtu: 1300 + (mtu % 100) },
        }),
      });
      await sleep(200);
    }
  }

  async stop(): Promise<void> {
    for (const process of this.#started) {
      process.kill('SIGKILL');
      await process.ended;
    }
    await this.#leases?.stop();
    await this.scenario.stop();
  }

  async deleteLease(): Promise<void> {
    const ref = { kind: LEASE, namespace: 'liqo-shortcuts', name: 'liqo-shortcuts' };
    await this.scenario.main().delete(ref, { signal });
  }
}

function holderOf(lease: KubeObject | undefined): string | undefined {
  return (lease?.['spec'] as { holderIdentity?: string } | undefined)?.holderIdentity;
}
