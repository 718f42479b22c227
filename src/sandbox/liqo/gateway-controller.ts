import { isDeepStrictEqual } from 'node:util';
import { InvariantError, NotFoundError } from '../../errors/errors.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import {
  covers,
  isTerminating,
  keyOf,
  labelOf,
  mergePatchTo,
  ownedBy,
  ownerOfKind,
  splitKey,
  textAt,
  textsAt,
  uidOf,
  valueAt,
} from './fields.ts';
import type { GatewayRole } from './gateway-role.ts';
import { renderWgGateway } from './gateway-template.ts';
import { createSuffix } from './random-suffix.ts';
import { CONFIGURATION, INTERNAL_FABRIC, NETWORK } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import { addressIn } from './ipam.ts';
import * as names from './names.ts';

/**
 * GatewayServer or GatewayClient → WgGateway of the same name; its status is copied back *without looking whose it is*,
 * so that a gateway made again too early shows the old endpoint and key (NETWORK.md section 9.3). Then the InternalFabric.
 */
export function gatewayController(leaf: LeafContext, role: GatewayRole): Controller {
  const { objects } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const gateway = objects.get(role.gateway, namespace, name);
    if (gateway === undefined || isTerminating(gateway)) return;
    const remoteID = labelOf(gateway, names.LABEL_REMOTE_ID);
    if (remoteID === undefined) throw new InvariantError('gateway without remote cluster ID');
    const wgGateway = await ensureWgGateway(gateway);
    const updated = await copyStatus(gateway, wgGateway);
    if (textAt(updated, 'status.internalEndpoint.ip') === undefined) return;
    await ensureFabric(updated, configurationFor(leaf, remoteID));
  }

  async function ensureWgGateway(gateway: KubeObject): Promise<KubeObject> {
    const { namespace = '', name } = gateway.metadata;
    const templateName = textAt(gateway, `spec.${role.templateRef}.name`) ?? '';
    const templateNamespace = textAt(gateway, `spec.${role.templateRef}.namespace`) ?? '';
    const template = objects.get(role.template, templateNamespace, templateName);
    if (template === undefined) throw new NotFoundError('gateway template not found');
    const wanted = renderWgGateway(leaf, role, gateway, template);
    const known = objects.get(role.wgGateway, namespace, name);
    if (known === undefined) {
      await leaf.pause('gateway');
      return objects.ensure(role.wgGateway, wanted);
    }
    const ours = ownerOfKind(known, role.gateway.kind)?.uid === uidOf(gateway);
    if (!ours || isTerminating(known) || isDeepStrictEqual(known['spec'], wanted['spec']))
      return known;
    await leaf.pause('gateway');
    return objects.patch(role.wgGateway, known, {
      spec: mergePatchTo(known['spec'], wanted['spec']),
    });
  }

  async function copyStatus(gateway: KubeObject, wgGateway: KubeObject): Promise<KubeObject> {
    const { apiVersion, kind, metadata } = wgGateway;
    const { name, namespace } = metadata;
    const status: Record<string, unknown> = {
      [role.statusRef]: { apiVersion, kind, name, namespace, uid: uidOf(wgGateway) },
    };
    for (const field of ['endpoint', 'secretRef', 'internalEndpoint']) {
      const value = valueAt(wgGateway, `status.${field}`);
      if (value !== undefined) status[field] = value;
    }
    if (covers(gateway['status'], status) && !losesAddresses(gateway, wgGateway)) return gateway;
    await leaf.pause('gateway');
    return objects.patchStatus(role.gateway, gateway, withoutLostAddresses(status));
  }

  async function ensureFabric(gateway: KubeObject, configuration: KubeObject): Promise<void> {
    const { namespace = '' } = gateway.metadata;
    const remoteID = labelOf(gateway, names.LABEL_REMOTE_ID) ?? '';
    const known = objects.get(INTERNAL_FABRIC, namespace, remoteID);
    const spec = {
      gatewayIP: textAt(gateway, 'status.internalEndpoint.ip'),
      mtu: valueAt(gateway, 'spec.mtu'),
      remoteCIDRs: [
        ...textsAt(configuration, 'status.remote.cidr.pod'),
        ...textsAt(configuration, 'status.remote.cidr.external'),
      ],
    };
    if (known === undefined) {
      await leaf.pause('gateway');
      await objects.ensure(INTERNAL_FABRIC, fabricFor(gateway, remoteID, spec));
    } else if (!covers(known['spec'], spec)) {
      await objects.patch(INTERNAL_FABRIC, known, { spec });
    }
  }

  function fabricFor(gateway: KubeObject, remoteID: string, spec: object): KubeObject {
    const [internal = '10.80.0.0/16'] = objects
      .list(NETWORK, { labels: { [names.LABEL_NETWORK_TYPE]: 'internal-cidr' } })
      .map((network) => textAt(network, 'status.cidr') ?? '');
    return {
      apiVersion: INTERNAL_FABRIC.apiVersion,
      kind: INTERNAL_FABRIC.kind,
      metadata: {
        name: remoteID,
        namespace: gateway.metadata.namespace ?? '',
        labels: { ...names.MANAGED, [names.LABEL_REMOTE_ID]: remoteID },
        ownerReferences: [ownedBy(gateway, 'controller')],
      },
      spec: {
        ...spec,
        interface: {
          // The first address belongs to the node; fabrics count from the second.
          gateway: { ip: addressIn(internal, objects.list(INTERNAL_FABRIC).length + 2) },
          node: { name: `liqo.${createSuffix(10)}` },
        },
      },
    };
  }

  function ownerKeys(object: KubeObject): readonly string[] {
    const owner = ownerOfKind(object, role.gateway.kind);
    return owner === undefined ? [] : [`${object.metadata.namespace ?? ''}/${owner.name}`];
  }

  function templateKeys({ object }: { readonly object: KubeObject }): readonly string[] {
    const gateways = objects.list(role.gateway);
    const isUser = (gateway: KubeObject): boolean =>
      textAt(gateway, `spec.${role.templateRef}.name`) === object.metadata.name;
    return gateways.filter(isUser).map(keyOf);
  }

  return {
    name: role.gateway.kind,
    triggers: [
      { kind: role.gateway, keys: ({ object }) => [keyOf(object)] },
      { kind: role.wgGateway, keys: ({ object }) => ownerKeys(object) },
      { kind: INTERNAL_FABRIC, keys: ({ object }) => ownerKeys(object) },
      {
        kind: CONFIGURATION,
        keys({ object }) {
          const id = labelOf(object, names.LABEL_REMOTE_ID);
          if (id === undefined) return [];
          const labels = { [names.LABEL_REMOTE_ID]: id };
          return objects.list(role.gateway, { labels }).map(keyOf);
        },
      },
      ...(leaf.features.watchesTemplates ? [{ kind: role.template, keys: templateKeys }] : []),
    ],
    reconcile,
  };
}

/** The one Configuration for a peer, looked up everywhere; none or several is an error (NETWORK.md section 14.5). */
function configurationFor(leaf: LeafContext, remoteID: string): KubeObject {
  const labels = { [names.LABEL_REMOTE_ID]: remoteID };
  const found = leaf.objects.list(CONFIGURATION, { labels });
  const [configuration] = found;
  if (configuration === undefined) throw new NotFoundError('no Configuration for the peer');
  if (found.length > 1) throw new InvariantError('multiple Configurations for the peer');
  return configuration;
}

function losesAddresses(gateway: KubeObject, wgGateway: KubeObject): boolean {
  return (
    valueAt(wgGateway, 'status.endpoint') !== undefined &&
    valueAt(wgGateway, 'status.endpoint.addresses') === undefined &&
    valueAt(gateway, 'status.endpoint.addresses') !== undefined
  );
}

/** A load balancer without address: the key `addresses` is absent, not empty (NETWORK.md section 7.1). */
function withoutLostAddresses(status: Readonly<Record<string, unknown>>): object {
  const endpoint = status['endpoint'];
  if (endpoint === undefined) return status;
  return { ...status, endpoint: { addresses: null, ...(endpoint as object) } };
}
