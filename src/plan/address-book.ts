import { LABEL_NETWORK_TYPE, LABEL_REMOTE_CLUSTER_ID } from '../liqo/labels.ts';
import type { ClusterCIDRs } from '../liqo/own-cidrs.ts';
import { predictRemap, type PredictedPrefix, type TakenPrefix } from '../liqo/predict-remap.ts';
import { textAt } from '../liqo/read-field.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { KnownSide } from './observation.ts';

/** What each leaf has given away, so that the predictions for several new connections of a leaf fit together. */
export interface AddressBook {
  /** What `viewer` will most likely make of the prefixes of a peer, asked once its own turn has come. */
  predict(
    viewer: Pick<KnownSide, 'cluster' | 'liqoVersion'>,
    peer: ClusterName,
    wanted: ClusterCIDRs,
  ): readonly PredictedPrefix[];
}

/** `taken`: what a leaf uses or has given already; asked once for each leaf. */
export function createAddressBook(
  taken: (cluster: ClusterName) => readonly TakenPrefix[],
): AddressBook {
  const given = new Map<ClusterName, readonly TakenPrefix[]>();
  return {
    predict: ({ cluster, liqoVersion }, peer, wanted) => {
      const sofar = given.get(cluster) ?? taken(cluster);
      const predicted = predictRemap(wanted, sofar, liqoVersion);
      const more = predicted.flatMap(({ seenAs, kind }): readonly TakenPrefix[] =>
        seenAs === undefined
          ? []
          : [{ cidr: seenAs, what: `given to a ${kind} CIDR of "${peer}"` }],
      );
      given.set(cluster, [...sofar, ...more]);
      return predicted;
    },
  };
}

/** The prefixes that Networks take, a cluster's own and those given to its peers. */
export function takenBy(networks: readonly KubeObject[]): readonly TakenPrefix[] {
  return networks.flatMap((network): readonly TakenPrefix[] => {
    const cidr = textAt(network, 'status', 'cidr');
    return cidr === undefined ? [] : [{ cidr, what: describeNetwork(network) }];
  });
}

function describeNetwork({ metadata }: KubeObject): string {
  const type = metadata.labels?.[LABEL_NETWORK_TYPE];
  const peer = metadata.labels?.[LABEL_REMOTE_CLUSTER_ID];
  if (type === 'reserved') return 'reserved there';
  if (type !== undefined) return `its own ${type.replace('-cidr', ' CIDR')}`;
  return peer === undefined ? 'in use there' : `given to the cluster "${peer}"`;
}
