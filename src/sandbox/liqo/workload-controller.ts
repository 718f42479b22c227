import { createHash } from 'node:crypto';
import { SECRET } from '../../model/kinds.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import {
  covers,
  isTerminating,
  keyOf,
  numberAt,
  ownedBy,
  ownerOfKind,
  splitKey,
  textAt,
  valueAt,
} from './fields.ts';
import { DEPLOYMENT, POD } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import { createSuffix } from './random-suffix.ts';

/** Fingerprint of the Deployment's template that a Pod was made from. */
const ANNOTATION_TEMPLATE = 'sandbox.shortcuts.liqo.io/template';

/** Where gateway Pods go: decided by the leaf, so that a fault can move them. */
export interface NodeChoice {
  node(): string;
}

/**
 * What kube-controller-manager does for a gateway's Deployment: one Pod, replaced (strategy Recreate) when the template
 * changes, and the ready replicas in the status.
 */
export function deploymentController(leaf: LeafContext, choice: NodeChoice): Controller {
  const { objects } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const deployment = objects.get(DEPLOYMENT, namespace, name);
    if (deployment === undefined || isTerminating(deployment)) return;
    const template = fingerprint(deployment);
    const pods = objects
      .list(POD, { namespace })
      .filter((pod) => ownerOfKind(pod, 'Deployment')?.uid === deployment.metadata.uid);
    await writeStatus(deployment, pods);
    const outdated = pods.filter(
      (pod) => pod.metadata.annotations?.[ANNOTATION_TEMPLATE] !== template,
    );
    for (const pod of outdated) {
      if (!isTerminating(pod)) await objects.remove(POD, pod);
    }
    if (pods.length > 0 || (numberAt(deployment, 'spec.replicas') ?? 1) === 0) return;
    await leaf.pause('pod');
    await objects.ensure(POD, podFor(deployment, template));
  }

  function podFor(deployment: KubeObject, template: string): KubeObject {
    const { name, namespace = '' } = deployment.metadata;
    const labels = valueAt(deployment, 'spec.template.metadata.labels');
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-${template}-${createSuffix(5)}`,
        namespace,
        labels: labels as Readonly<Record<string, string>>,
        annotations: { [ANNOTATION_TEMPLATE]: template },
        ownerReferences: [{ ...ownedBy(deployment, 'plain'), controller: true }],
      },
      spec: {
        ...(valueAt(deployment, 'spec.template.spec') as object),
        nodeName: choice.node(),
        // No kubelet lives here that could end a grace period.
        terminationGracePeriodSeconds: 0,
      },
    };
  }

  async function writeStatus(deployment: KubeObject, pods: readonly KubeObject[]): Promise<void> {
    const running = pods.filter((pod) => textAt(pod, 'status.phase') === 'Running').length;
    const replicas = running === 0 ? null : running;
    const status = {
      observedGeneration: deployment.metadata.generation,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
    };
    if (covers(deployment['status'], status)) return;
    await objects.patchStatus(DEPLOYMENT, deployment, status);
  }

  return {
    name: 'deployment',
    triggers: [
      {
        kind: DEPLOYMENT,
        // Only Deployments with a pod template of ours; the chart's own are for show.
        keys: ({ object }) =>
          (ownerOfKind(object, 'WgGatewayServer') ?? ownerOfKind(object, 'WgGatewayClient'))
            ? [keyOf(object)]
            : [],
      },
      {
        kind: POD,
        keys({ object }) {
          const owner = ownerOfKind(object, 'Deployment');
          return owner === undefined ? [] : [`${object.metadata.namespace ?? ''}/${owner.name}`];
        },
      },
    ],
    reconcile,
  };
}

function fingerprint(deployment: KubeObject): string {
  const template = JSON.stringify(valueAt(deployment, 'spec.template'));
  return createHash('sha256').update(template).digest('hex').slice(0, 5);
}

/** What a kubelet does: a Pod whose Secret is there gets its address and runs. */
export function podController(leaf: LeafContext, nextAddress: () => string): Controller {
  const { objects } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const pod = objects.get(POD, namespace, name);
    if (pod === undefined || isTerminating(pod)) return;
    if (leaf.troubles.arePodsPending) return;
    if (textAt(pod, 'status.phase') === 'Running' || keySecretOf(leaf, pod) === undefined) return;
    await leaf.pause('pod');
    const ip = nextAddress();
    const now = new Date(leaf.clock.now()).toISOString();
    await objects.patchStatus(POD, pod, {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      startTime: now,
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: now,
      })),
    });
  }

  return {
    name: 'pod',
    triggers: [
      { kind: POD, keys: ({ object }) => [keyOf(object)] },
      {
        kind: SECRET,
        keys({ object }) {
          const { namespace = '' } = object.metadata;
          return objects
            .list(POD, { namespace })
            .filter((pod) => secretName(pod) === object.metadata.name)
            .map(keyOf);
        },
      },
    ],
    reconcile,
  };
}

/** The Secret that a gateway Pod mounts, when it exists. */
export function keySecretOf(leaf: LeafContext, pod: KubeObject): KubeObject | undefined {
  return leaf.objects.get(SECRET, pod.metadata.namespace ?? '', secretName(pod) ?? '');
}

function secretName(pod: KubeObject): string | undefined {
  const volumes = valueAt(pod, 'spec.volumes');
  if (!Array.isArray(volumes)) return undefined;
  const names = volumes.map((volume) => textAt(volume, 'secret.secretName'));
  return names.find((name) => name !== undefined);
}
