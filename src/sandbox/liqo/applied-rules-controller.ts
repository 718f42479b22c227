import type { KubeObject, ResourceKind } from '../../model/kube-object.ts';
import { timestamp } from './configuration-controller.ts';
import { keyOf, labelOf, listAt, splitKey, textAt } from './fields.ts';
import { isGatewayPod, remoteIDOf } from './gateway-program.ts';
import { FIREWALL_CONFIGURATION, POD, ROUTE_CONFIGURATION } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import * as names from './names.ts';

/** A kind of rules, and the labels that say which gateway they are for. */
interface RuleKind {
  readonly kind: ResourceKind;
  readonly category: string;
  readonly unique: string;
}

export const ROUTES: RuleKind = {
  kind: ROUTE_CONFIGURATION,
  category: names.LABEL_ROUTE_CATEGORY,
  unique: names.LABEL_ROUTE_UNIQUE,
};
export const FIREWALLS: RuleKind = {
  kind: FIREWALL_CONFIGURATION,
  category: names.LABEL_FIREWALL_CATEGORY,
  unique: names.LABEL_FIREWALL_UNIQUE,
};

/**
 * What the `gateway` program says of the rules that it has applied: one condition per gateway on every Route- or
 * FirewallConfiguration meant for it, first an empty one, then `Applied` (recorded with real gateways). The agents on the
 * nodes do not run here, so that rules meant for them have no status.
 */
export function appliedRulesController(
  leaf: LeafContext,
  { kind, category, unique }: RuleKind,
): Controller {
  const { objects } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const rules = objects.get(kind, namespace, name);
    if (rules === undefined || labelOf(rules, category) !== 'gateway') return;
    for (const pod of objects.list(POD).filter(runsGateway)) {
      if (isMeantFor(rules, pod)) await report(rules, hostOf(pod));
    }
  }

  async function report(rules: KubeObject, host: string): Promise<void> {
    const { namespace = '', name } = rules.metadata;
    const others = (current: KubeObject | undefined) =>
      listAt(current, 'status.conditions').filter((entry) => textAt(entry, 'host') !== host);
    const known = listAt(rules, 'status.conditions').find(
      (entry) => textAt(entry, 'host') === host,
    );
    if (textAt(known, 'type') === 'Applied') return;
    await leaf.pause('status');
    const begun = await objects.patchStatus(kind, rules, {
      conditions: [...others(objects.get(kind, namespace, name)), { host, type: '', status: '' }],
    });
    await leaf.pause('status');
    const applied = { host, type: 'Applied', status: 'True', lastTransitionTime: timestamp(leaf) };
    await objects.patchStatus(kind, begun, { conditions: [...others(begun), applied] });
  }

  /** By peer, by node, or for all gateways of the leaf. */
  function isMeantFor(rules: KubeObject, pod: KubeObject): boolean {
    const target = labelOf(rules, unique);
    return target === undefined || [remoteIDOf(pod), textAt(pod, 'spec.nodeName')].includes(target);
  }

  return {
    name: `applied-${kind.plural}`,
    triggers: [
      {
        kind,
        keys: ({ type, object }) => (type === 'ADDED' ? [keyOf(object)] : []),
      },
      {
        kind: POD,
        keys: ({ object }) => (runsGateway(object) ? objects.list(kind).map(keyOf) : []),
      },
    ],
    reconcile,
  };
}

function runsGateway(pod: KubeObject): boolean {
  return isGatewayPod(pod) && textAt(pod, 'status.phase') === 'Running';
}

/** The name of the gateway. */
function hostOf(pod: KubeObject): string {
  return labelOf(pod, names.LABEL_GATEWAY_NAME) ?? '';
}
