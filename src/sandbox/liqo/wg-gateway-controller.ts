import { InvariantError } from '../../errors/errors.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import {
  covers,
  isTerminating,
  keyOf,
  labelOf,
  ownedBy,
  ownerOfKind,
  splitKey,
  textAt,
  valueAt,
} from './fields.ts';
import { type GatewayRole, SERVER_ROLE } from './gateway-role.ts';
import { ensureGatewayService, type ServiceAllocator } from './gateway-service.ts';
import { ensureKeySecret } from './key-secret.ts';
import * as kinds from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { serviceEndpoint } from './service-endpoint.ts';
import { templateMetadata } from './template-metadata.ts';

/**
 * WgGatewayServer or WgGatewayClient → ServiceAccount, ClusterRoleBinding, finalizer, Secret, Deployment, Service, status,
 * in this order (as recorded). Secrets are not watched: a deleted one comes back only when something else is touched.
 */
export function wgGatewayController(
  leaf: LeafContext,
  role: GatewayRole,
  services: ServiceAllocator,
): Controller {
  const { objects } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const wgGateway = objects.get(role.wgGateway, namespace, name);
    if (wgGateway === undefined) return;
    if (isTerminating(wgGateway)) {
      await finalize(wgGateway);
      return;
    }
    await ensureIdentity(wgGateway);
    const secret = await ensureKeySecret(leaf, role, wgGateway);
    await ensureDeployment(wgGateway, secret.metadata.name);
    const service =
      role === SERVER_ROLE ? await ensureGatewayService(leaf, services, wgGateway) : undefined;
    await writeStatus(wgGateway, secret, service);
  }

  async function ensureIdentity(wgGateway: KubeObject): Promise<void> {
    const { namespace = '', name, finalizers = [] } = wgGateway.metadata;
    await objects.ensure(kinds.SERVICE_ACCOUNT, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name,
        namespace,
        labels: names.MANAGED,
        ownerReferences: [ownedBy(wgGateway, 'controller')],
      },
    });
    await objects.ensure(kinds.CLUSTER_ROLE_BINDING, clusterRoleBinding(name, namespace));
    if (finalizers.includes(names.FINALIZER_CLUSTER_ROLE_BINDING)) return;
    await leaf.pause('gateway');
    await objects.patch(role.wgGateway, wgGateway, {
      metadata: { finalizers: [...finalizers, names.FINALIZER_CLUSTER_ROLE_BINDING] },
      spec: typedSpec(wgGateway),
    });
  }

  async function finalize(wgGateway: KubeObject): Promise<void> {
    const { namespace = '', name, finalizers = [] } = wgGateway.metadata;
    if (!finalizers.includes(names.FINALIZER_CLUSTER_ROLE_BINDING)) return;
    await leaf.pause('finalizer');
    await objects.remove(kinds.CLUSTER_ROLE_BINDING, clusterRoleBinding(name, namespace));
    await leaf.pause('finalizer');
    const kept = finalizers.filter((entry) => entry !== names.FINALIZER_CLUSTER_ROLE_BINDING);
    await objects.patch(role.wgGateway, wgGateway, { metadata: { finalizers: kept } });
  }

  async function ensureDeployment(wgGateway: KubeObject, secretName: string): Promise<void> {
    const { namespace = '', name } = wgGateway.metadata;
    const spec = deploymentSpec(wgGateway, secretName);
    const deploymentName = names.gatewayObjectName(name);
    const known = objects.get(kinds.DEPLOYMENT, namespace, deploymentName);
    if (known !== undefined) {
      const theirs = ownerOfKind(known, role.wgGateway.kind)?.uid !== wgGateway.metadata.uid;
      if (theirs) throw new InvariantError('the Deployment still belongs to the former WgGateway');
      if (!covers(known['spec'], spec)) await objects.patch(kinds.DEPLOYMENT, known, { spec });
      return;
    }
    await leaf.pause('gateway');
    await objects.ensure(kinds.DEPLOYMENT, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: deploymentName,
        namespace,
        ...templateMetadata(wgGateway, 'spec.deployment.metadata'),
        ownerReferences: [ownedBy(wgGateway, 'controller')],
      },
      spec,
    });
  }

  async function writeStatus(
    wgGateway: KubeObject,
    secret: KubeObject,
    service: KubeObject | undefined,
  ): Promise<void> {
    const { namespace = '', name } = secret.metadata;
    const pod = activePod(wgGateway);
    const endpoint = service === undefined ? undefined : serviceEndpoint(leaf, service, pod);
    const status = {
      secretRef: { name, namespace },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(pod === undefined ? {} : { internalEndpoint: internalEndpoint(pod) }),
    };
    const current = objects.get(role.wgGateway, namespace, wgGateway.metadata.name) ?? wgGateway;
    if (covers(current['status'], status)) return;
    await leaf.pause('status');
    await objects.patchStatus(role.wgGateway, wgGateway, status);
  }

  /** The one running gateway pod of the namespace; several are an error (NETWORK.md section 7.3). */
  function activePod(wgGateway: KubeObject): KubeObject | undefined {
    const labels = { [names.LABEL_COMPONENT]: 'gateway', [names.LABEL_ACTIVE]: 'true' };
    const { namespace = '' } = wgGateway.metadata;
    const pods = objects
      .list(kinds.POD, { namespace, labels })
      .filter((pod) => textAt(pod, 'status.phase') === 'Running')
      .filter((pod) => !(leaf.features.ignoresTerminatingPods && isTerminating(pod)));
    if (pods.length > 1) throw new InvariantError('multiple active gateway pods');
    return pods[0];
  }

  // Nodes are not watched: one that is no longer ready shows only when something else makes the controller look.
  return {
    name: role.wgGateway.kind,
    triggers: [
      { kind: role.wgGateway, keys: ({ object }) => [keyOf(object)] },
      { kind: kinds.DEPLOYMENT, keys: ({ object }) => ownerKeys(object, role) },
      { kind: kinds.SERVICE, keys: ({ object }) => ownerKeys(object, role) },
      { kind: kinds.POD, keys: ({ object }) => gatewayKeys(object) },
    ],
    reconcile,
  };
}

