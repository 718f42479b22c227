import type { KubeClient } from '../../src/kube/kube-client.ts';
import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../../src/liqo/kinds.ts';
import { SECRET } from '../../src/model/kinds.ts';
import { findObject } from './scenario-objects.ts';

/** The Configuration and the gateway of a leaf for a peer, with their UIDs: who made them anew shows. */
export async function gatewaysAndConfigurationsOf(
  client: KubeClient,
  peer: string,
): Promise<readonly string[]> {
  const found = await Promise.all(
    [CONFIGURATION, GATEWAY_SERVER, GATEWAY_CLIENT].map((kind) =>
      findObject(client, kind, `liqo-tenant-${peer}/${peer}`),
    ),
  );
  return found.flatMap((object) =>
    object === undefined ? [] : [`${object.kind}/${peer} ${object.metadata.uid}`],
  );
}

type Side = readonly [client: KubeClient, name: string];

/** On which of two leaves the PublicKey is not the key in the other's Secret. */
export async function keysDiffer(a: Side, b: Side): Promise<readonly string[]> {
  const differs = await Promise.all([differsOn(a, b), differsOn(b, a)]);
  return differs.flat();
}

async function differsOn([here, name]: Side, [there, peer]: Side): Promise<readonly string[]> {
  const key = await findObject(here, PUBLIC_KEY, `liqo-tenant-${peer}/${peer}`);
  const secret = await findObject(there, SECRET, `liqo-tenant-${name}/gw-${name}`);
  const announced = (key?.['spec'] as { publicKey?: string } | undefined)?.publicKey;
  const real = (secret?.['data'] as { publicKey?: string } | undefined)?.publicKey;
  return announced !== undefined && announced === real ? [] : [name];
}
