import type { ResourceKind } from '../../model/kube-object.ts';
import { FIREWALL_CONFIGURATION, FOREIGN_CLUSTER, ROUTE_CONFIGURATION } from './kinds.ts';

/** What fails on one leaf for as long as it is switched on. */
export interface LeafTroubles {
  /** Gateway Pods do not start, as while their image is pulled. */
  arePodsPending: boolean;
  /** Liqo's webhook does not answer: with the chart's failure policy, what it has to see is not written. */
  isWebhookDown: boolean;
}

export function noTroubles(): LeafTroubles {
  return { arePodsPending: false, isWebhookDown: false };
}

/** Of the kinds that are written here, those that pass Liqo's webhook (NETWORK.md section 10). */
const ADMITTED_BY_WEBHOOK: readonly ResourceKind[] = [
  FIREWALL_CONFIGURATION,
  FOREIGN_CLUSTER,
  ROUTE_CONFIGURATION,
];

export function passesWebhook(kind: ResourceKind): boolean {
  return ADMITTED_BY_WEBHOOK.includes(kind);
}
