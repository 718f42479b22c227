import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { NotFoundError } from '../../../src/errors/errors.ts';
import { SECRET, SHORTCUT } from '../../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../../src/model/kube-object.ts';
import { DEFAULT_NAMESPACE } from '../../../src/model/names.ts';
import type { ShortcutStatus } from '../../../src/model/shortcut.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { createTunnelNetwork } from '../../../src/sandbox/liqo/tunnel-network.ts';
import { createWorld, type World } from '../../../src/sandbox/world.ts';
import { commitLeaves } from '../bench-world.ts';
import { addCounts, type Counts, type Side } from './channel.ts';
import { leafNames } from './fleet-pairs.ts';
import { type LeafHost, startLeafHost } from './leaf-host.ts';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';

export interface FleetSize {
  readonly leaves: number;
  /** Processes that share the leaves among them. */
  readonly processes: number;
}

/**
 * A main cluster and a repository in this process, leaves in others; the service gets a process of its own each time that
 * it is started.
 */
export interface FleetWorld {
  readonly main: World;
  readonly names: readonly string[];
  startService(profileDir?: string): Promise<ServiceProcess>;
  /** What was asked of the leaves since the last reset. */
  leafCounts(): Promise<Counts>;
  resetCounts(): Promise<void>;
  /** The process that holds a leaf. */
  hostOf(leaf: string): LeafHost;
  hang(leaves: readonly string[], on: boolean): Promise<void>;
  follow(sides: readonly Side[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything but the service. */
export async function startFleetWorld({ leaves, processes }: FleetSize): Promise<FleetWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'shortcuts-fleet-'));
  const webhookSecret = randomBytes(16).toString('hex');
  const secretFile = join(dir, 'webhook-secret');
  await writeFile(secretFile, webhookSecret, { mode: 0o600 });
  const network = createTunnelNetwork();
  const names = leafNames(leaves);
  const main = createWorld({
    dir: join(dir, 'main'),
    pace: 'recorded',
    leaves: [],
    fresh: true,
    keepsState: false,
    logger: silentLogger,
  });
  let starts = 0;
  const hosts = new Map<LeafHost, readonly string[]>();

  async function startHost(index: number): Promise<void> {
    const first = Math.floor((leaves * index) / processes);
    const share = names.slice(first, Math.floor((leaves * (index + 1)) / processes));
    const host = startLeafHost(network);
    hosts.set(host, share);
    const shareDir = join(dir, `leaves-${index}`);
    const kubeconfigs = await host.call('start', { dir: shareDir, names: share, first });
    for (const [name, kubeconfig] of Object.entries(kubeconfigs)) {
      await storeCredential(main, name, kubeconfig);
    }
  }

  async function stop(): Promise<void> {
    await Promise.allSettled([...hosts.keys()].map((host) => host.call('stop')));
    await Promise.all([...hosts.keys()].map((host) => host.end()));
    await main.stop();
    await rm(dir, { recursive: true, force: true });
  }

  function hostOf(leaf: string): LeafHost {
    for (const [host, share] of hosts) if (share.includes(leaf)) return host;
    throw new TypeError(`there is no leaf "${leaf}"`);
  }

  try {
    await main.start();
    await Promise.all(Array.from({ length: processes }, (_, index) => startHost(index)));
    await commitLeaves(main, names);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    main,
    names,
    startService: (profileDir) => {
      starts += 1;
      return startServiceProcess({
        logFile: join(dir, `service-${starts}.log`),
        args: [
          ...['--source', main.repositoryDir],
          ...['--kubeconfig', join(main.kubeconfigDir, 'service.yaml')],
          ...['--http', '127.0.0.1:0'],
          ...['--webhook-secret-file', secretFile],
          ...['--poll', '10m'],
        ],
        webhookSecret,
        ...(profileDir === undefined ? {} : { profileDir }),
      });
    },
    leafCounts: async () =>
      addCounts(await Promise.all([...hosts.keys()].map((host) => host.call('counts')))),
    resetCounts: async () => {
      main.resetRequests();
      await Promise.all([...hosts.keys()].map((host) => host.call('resetCounts')));
    },
    hostOf,
    hang: async (leavesToHang, on) => {
      for (const leaf of leavesToHang) await hostOf(leaf).call('hang', { leaves: [leaf], on });
    },
    follow: async (sides) => {
      await Promise.all(sides.map((side) => hostOf(side.leaf).call('follow', side)));
    },
    stop,
  };
}

async function storeCredential({ main }: World, leaf: string, kubeconfig: string): Promise<void> {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: `${leaf}-kubeconfig`, namespace: DEFAULT_NAMESPACE },
    data: { kubeconfig: Buffer.from(kubeconfig).toString('base64') },
  };
  await main.client().create(SECRET, secret, { signal: AbortSignal.timeout(10_000) });
}

/** How many objects of a kind are Ready, and what the others say. */
export async function readReadiness(
  { main }: FleetWorld,
  kind: ResourceKind,
): Promise<{ readonly ready: number; readonly others: readonly string[] }> {
  const { items } = await main.main.client().list(kind, { signal: AbortSignal.timeout(10_000) });
  const others = items.filter((item) => !saysReady(item));
  return { ready: items.length - others.length, others: others.map(describeReadiness) };
}

/** Whether this Shortcut is there and Ready. */
export async function isReady({ main }: FleetWorld, name: string): Promise<boolean> {
  const ref = { kind: SHORTCUT, namespace: DEFAULT_NAMESPACE, name };
  try {
    return saysReady(await main.main.client().get(ref, { signal: AbortSignal.timeout(10_000) }));
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

function describeReadiness(object: KubeObject): string {
  const { reason = 'no status', message = '' } = conditionsOf(object)[0] ?? {};
  return `${object.metadata.name}: ${reason} ${message}`;
}

function saysReady(object: KubeObject): boolean {
  return conditionsOf(object).some(({ type, status }) => type === 'Ready' && status === 'True');
}

function conditionsOf(object: KubeObject): NonNullable<ShortcutStatus['conditions']> {
  const { conditions = [] } = (object['status'] ?? {}) as Pick<ShortcutStatus, 'conditions'>;
  return conditions;
}
