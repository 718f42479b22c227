import { expect } from 'chai';
import { NAMESPACE, SECRET } from '../../../src/model/kinds.ts';
import { textAt, textsAt, uidOf, valueAt } from '../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../src/sandbox/liqo/kinds.ts';
import {
  createTunnelNetwork,
  type TunnelNetwork,
} from '../../../src/sandbox/liqo/tunnel-network.ts';
import {
  connect,
  createClient,
  createConfiguration,
  createPublicKey,
  createServer,
  endpointOf,
  eventually,
  find,
  publicKeyOf,
  startLeaf,
  startPair,
  stopAll,
  tenant,
  type TestLeaf,
  untilConnection,
} from './leaf-pair.ts';

const signal = new AbortController().signal;

describe('faults of a simulated leaf', () => {
  let rome: TestLeaf;
  let milan: TestLeaf;
  let network: TunnelNetwork;

  beforeEach(async () => {
    ({ rome, milan, network } = await startPair());
    await connect(rome, milan);
  });

  afterEach(() => stopAll(rome, milan));

  const bothSides = (): readonly [TestLeaf, string][] => [
    [rome, 'milan'],
    [milan, 'rome'],
  ];

  it('lose the tunnel, and give it back', async () => {
    milan.liqo.faults.tunnelLost(true, 'rome');
    await untilConnection('Error', ...bothSides());

    milan.liqo.faults.tunnelLost(false, 'rome');

    await untilConnection('Connected', ...bothSides());
  });

  it('move the gateway: another address, and the client has to follow', async () => {
    await milan.liqo.faults.gatewayMoved();
    const moved = await eventually('another address', async () => {
      const endpoint = await endpointOf(milan, 'rome');
      return endpoint.addresses[0] === '172.30.0.14' ? endpoint : undefined;
    });
    await untilConnection('Error', ...bothSides());

    const ref = { kind: kinds.GATEWAY_CLIENT, namespace: tenant('milan'), name: 'milan' };
    await rome.client.patch(ref, { spec: { endpoint: moved } }, { signal });

    await untilConnection('Connected', ...bothSides());
    await milan.liqo.faults.gatewayMoved();
    const { items } = await milan.client.list(kinds.NODE, { signal });
    expect(items.map(({ metadata }) => metadata.name)).to.deep.equal(['milan-node-3']);
  });

  it('restart the client gateway when its endpoint changes', async () => {
    const pods = async (): Promise<string> => {
      const options = { namespace: tenant('milan'), signal };
      const { items } = await rome.client.list(kinds.POD, options);
      return items.map(uidOf).join();
    };
    const before = await pods();
    const ref = { kind: kinds.GATEWAY_CLIENT, namespace: tenant('milan'), name: 'milan' };
    await rome.client.patch(ref, { spec: { endpoint: { port: 30000 } } }, { signal });
    await untilConnection('Error', ...bothSides());

    expect(await pods()).to.not.equal(before);
  });

  it('rotate the key: the peer has to learn the new one', async () => {
    const server = await find(milan, kinds.GATEWAY_SERVER, tenant('rome'), 'rome');
    const oldKey = await publicKeyOf(milan, 'rome', server!);
    await milan.liqo.faults.keyRotated('rome');
    await untilConnection('Error', ...bothSides());
    const newKey = await publicKeyOf(milan, 'rome', server!);
    expect(newKey).to.not.equal(oldKey);

    const ref = { kind: kinds.PUBLIC_KEY, namespace: tenant('milan'), name: 'milan' };
    await rome.client.patch(ref, { spec: { publicKey: newKey } }, { signal });

    await untilConnection('Connected', ...bothSides());
  });

  it('change the pod CIDR: the next Configuration says so', async () => {
    await milan.liqo.faults.podCIDRChanged('10.210.0.0/16');
    await createConfiguration(milan, 'other');

    await eventually('local CIDRs', async () => {
      const other = await find(milan, kinds.CONFIGURATION, tenant('other'), 'other');
      return textsAt(other, 'spec.local.cidr.pod')[0] === '10.210.0.0/16';
    });
  });

  it('are out of reach while the leaf does not run, which starts only once', async () => {
    await milan.liqo.start().then(
      () => expect.fail('started twice'),
      () => undefined,
    );
    await milan.liqo.stop();
    expect(() => milan.liqo.faults).to.throw();
    await milan.liqo.stop();
  });

  it('do not include a restart: gateways go on with what they find', async () => {
    await stopAll(rome, milan);
    await rome.liqo.start();
    await milan.liqo.start();
    const connection = await find(milan, kinds.CONNECTION, tenant('rome'), 'gw-rome');
    await eventually('refreshed', async () => {
      const now = await find(milan, kinds.CONNECTION, tenant('rome'), 'gw-rome');
      return now?.metadata.resourceVersion !== connection?.metadata.resourceVersion;
    });
    await untilConnection('Connected', ...bothSides());
    // The prefixes of the first run are still taken.
    await createConfiguration(milan, 'other', { pod: ['10.71.0.0/16'] });
    await eventually('remapped elsewhere', async () => {
      const other = await find(milan, kinds.CONFIGURATION, tenant('other'), 'other');
      const [pod] = textsAt(other, 'status.remote.cidr.pod');
      return pod !== undefined && pod !== '10.71.0.0/16';
    });
  });

  it('include watches that end: the leaf looks again', async () => {
    milan.server.faults.expireWatches();
    milan.server.faults.dropWatches();
    await createConfiguration(milan, 'other');

    await eventually('served', async () => {
      const other = await find(milan, kinds.CONFIGURATION, tenant('other'), 'other');
      return valueAt(other, 'status.remote') !== undefined;
    });
  });

  it('do not concern the pair whose MTUs differ: it never connects', async () => {
    const naples = await startLeaf('naples', network, {
      podCIDR: '10.203.0.0/16',
      address: '172.30.0.20',
    });
    try {
      await createConfiguration(naples, 'milan');
      await createConfiguration(milan, 'naples');
      const server = await createServer(milan, 'naples');
      const endpoint = await endpointOf(milan, 'naples');
      const client = await createClient(naples, 'milan', { ...endpoint, protocol: 'UDP' }, 1400);
      const keys = [
        await publicKeyOf(milan, 'naples', server),
        await publicKeyOf(naples, 'milan', client),
      ] as const;
      await createPublicKey(naples, 'milan', keys[0], client);
      await createPublicKey(milan, 'naples', keys[1], server);

      await untilConnection('Error', [naples, 'milan'], [milan, 'naples']);
    } finally {
      await stopAll(naples);
    }
  });
});

