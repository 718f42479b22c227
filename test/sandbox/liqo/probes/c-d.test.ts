import { expect } from 'chai';
import { listAt, textAt, valueAt } from '../../../../src/sandbox/liqo/fields.ts';
import { CONFIGURATION, CONNECTION, PUBLIC_KEY } from '../../../../src/sandbox/liqo/kinds.ts';
import { generateKeys } from '../../../../src/sandbox/liqo/wireguard-keys.ts';
import { createConfiguration, eventually, tenant } from '../leaf-pair.ts';
import { type ProbedPair, startProbedPair, untilRefreshed, valueOf } from './probed-pair.ts';

const signal = new AbortController().signal;

// probes/c-d, and level-d-1 and level-d-2 where they ask the same with real gateways.
describe('probe: Configuration or PublicKey of a live tunnel wrong, doubled or gone', () => {
  let pair: ProbedPair;

  beforeEach(async () => {
    pair = await startProbedPair();
  });
  afterEach(() => pair.stop());

  it('(d1) a wrong key: both sides turn to Error with N/A and no time; the right one heals', async () => {
    const { onRome, onMilan } = pair;
    const right = textAt(await onMilan.get(PUBLIC_KEY), 'spec.publicKey');
    await onMilan.change(PUBLIC_KEY, { spec: { publicKey: generateKeys().publicKey } });

    await pair.bothSay('Error');

    for (const view of [onRome, onMilan]) {
      const latency = valueAt(await view.get(CONNECTION), 'status.latency');
      expect(latency).to.deep.equal({ value: 'N/A' });
      await eventually('ForeignCluster in Error', async () =>
        (await view.conditions()).some(([, status]) => status === 'Error'),
      );
    }
    await onMilan.change(PUBLIC_KEY, { spec: { publicKey: right } });
    await pair.bothSay('Connected');
  });

  it('(c) the Configuration deleted: its own go, the tunnel stays, and nobody says anything', async () => {
    const { onMilan, milan } = pair;
    await onMilan.remove(CONFIGURATION);

    await eventually('what is left', async () => {
      const left = await onMilan.names();
      return !left.some((name) => /^(Network|FirewallConfiguration)\//.test(name));
    });
    expect(await onMilan.names()).to.deep.equal([
      'Connection/gw-rome',
      'Deployment/gw-rome',
      'GatewayServer/rome',
      'GeneveTunnel/rome-milan-node',
      'InternalFabric/rome',
      'Pod',
      'PublicKey/rome',
      'RouteConfiguration/rome-node-gw',
      'Secret/gw-rome',
      'Service/gw-rome',
      'ServiceAccount/rome',
      'WgGatewayServer/rome',
    ]);
    await untilRefreshed(onMilan);
    expect(valueOf(await onMilan.get(CONNECTION))).to.equal('Connected');
    // Also at the end of probes/i-j.
    await eventually('the Configuration is missed, in the last place', async () =>
      (await onMilan.conditions()).at(3)?.includes('NetworkConfigurationMissing'),
    );
    expect(await onMilan.conditions()).to.deep.equal([
      ['NetworkGatewayPresence', 'Ready', 'GatewayPresence'],
      ['NetworkGatewayServerStatus', 'Ready', 'GatewaysReady'],
      ['NetworkConnectionStatus', 'Established', 'ConnectionEstablished'],
      ['NetworkConfigurationStatus', 'NotReady', 'NetworkConfigurationMissing'],
    ]);

    await createConfiguration(milan, 'rome');

    const again = await onMilan.until(
      CONFIGURATION,
      'status',
      (object) => listAt(object, 'status.remote.cidr.pod').length > 0,
    );
    expect(valueAt(again, 'status.remote.cidr')).to.deep.equal({
      pod: ['10.71.0.0/16'],
      external: ['10.68.0.0/16'],
    });
    await eventually('condition in its new place', async () =>
      (await onMilan.conditions()).at(3)?.includes('NetworkConfigurationPresence'),
    );
  });

  it('(d2) a second PublicKey with the same key: nothing is said of it, here and there', async () => {
    const { onRome, onMilan, milan } = pair;
    const key = await onMilan.get(PUBLIC_KEY);
    const { labels = {} } = key!.metadata;
    const second = { ...key!, metadata: { name: 'second', namespace: tenant('rome'), labels } };
    const before = await onMilan.conditions();

    await milan.client.create(PUBLIC_KEY, second, { signal });
    await untilRefreshed(onMilan);
    await untilRefreshed(onRome);

    expect(valueOf(await onMilan.get(CONNECTION))).to.equal('Connected');
    expect(await onMilan.conditions()).to.deep.equal(before);
    await onMilan.remove(PUBLIC_KEY, 'second');
    await untilRefreshed(onMilan);
    expect(valueOf(await onMilan.get(CONNECTION))).to.equal('Connected');
  });
});
