/** A process that holds some of the leaves: API servers and simulated Liqos. Forked by `fleet-world.ts`. */
import { SERVICE_USER, createWorld, type World } from '../../../src/sandbox/world.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import type { RequestSnapshot } from '../../../src/sandbox/kubernetes/access/request-counts.ts';
import {
  addCounts,
  type Counts,
  type FromLeaves,
  type LeafCalls,
  type LeafShare,
  type Side,
  type ToLeaves,
} from './channel.ts';
import { followPair } from './follow-pair.ts';
import { remoteNetwork } from './wire.ts';

const wire = remoteNetwork((call) => send({ kind: 'wire', call }));
const followed = new Map<string, Awaited<ReturnType<typeof followPair>>>();
let world: World | undefined;

const calls: LeafCalls = {
  start: async ({ dir, names, first }: LeafShare) => {
    world = createWorld({
      dir,
      pace: 'recorded',
      leaves: names,
      firstLeaf: first,
      network: wire.network,
      fresh: true,
      keepsState: false,
      logger: silentLogger,
    });
    await world.start();
    return Object.fromEntries(
      [...world.leaves].map(([name, { server }]) => [name, server.kubeconfig(SERVICE_USER)]),
    );
  },
  counts: () => {
    const leaves = Object.entries(running().requests()).filter(([name]) => name !== 'main');
    return Promise.resolve(addCounts(leaves.map(([, snapshot]) => toCounts(snapshot))));
  },
  resetCounts: () => {
    running().resetRequests();
    return Promise.resolve();
  },
  hang: async ({ leaves, on }) => {
    for (const leaf of leaves) await running().fault(leaf, 'hang', { on });
  },
  follow: async (side: Side) => {
    const client = running().leaves.get(side.leaf)?.client;
    if (client === undefined) throw new TypeError(`there is no leaf "${side.leaf}" here`);
    followed.set(keyOf(side), await followPair(side, client));
  },
  milestones: async (side: Side) => (await followed.get(keyOf(side))?.end()) ?? [],
  stop: async () => {
    await world?.stop();
  },
};

function running(): World {
  if (world === undefined) throw new TypeError('the leaves have not been started');
  return world;
}

function keyOf({ leaf, peer }: Side): string {
  return `${leaf} ${peer}`;
}

function toCounts(snapshot: RequestSnapshot): Counts {
  const { writes, total, watchesOpenNow, tlsHandshakes, bytes, byRequest } = snapshot;
  return {
    writes,
    requests: total,
    watchesOpen: watchesOpenNow,
    handshakes: tlsHandshakes,
    mostWatchesOfALeaf: watchesOpenNow,
    mostHandshakesOfALeaf: tlsHandshakes,
    bytes,
    byRequest,
  };
}

function send(message: FromLeaves): void {
  if (process.connected) process.send?.(message);
}

async function answer(message: Extract<ToLeaves, { kind: 'call' }>): Promise<void> {
  const { id, name, argument } = message;
  try {
    const value = await (calls[name] as (argument: unknown) => Promise<unknown>)(argument);
    send({ kind: 'answer', id, value });
  } catch (error) {
    send({ kind: 'failed', id, message: String(error) });
  }
}

process.on('message', (message: ToLeaves) => {
  if (message.kind === 'link') wire.tell(message.news);
  else void answer(message);
});
// Whoever started us is gone: so is the reason to be here.
process.on('disconnect', () => process.exit(0));