/**
 * The spec as a typed Go client writes it back, with empty fields spelled out. The gateway's controller puts its own
 * rendering back at once: so WgGateways end at generation 3 (as recorded).
 */
function typedSpec(wgGateway: KubeObject): object {
  const spec = structuredClone(wgGateway['spec']) as {
    deployment: { spec: { template: { spec: { containers: object[] } } } };
  };
  const pod = spec.deployment.spec.template.spec;
  pod.containers = pod.containers.map((container) => ({ ...container, resources: {} }));
  return spec;
}

function ownerKeys(object: KubeObject, role: GatewayRole): readonly string[] {
  const owner = ownerOfKind(object, role.wgGateway.kind);
  return owner === undefined ? [] : [`${object.metadata.namespace ?? ''}/${owner.name}`];
}

function gatewayKeys(pod: KubeObject): readonly string[] {
  const name = labelOf(pod, names.LABEL_GATEWAY_NAME);
  return name === undefined ? [] : [`${labelOf(pod, names.LABEL_GATEWAY_NAMESPACE) ?? ''}/${name}`];
}

function internalEndpoint(pod: KubeObject): object {
  return { ip: textAt(pod, 'status.podIP'), node: textAt(pod, 'spec.nodeName') };
}

/** The rendered pod template, with the volume of the Secret filled in. */
function deploymentSpec(wgGateway: KubeObject, secretName: string): object {
  const spec = structuredClone(valueAt(wgGateway, 'spec.deployment.spec')) as {
    template: { spec: { volumes: { name: string; secret?: { secretName: string } }[] } };
  };
  for (const volume of spec.template.spec.volumes) {
    if (volume.secret !== undefined) volume.secret.secretName = secretName;
  }
  return spec;
}

function clusterRoleBinding(name: string, namespace: string): KubeObject {
  return {
    apiVersion: kinds.CLUSTER_ROLE_BINDING.apiVersion,
    kind: kinds.CLUSTER_ROLE_BINDING.kind,
    metadata: {
      name: `liqo-gateway-${namespace}-${name}`,
      labels: {
        'app.kubernetes.io/managed-by': 'liqo',
        ...names.MANAGED,
        [names.LABEL_GATEWAY_NAME]: name,
        [names.LABEL_GATEWAY_NAMESPACE]: namespace,
      },
    },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'liqo-gateway' },
  };
}
