import { InvariantError } from '../../errors/errors.ts';
import { SECRET } from '../../model/kinds.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import type { ControllerRunner } from './controller-runner.ts';
import { keyOf, labelOf, listAt, textAt, valueAt } from './fields.ts';
import { ROLES } from './gateway-role.ts';
import { nodeObject } from './installation.ts';
import { formatAddress, parseAddress } from './ipam.ts';
import { CONFIGURATION, NETWORK, NODE, POD, SERVICE } from './kinds.ts';
import type { LeafContext } from './leaf-context.ts';
import type { LiqoVersion } from './liqo-version.ts';
import type { PrefixLoadBalancer } from './load-balancer.ts';
import * as names from './names.ts';
import { ownNetwork } from './own-networks.ts';
import type { GatewayPrograms } from './program-controllers.ts';

/** What can go wrong on one leaf, on command. Switches take `on`; the others happen once. */
export interface LiqoLeafFaults {
  /** Packets of the leaf's tunnels (or of the one to `peerID`) are dropped. */
  tunnelLost(on: boolean, peerID?: string): void;
  /** The gateway programs hang: no answer, no status; their Connections keep the last value. */
  gatewayStopped(on: boolean): void;
  /** The leaf's node is replaced by another one, with another address; gateway Pods move there. */
  gatewayMoved(): Promise<void>;
  /** Key Secrets (or the one for `peerID`) are deleted, made anew, and the Pods restarted. */
  keyRotated(peerID?: string): Promise<void>;
  noLoadBalancerAddress(on: boolean): void;
  nodeNotReady(on: boolean): Promise<void>;
  /** Gateway Pods do not start, as while their image is pulled. */
  podsPending(on: boolean): void;
  /** Liqo's webhook does not answer; when it does again, Liqo tries at once what it had to leave. */
  webhookDown(on: boolean): void;
  /** The leaf gets another pod CIDR, as after a re-installation. */
  podCIDRChanged(cidr: string): Promise<void>;
}

export interface LeafFaultsDeps {
  readonly leaf: LeafContext;
  readonly version: LiqoVersion;
  readonly programs: GatewayPrograms;
  readonly loadBalancer: PrefixLoadBalancer;
  readonly runner: ControllerRunner;
}

const POLL_MS = 5;
const ANNOTATION_TOUCHED = 'sandbox.shortcuts.liqo.io/touched-at';

export function leafFaults(deps: LeafFaultsDeps): LiqoLeafFaults {
  const { leaf, version, programs, loadBalancer, runner } = deps;
  const { objects } = leaf;

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await leaf.clock.sleep(POLL_MS, { signal: leaf.signal });
  }

  async function restartPods(namespace?: string): Promise<void> {
    const labels = { [names.LABEL_COMPONENT]: 'gateway' };
    const pods = objects.list(POD, namespace === undefined ? { labels } : { labels, namespace });
    for (const pod of pods) await objects.remove(POD, pod);
  }

  async function rotate(
    wgGateway: KubeObject,
    kind: (typeof ROLES)[number]['wgGateway'],
  ): Promise<void> {
    const { namespace = '' } = wgGateway.metadata;
    const labels = {
      [names.LABEL_REMOTE_ID]: labelOf(wgGateway, names.LABEL_REMOTE_ID) ?? '',
      [names.LABEL_GATEWAY_RESOURCE]: 'true',
    };
    const secrets = () => objects.list(SECRET, { namespace, labels });
    for (const secret of secrets()) await objects.remove(SECRET, secret);
    await until(() => secrets().length === 0);
    const annotations = { [ANNOTATION_TOUCHED]: new Date(leaf.clock.now()).toISOString() };
    await objects.patch(kind, wgGateway, { metadata: { annotations } });
    await until(() => secrets().length > 0);
    await restartPods(namespace);
  }

  return {
    tunnelLost: (on, peerID) => leaf.network.cut(leaf.clusterID, peerID, on),
    gatewayStopped: (on) => programs.freeze(on),
    async gatewayMoved() {
      const former = objects.list(NODE);
      const next = nextNode(former);
      const { status, ...node } = nodeObject(next);
      const created = await objects.ensure(NODE, { ...node });
      await objects.patchStatus(NODE, created, status as object);
      for (const old of former) await objects.remove(NODE, old);
      await until(() => objects.list(NODE).length === 1);
      await restartPods();
    },
    async keyRotated(peerID) {
      const labels = peerID === undefined ? {} : { [names.LABEL_REMOTE_ID]: peerID };
      for (const { wgGateway } of ROLES) {
        for (const object of objects.list(wgGateway, { labels })) await rotate(object, wgGateway);
      }
    },
    noLoadBalancerAddress(on) {
      loadBalancer.pending(on);
      for (const service of objects.list(SERVICE)) runner.request('service', keyOf(service));
    },
    async nodeNotReady(on) {
      for (const node of objects.list(NODE)) {
        const conditions = [{ type: 'Ready', status: on ? 'Unknown' : 'True', reason: 'Sandbox' }];
        await objects.patchStatus(NODE, node, { conditions });
      }
      // Liqo does not watch nodes: what it publishes changes when it looks again, for whatever reason.
      for (const { wgGateway } of ROLES) {
        for (const object of objects.list(wgGateway)) runner.request(wgGateway.kind, keyOf(object));
      }
    },
    podsPending(on) {
      leaf.troubles.arePodsPending = on;
      for (const pod of objects.list(POD)) runner.request('pod', keyOf(pod));
    },
    webhookDown(on) {
      leaf.troubles.isWebhookDown = on;
      for (const configuration of objects.list(CONFIGURATION)) {
        runner.request('routing', keyOf(configuration));
        const peer = labelOf(configuration, names.LABEL_REMOTE_ID) ?? '';
        runner.request('foreign-cluster', `/${peer}`);
      }
      runner.request('node-routing', '/');
    },
    async podCIDRChanged(cidr) {
      const namespace = leaf.liqoNamespace;
      const type = { [names.LABEL_NETWORK_TYPE]: 'pod-cidr' };
      const own = () => objects.list(NETWORK, { namespace, labels: type });
      for (const network of own()) {
        await objects.remove(NETWORK, network);
        leaf.ipam.release(textAt(network, 'spec.cidr') ?? '');
      }
      await until(() => own().length === 0);
      leaf.ipam.reserve(cidr);
      const labels = { 'ipam.liqo.io/network-not-remapped': 'true' };
      const name = 'pod-cidr';
      const wanted = ownNetwork(version, { name, type: 'pod-cidr', cidr, labels, status: cidr });
      const { status, ...network } = wanted;
      const metadata = { ...network.metadata, namespace };
      const created = await objects.ensure(NETWORK, { ...network, metadata });
      await objects.patchStatus(NETWORK, created, status as object);
    },
  };
}

/** The next name and address after the nodes that there are. */
function nextNode(nodes: readonly KubeObject[]): {
  readonly name: string;
  readonly address: string;
} {
  const [last] = nodes;
  if (last === undefined) throw new InvariantError('the leaf has no node');
  const [, stem = last.metadata.name, number = '1'] =
    /^(.*?)-(\d+)$/.exec(last.metadata.name) ?? [];
  const entry = listAt(last, 'status.addresses').find(
    (item) => valueAt(item, 'type') === 'InternalIP',
  );
  const address = parseAddress(textAt(entry, 'address') ?? '');
  return { name: `${stem}-${Number(number) + 1}`, address: formatAddress(address + 1) };
}
