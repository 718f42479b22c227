import {
  CONFIGURATION,
  CONNECTION,
  GATEWAY_CLIENT,
  GATEWAY_SERVER,
  PUBLIC_KEY,
} from '../../src/liqo/kinds.ts';
import { LABEL_REMOTE_CLUSTER_ID } from '../../src/liqo/labels.ts';
import { SECRET } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { HttpCaller } from '../sandbox/kubernetes/http-caller.ts';
import {
  connect,
  type ConnectFlags,
  type LiqoctlSide,
  reset,
} from '../sandbox/liqo/recorded/liqoctl.ts';
import type { Scenario } from './scenario.ts';
import { signal } from './scenario-wait.ts';

/** Which leaf dials, and which one listens. */
export interface Roles {
  readonly client: string;
  readonly server: string;
}

/** Connects two leaves as somebody with liqoctl does, request by request, and waits until they are connected. */
export async function connectByLiqoctl(
  scenario: Scenario,
  roles: Roles,
  flags: ConnectFlags = {},
): Promise<void> {
  await asLiqoctl(scenario, roles, (client, server) => connect(client, server, flags));
}

/** Takes the connection of two leaves away, as somebody with `liqoctl network reset` does. */
export async function resetByLiqoctl(scenario: Scenario, roles: Roles): Promise<void> {
  await asLiqoctl(scenario, roles, reset);
}

async function asLiqoctl(
  scenario: Scenario,
  { client, server }: Roles,
  run: (client: LiqoctlSide, server: LiqoctlSide) => Promise<void>,
): Promise<void> {
  const sides = [client, server].map((name): LiqoctlSide => {
    const leaf = scenario.world.leaves.get(name);
    if (leaf === undefined) throw new Error(`there is no leaf "${name}"`);
    return { id: name, caller: new HttpCaller(leaf.server), requests: [] };
  });
  try {
    await run(sides[0]!, sides[1]!);
  } finally {
    await Promise.all(sides.map(({ caller }) => caller.close()));
  }
}

/** What would be another one if a tunnel was made again: UIDs and specs of a leaf's objects for a peer, and its public key. */
export async function tunnelOf(
  scenario: Scenario,
  leaf: string,
  peer: string,
): Promise<readonly string[]> {
  const labelSelector = `${LABEL_REMOTE_CLUSTER_ID}=${peer}`;
  const kinds = [CONFIGURATION, GATEWAY_SERVER, GATEWAY_CLIENT, PUBLIC_KEY, CONNECTION, SECRET];
  const lists = await Promise.all(
    kinds.map((kind) => scenario.leaf(leaf).list(kind, { labelSelector, signal })),
  );
  return lists.flatMap(({ items }) => items.map(describe)).sort();
}

function describe(object: KubeObject): string {
  const { kind, metadata } = object;
  const data = object['data'] as { readonly publicKey?: string } | undefined;
  return JSON.stringify([kind, metadata.uid, metadata.generation, object['spec'], data?.publicKey]);
}