describe('keys of a simulated gateway', () => {
  let bari: TestLeaf;

  beforeEach(async () => {
    bari = await startLeaf('bari', createTunnelNetwork());
    await createConfiguration(bari, 'turin');
  });

  afterEach(() => stopAll(bari));

  function secret(name: string, data: object, labels: Readonly<Record<string, string>> = {}) {
    const metadata = { name, namespace: tenant('turin'), labels };
    const object = { apiVersion: 'v1', kind: 'Secret', metadata, data };
    return bari.client.create(SECRET, object, { signal });
  }

  const KEYS = {
    privateKey: Buffer.alloc(32, 1).toString('base64'),
    publicKey: Buffer.alloc(32, 2).toString('base64'),
  };

  function wgGateway() {
    return find(bari, kinds.WG_GATEWAY_SERVER, tenant('turin'), 'turin');
  }

  it('may be given in a Secret, which gets the labels', async () => {
    await secret('own', KEYS);
    await createServer(bari, 'turin', undefined, { secretRef: { name: 'own' } });

    await eventually(
      'used',
      async () => textAt(await wgGateway(), 'status.secretRef.name') === 'own',
    );
    const own = await find(bari, SECRET, tenant('turin'), 'own');
    expect(own?.metadata.labels).to.include({ 'liqo.io/remote-cluster-id': 'turin' });
  });

  for (const { what, data, labels } of [
    { what: 'without keys', data: {}, labels: {} },
    { what: 'of another peer', data: KEYS, labels: { 'liqo.io/remote-cluster-id': 'other' } },
  ]) {
    it(`are not taken from a given Secret ${what}`, async () => {
      await secret('own', data, labels);
      await createServer(bari, 'turin', undefined, { secretRef: { name: 'own' } });
      await createConfiguration(bari, 'third');
      await createServer(bari, 'third');
      await endpointOf(bari, 'third');

      expect(valueAt(await wgGateway(), 'status')).to.equal(undefined);
    });
  }

  it('are not chosen between two Secrets', async () => {
    const labels = {
      'liqo.io/remote-cluster-id': 'turin',
      'networking.liqo.io/gateway-resource': 'true',
    };
    await secret('one', KEYS, labels);
    await secret('two', KEYS, labels);
    await createServer(bari, 'turin');
    await createConfiguration(bari, 'third');
    await createServer(bari, 'third');
    await endpointOf(bari, 'third');

    expect(valueAt(await wgGateway(), 'status')).to.equal(undefined);
  });

  it('need a label on the gateway and a template that exists', async () => {
    const namespace = tenant('turin');
    const spec = { mtu: 1340, endpoint: { port: 51840 } };
    const template = { kind: 'WgGatewayServerTemplate', namespace: 'liqo' };
    const create = (name: string, labels: Readonly<Record<string, string>>, ref: string) =>
      bari.client.create(
        kinds.GATEWAY_SERVER,
        {
          apiVersion: kinds.GATEWAY_SERVER.apiVersion,
          kind: 'GatewayServer',
          metadata: { name, namespace, labels },
          spec: { ...spec, serverTemplateRef: { ...template, name: ref } },
        },
        { signal },
      );
    await create('unlabelled', {}, 'wireguard-server');
    await create('unknown', { 'liqo.io/remote-cluster-id': 'turin' }, 'other');
    await createConfiguration(bari, 'third');
    await createServer(bari, 'third');
    await endpointOf(bari, 'third');

    const { items } = await bari.client.list(kinds.WG_GATEWAY_SERVER, { namespace, signal });
    expect(items).to.deep.equal([]);
  });

  it('go with the namespace', async () => {
    await createServer(bari, 'turin');
    await endpointOf(bari, 'turin');
    await bari.client.delete({ kind: NAMESPACE, name: tenant('turin') }, { signal });

    await eventually('gone', async () => {
      const { items } = await bari.client.list(NAMESPACE, { signal });
      return !items.some(({ metadata }) => metadata.name === tenant('turin'));
    });
  });
});
