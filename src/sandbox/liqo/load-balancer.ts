import type { KubeObject } from '../../model/kube-object.ts';
import { keyOf, textAt } from './fields.ts';
import { addressIn } from './ipam.ts';
import type { LoadBalancer } from './service-controller.ts';

/** Addresses from a prefix, one per Service; `pending` makes it give none, as a cloud without free addresses. */
export interface PrefixLoadBalancer extends LoadBalancer {
  pending(on: boolean): void;
}

export function createPrefixLoadBalancer(prefix: string): PrefixLoadBalancer {
  const given = new Map<string, string>();
  let isPending = false;
  return {
    addressFor(service: KubeObject) {
      if (isPending) return undefined;
      const wanted = textAt(service, 'spec.loadBalancerIP');
      const address = wanted ?? given.get(keyOf(service)) ?? addressIn(prefix, given.size + 1);
      given.set(keyOf(service), address);
      return address;
    },
    pending(on) {
      isPending = on;
    },
  };
}
