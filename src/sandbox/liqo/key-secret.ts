import { InvariantError } from '../../errors/errors.ts';
import { SECRET } from '../../model/kinds.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import { hasLabels, labelOf, ownerOfKind, textAt } from './fields.ts';
import type { GatewayRole } from './gateway-role.ts';
import type { LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { generateKeys } from './wireguard-keys.ts';

/**
 * The Secret with a gateway's keys: the one that the spec names, else the one found by label *whoever owns it*, else a new
 * one, owned by the GatewayServer or GatewayClient (NETWORK.md sections 6 and 9.3).
 */
export async function ensureKeySecret(
  leaf: LeafContext,
  role: GatewayRole,
  wgGateway: KubeObject,
): Promise<KubeObject> {
  const { objects } = leaf;
  const { namespace = '', name } = wgGateway.metadata;
  const labels = {
    [names.LABEL_REMOTE_ID]: labelOf(wgGateway, names.LABEL_REMOTE_ID) ?? '',
    [names.LABEL_GATEWAY_RESOURCE]: 'true',
  };
  const given = textAt(wgGateway, 'spec.secretRef.name');
  if (given !== undefined) return givenSecret(leaf, namespace, given, labels);

  const found = objects.list(SECRET, { namespace, labels });
  const [secret] = found;
  if (found.length > 1) throw new InvariantError('multiple secrets for one gateway');
  if (secret !== undefined) return secret;

  const owner = ownerOfKind(wgGateway, role.gateway.kind);
  if (owner === undefined) throw new InvariantError('WgGateway without owner');
  const { apiVersion, kind, uid } = owner;
  await leaf.pause('gateway');
  return objects.ensure(SECRET, {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name: names.gatewayObjectName(name),
      namespace,
      labels: { ...names.MANAGED, ...labels },
      ownerReferences: [{ apiVersion, kind, name: owner.name, uid }],
    },
    data: { ...generateKeys() },
  });
}

async function givenSecret(
  leaf: LeafContext,
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<KubeObject> {
  const secret = leaf.objects.get(SECRET, namespace, name);
  const complete =
    secret !== undefined &&
    ['privateKey', 'publicKey'].every((field) => textAt(secret, `data.${field}`) !== undefined);
  if (!complete) throw new InvariantError('the given secret lacks keys');
  const remoteID = labelOf(secret, names.LABEL_REMOTE_ID);
  if (remoteID !== undefined && remoteID !== labels[names.LABEL_REMOTE_ID]) {
    throw new InvariantError('the given secret belongs to another peer');
  }
  if (hasLabels(secret, labels)) return secret;
  return leaf.objects.patch(SECRET, secret, { metadata: { labels } });
}
