import { expect } from 'chai';
import type { KubeObject } from '../../../src/model/kube-object.ts';
import { listAt, numberAt, textAt, textsAt, valueAt } from '../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../src/sandbox/liqo/kinds.ts';
import { createServiceAllocator } from '../../../src/sandbox/liqo/gateway-service.ts';
import { createTunnelNetwork } from '../../../src/sandbox/liqo/tunnel-network.ts';
import {
  createConfiguration,
  createServer,
  endpointOf,
  eventually,
  find,
  startLeaf,
  stopAll,
  tenant,
  type TestLeaf,
} from './leaf-pair.ts';

const signal = new AbortController().signal;
const NAMESPACE = tenant('turin');
const REF = { kind: kinds.GATEWAY_SERVER, namespace: NAMESPACE, name: 'turin' };

describe('Service of a simulated server gateway', () => {
  let bari: TestLeaf;

  async function begin(): Promise<void> {
    bari = await startLeaf('bari', createTunnelNetwork(), { address: '172.30.0.16' });
    await createConfiguration(bari, 'turin');
    await createServer(bari, 'turin');
    await endpointOf(bari, 'turin');
  }

  afterEach(() => stopAll(bari));

  function service(): Promise<KubeObject | undefined> {
    return find(bari, kinds.SERVICE, NAMESPACE, 'gw-turin');
  }

  function setEndpoint(endpoint: object): Promise<KubeObject> {
    return bari.client.patch(REF, { spec: { endpoint } }, { signal });
  }

  /** `status.endpoint` once it satisfies. */
  function endpoint(what: string, satisfies: (endpoint: unknown) => boolean): Promise<unknown> {
    return eventually(what, async () => {
      const server = await find(bari, kinds.GATEWAY_SERVER, NAMESPACE, 'turin');
      const current = valueAt(server, 'status.endpoint');
      return current !== undefined && satisfies(current) ? current : undefined;
    });
  }

  it('changes its type in place, keeping cluster IP, Secret and node port as recorded', async () => {
    await begin();
    const clusterIP = textAt(await service(), 'spec.clusterIP') ?? '';

    await setEndpoint({ serviceType: 'ClusterIP' });
    await endpoint('cluster IP', (value) => textsAt(value, 'addresses')[0] === clusterIP);
    expect(numberAt(listAt(await service(), 'spec.ports')[0], 'nodePort')).to.equal(undefined);

    await setEndpoint({ serviceType: 'LoadBalancer', loadBalancerIP: '203.0.113.7' });
    await endpoint('balanced', (value) => textsAt(value, 'addresses')[0] === '203.0.113.7');
    const nodePort = numberAt(listAt(await service(), 'spec.ports')[0], 'nodePort');

    await setEndpoint({ serviceType: 'NodePort', loadBalancerIP: null });
    await endpoint(
      'node',
      (value) =>
        textsAt(value, 'addresses')[0] === '172.30.0.16' && numberAt(value, 'port') === nodePort,
    );
    expect(valueAt(await service(), 'status.loadBalancer.ingress')).to.equal(undefined);
    expect(valueAt(await service(), 'spec.loadBalancerIP')).to.equal(undefined);
  });

  for (const { what, impossible } of [
    { what: 'a node port out of range', impossible: { nodePort: 80 } },
    { what: 'ExternalName', impossible: { serviceType: 'ExternalName' } },
  ]) {
    it(`keeps the former endpoint with ${what}, without a word`, async () => {
      await begin();
      await setEndpoint({ nodePort: 32100 });
      const former = await endpoint('fixed port', (value) => numberAt(value, 'port') === 32100);

      await setEndpoint(impossible);
      await createConfiguration(bari, 'other');
      await createServer(bari, 'other');
      await endpointOf(bari, 'other');

      const server = await find(bari, kinds.GATEWAY_SERVER, NAMESPACE, 'turin');
      expect(valueAt(server, 'status.endpoint')).to.deep.equal(former);
    });
  }

  it('refuses a node port that another Service holds', async () => {
    await begin();
    await setEndpoint({ nodePort: 32100 });
    await endpoint('fixed port', (value) => numberAt(value, 'port') === 32100);
    await createConfiguration(bari, 'other');
    await createServer(bari, 'other', { port: 51840, serviceType: 'NodePort', nodePort: 32100 });
    await createConfiguration(bari, 'third');
    await createServer(bari, 'third');
    await endpointOf(bari, 'third');

    expect(await find(bari, kinds.SERVICE, tenant('other'), 'gw-other')).to.equal(undefined);
  });

  it('has no address key while the load balancer has none to give', async () => {
    await begin();
    bari.liqo.faults.noLoadBalancerAddress(true);
    await setEndpoint({ serviceType: 'LoadBalancer' });
    const pending = await endpoint('pending', (value) => numberAt(value, 'port') === 51840);
    expect(pending).to.deep.equal({ port: 51840, protocol: 'UDP' });

    bari.liqo.faults.noLoadBalancerAddress(false);
    await endpoint('given', (value) => textsAt(value, 'addresses').length === 1);
    bari.liqo.faults.noLoadBalancerAddress(true);
    await endpoint('taken away', (value) => valueAt(value, 'addresses') === undefined);
  });

  it('publishes one empty address while the node is not ready', async () => {
    await begin();
    await bari.liqo.faults.nodeNotReady(true);
    await endpoint('empty', (value) => textsAt(value, 'addresses').join() === '');

    await bari.liqo.faults.nodeNotReady(false);
    await endpoint('back', (value) => textsAt(value, 'addresses')[0] === '172.30.0.16');
  });
});

describe('service allocator', () => {
  it('counts cluster IPs, skipping those in use', () => {
    const taken: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'x', uid: 'x' },
      spec: { clusterIP: '10.112.0.2', ports: [{ nodePort: 30_500 }, {}] },
    };
    const allocator = createServiceAllocator('10.112.0.0/16', () => [taken]);

    expect(allocator.clusterIP()).to.equal('10.112.0.3');
    expect(allocator.clusterIP()).to.equal('10.112.0.4');
    expect(allocator.nodePort(30_500, 'x')).to.equal(30_500);
    expect(() => allocator.nodePort(30_500, 'y')).to.throw();
    expect(allocator.nodePort(undefined, undefined)).to.be.within(30_000, 32_767);
  });

  it('gives no node port twice to Services that are made at the same time', () => {
    const allocator = createServiceAllocator('10.112.0.0/16', () => []);

    const ports = Array.from({ length: 400 }, () => allocator.nodePort(undefined, undefined));

    expect(new Set(ports).size).to.equal(400);
  });
});
