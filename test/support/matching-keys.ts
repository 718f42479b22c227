import { CONNECTION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../../src/liqo/kinds.ts';
import { LABEL_REMOTE_CLUSTER_ID } from '../../src/liqo/labels.ts';
import { textAt } from '../../src/liqo/read-field.ts';
import { SECRET } from '../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import type { Scenario } from './scenario.ts';
import { eventually, signal } from './scenario-wait.ts';

type Fields = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/**
 * Waits until two leaves are connected in truth, whatever any status says: each holds one gateway, a key Secret of
 * that very gateway, the other's key, and a Connection of that very gateway, which is Connected.
 */
export async function untilTrulyConnected(scenario: Scenario, a: string, b: string): Promise<void> {
  await eventually(`${a} and ${b} are truly connected`, async () => {
    const [ofA, ofB] = await Promise.all([holdingsOf(scenario, a, b), holdingsOf(scenario, b, a)]);
    const problems = [
      ...[ofA, ofB].flatMap(({ problems: found }) => found),
      ...(ofA.knows === ofB.own ? [] : [`${a} does not know the key of ${b}`]),
      ...(ofB.knows === ofA.own ? [] : [`${b} does not know the key of ${a}`]),
    ];
    return problems.length === 0 ? { done: true } : { seen: problems };
  });
}

interface Holdings {
  readonly own: unknown;
  readonly knows: unknown;
  readonly problems: readonly string[];
}

async function holdingsOf(scenario: Scenario, leaf: string, peer: string): Promise<Holdings> {
  const admin = scenario.leaf(leaf);
  const labelSelector = `${LABEL_REMOTE_CLUSTER_ID}=${peer}`;
  const list = async (kind: ResourceKind): Promise<readonly KubeObject[]> =>
    (await admin.list(kind, { labelSelector, signal })).items;
  const [servers, clients, secrets, keys, connections] = await Promise.all(
    [GATEWAY_SERVER, GATEWAY_CLIENT, SECRET, PUBLIC_KEY, CONNECTION].map(list),
  );
  const gateways = [...(servers ?? []), ...(clients ?? [])];
  const uid = gateways[0]?.metadata.uid;
  const secret = secrets?.[0];
  const connection = connections?.[0] as Fields | undefined;
  const checks: readonly (readonly [what: string, isRight: boolean])[] = [
    ['one gateway', gateways.length === 1],
    ['one Secret', secrets?.length === 1],
    ['one PublicKey', keys?.length === 1],
    ['one Connection', connections?.length === 1],
    ["the gateway's own Secret", isOwnedBy(secret, uid)],
    ["the gateway's own PublicKey", isOwnedBy(keys?.[0], uid)],
    ['a Connection of the gateway', textAt(connection, 'spec', 'gatewayRef', 'uid') === uid],
    ['Connected', connection?.['status']?.['value'] === 'Connected'],
  ];
  return {
    own: (secret as Fields | undefined)?.['data']?.['publicKey'],
    knows: (keys?.[0] as Fields | undefined)?.['spec']?.['publicKey'],
    problems: checks.flatMap(([what, isRight]) => (isRight ? [] : [`${leaf} lacks ${what}`])),
  };
}

function isOwnedBy(object: KubeObject | undefined, uid: string | undefined): boolean {
  return object?.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
}
