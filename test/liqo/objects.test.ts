import { expect } from 'chai';
import {
  configuration,
  gatewayClient,
  gatewayServer,
  publicKey,
  tenantNamespace,
} from '../../src/liqo/objects.ts';

const PLACE = { namespace: 'liqo-tenant-leaf-a', name: 'leaf-a', peerID: 'leaf-a' };
const METADATA = {
  name: 'leaf-a',
  namespace: 'liqo-tenant-leaf-a',
  labels: { 'liqo.io/remote-cluster-id': 'leaf-a' },
};

/** What NETWORK.md 15 and the recordings of liqoctl show. */
describe('the objects that Liqo reads', () => {
  it('has a tenant namespace found by two labels, with pod security from v1.1 on', () => {
    const labels = { 'liqo.io/remote-cluster-id': 'milan', 'liqo.io/tenant-namespace': 'true' };

    expect(tenantNamespace('liqo-tenant-milan', 'milan', 'v1.0.3')).to.deep.equal({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'liqo-tenant-milan', labels },
    });
    expect(tenantNamespace('x', 'milan', 'v1.2.0').metadata.labels).to.deep.equal({
      ...labels,
      'pod-security.kubernetes.io/audit': 'privileged',
      'pod-security.kubernetes.io/enforce': 'privileged',
      'pod-security.kubernetes.io/warn': 'privileged',
    });
  });

  it('has a Configuration with the peer’s prefixes, and nothing of one’s own', () => {
    const cidrs = { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] };

    expect(configuration(PLACE, cidrs)).to.deep.equal({
      apiVersion: 'networking.liqo.io/v1beta1',
      kind: 'Configuration',
      metadata: METADATA,
      spec: { remote: { cidr: cidrs } },
    });
  });

  it('has a GatewayServer', () => {
    const template = { name: 'wireguard-server', namespace: 'liqo' };
    const serverTemplateRef = {
      apiVersion: 'networking.liqo.io/v1beta1',
      kind: 'WgGatewayServerTemplate',
      ...template,
    };

    expect(
      gatewayServer(PLACE, { mtu: 1340, port: 51840, serviceType: 'NodePort', template }),
    ).to.deep.equal({
      apiVersion: 'networking.liqo.io/v1beta1',
      kind: 'GatewayServer',
      metadata: METADATA,
      spec: { mtu: 1340, endpoint: { port: 51840, serviceType: 'NodePort' }, serverTemplateRef },
    });
    expect(
      gatewayServer(PLACE, {
        mtu: 1340,
        port: 51840,
        serviceType: 'LoadBalancer',
        nodePort: 31000,
        loadBalancerIP: '203.0.113.7',
        serviceAnnotations: { a: 'b' },
        template,
      })['spec'],
    ).to.deep.equal({
      mtu: 1340,
      endpoint: {
        port: 51840,
        serviceType: 'LoadBalancer',
        nodePort: 31000,
        loadBalancerIP: '203.0.113.7',
      },
      serviceAnnotations: { a: 'b' },
      serverTemplateRef,
    });
  });

  it('has no empty map of annotations, which an apply could turn into null', () => {
    const template = { name: 'wireguard-server', namespace: 'liqo' };
    const settings = { mtu: 1340, port: 51840, serviceType: 'NodePort', template };

    const annotated = gatewayServer(PLACE, { ...settings, serviceAnnotations: {} });

    expect(annotated).to.deep.equal(gatewayServer(PLACE, settings));
  });

  it('has a GatewayClient', () => {
    const endpoint = { addresses: ['192.0.2.10'], port: 31840, protocol: 'UDP' };
    const template = { name: 'wireguard-client', namespace: 'liqo' };

    expect(gatewayClient(PLACE, { mtu: 1340, endpoint, template })).to.deep.equal({
      apiVersion: 'networking.liqo.io/v1beta1',
      kind: 'GatewayClient',
      metadata: METADATA,
      spec: {
        mtu: 1340,
        endpoint,
        clientTemplateRef: {
          apiVersion: 'networking.liqo.io/v1beta1',
          kind: 'WgGatewayClientTemplate',
          ...template,
        },
      },
    });
  });

  it('has a PublicKey owned by the gateway, but not as its controller', () => {
    const gateway = {
      apiVersion: 'networking.liqo.io/v1beta1',
      kind: 'GatewayClient',
      metadata: { name: 'leaf-b', uid: 'u' },
    };

    expect(publicKey(PLACE, 'a2V5', gateway)).to.deep.equal({
      apiVersion: 'networking.liqo.io/v1beta1',
      kind: 'PublicKey',
      metadata: {
        ...METADATA,
        labels: { ...METADATA.labels, 'networking.liqo.io/gateway-resource': 'true' },
        ownerReferences: [
          {
            apiVersion: 'networking.liqo.io/v1beta1',
            kind: 'GatewayClient',
            name: 'leaf-b',
            uid: 'u',
          },
        ],
      },
      spec: { publicKey: 'a2V5' },
    });
  });
});
