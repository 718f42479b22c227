import { numberAt, textAt } from '../liqo/read-field.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import type { GatewaySettings } from './gateway-settings.ts';

/**
 * The CR of the proof of concept that came before (NETWORK.md section 16): a connection between two leaves, wished for in
 * the main cluster. Read only for us.
 */
export const FOREIGN_CLUSTER_CONNECTION: ResourceKind = {
  apiVersion: 'networking.liqo.io/v1beta1',
  kind: 'ForeignClusterConnection',
  plural: 'foreignclusterconnections',
  namespaced: true,
};

/** What a ForeignClusterConnection asks for. */
export interface ForeignWish {
  /** `namespace/name`. */
  readonly name: string;
  /** Cluster IDs, as its controller takes them: the first one dials, the second one listens. */
  readonly client: string;
  readonly server: string;
  readonly settings: GatewaySettings;
  /** What it says of itself; undefined before its controller has looked at it. */
  readonly isConnected?: boolean;
}

export type ForeignWishReading =
  | { readonly kind: 'wish'; readonly wish: ForeignWish }
  /** Half a sentence. */
  | { readonly kind: 'problem'; readonly name: string; readonly problem: string };

/** Liqo's cluster IDs are DNS labels (NETWORK.md section 2.2). */
const CLUSTER_ID = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Reads a ForeignClusterConnection. Its schema demands every field, so that nothing asked for is written as an empty text
 * or as 0; both count as left out. `timeoutSeconds` and `wait` say how its controller goes about it, and mean nothing here.
 */
export function readForeignClusterConnection(object: KubeObject): ForeignWishReading {
  const { namespace, name } = object.metadata;
  const fullName = namespace === undefined ? name : `${namespace}/${name}`;
  const client = textAt(object, 'spec', 'foreignClusterA') ?? '';
  const server = textAt(object, 'spec', 'foreignClusterB') ?? '';
  const problem = findProblem(client, server);
  if (problem !== undefined) return { kind: 'problem', name: fullName, problem };
  const isConnected = (object['status'] as { readonly isConnected?: unknown } | undefined)
    ?.isConnected;
  return {
    kind: 'wish',
    wish: {
      name: fullName,
      client,
      server,
      settings: readSettings(object),
      ...(typeof isConnected === 'boolean' && { isConnected }),
    },
  };
}

function findProblem(client: string, server: string): string | undefined {
  if (!CLUSTER_ID.test(client)) return 'spec.foreignClusterA is not a cluster ID';
  if (!CLUSTER_ID.test(server)) return 'spec.foreignClusterB is not a cluster ID';
  return client === server
    ? 'spec.foreignClusterA and spec.foreignClusterB are the same'
    : undefined;
}

function readSettings(object: KubeObject): GatewaySettings {
  const text = (field: string): string | undefined => textAt(object, 'spec', 'networking', field);
  const number = (field: string): number | undefined => {
    const found = numberAt(object, 'spec', 'networking', field);
    return found === 0 ? undefined : found;
  };
  return {
    mtu: number('mtu'),
    serviceType: text('serverServiceType'),
    port: number('serverServicePort'),
    serverTemplate: {
      name: text('serverTemplateName'),
      namespace: text('serverTemplateNamespace'),
    },
    clientTemplate: {
      name: text('clientTemplateName'),
      namespace: text('clientTemplateNamespace'),
    },
  };
}
