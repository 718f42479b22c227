import { expect } from 'chai';
import { listAt, numberAt, textAt } from '../../../../src/sandbox/liqo/fields.ts';
import {
  CONNECTION,
  DEPLOYMENT,
  GATEWAY_CLIENT,
  INTERNAL_FABRIC,
  POD,
  WG_GATEWAY_CLIENT,
} from '../../../../src/sandbox/liqo/kinds.ts';
import { tenant } from '../leaf-pair.ts';
import { type ProbedPair, startProbedPair, untilSays } from './probed-pair.ts';

const signal = new AbortController().signal;

// probes/g-h, with the generations of level-d-2; its part h is in level-d.test.ts.
describe('probe: (g) the client’s endpoint changed in place', () => {
  let pair: ProbedPair;
  afterEach(() => pair.stop());

  it('restarts the pod: Error with a wrong port, Connected with the right one', async () => {
    pair = await startProbedPair();
    const { onRome, rome } = pair;
    const port = numberAt(await onRome.get(GATEWAY_CLIENT), 'spec.endpoint.port');
    const pod = async () =>
      (await rome.client.list(POD, { namespace: tenant('milan'), signal })).items[0];
    const former = await pod();

    await onRome.change(GATEWAY_CLIENT, { spec: { endpoint: { port: 30000 } } });

    await pair.bothSay('Error');
    const wg = await onRome.get(WG_GATEWAY_CLIENT);
    const deployment = await onRome.get(DEPLOYMENT);
    expect([wg?.metadata.generation, deployment?.metadata.generation]).to.deep.equal([4, 2]);
    const restarted = await pod();
    expect(restarted?.metadata.uid).to.not.equal(former?.metadata.uid);
    const fabric = await onRome.until(
      INTERNAL_FABRIC,
      'address',
      (object) => textAt(object, 'spec.gatewayIP') === textAt(restarted, 'status.podIP'),
    );
    expect(fabric.metadata.generation).to.equal(4);
    const args = listAt(restarted, 'spec.containers.1.args');
    expect(args).to.include('--endpoint-port=30000');

    await onRome.change(GATEWAY_CLIENT, { spec: { endpoint: { port } } });
    await pair.bothSay('Connected');
    expect((await onRome.get(WG_GATEWAY_CLIENT))?.metadata.generation).to.equal(5);
  });

  it('gives as the first latency after a reconnection the age of a ping that waited', async () => {
    pair = await startProbedPair({ steps: { pingInterval: 40, refreshInterval: 80 } });
    const { onRome, rome } = pair;
    const latency = (object: unknown) => textAt(object, 'status.latency.value') ?? '';
    rome.liqo.faults.tunnelLost(true);
    await untilSays(onRome, 'Error');
    rome.liqo.faults.tunnelLost(false);

    const first = await untilSays(onRome, 'Connected');

    // Five pings were lost before the Error.
    expect(parseInt(latency(first), 10)).to.be.at.least(200);
    await onRome.until(CONNECTION, 'a measurement', (object) =>
      /^(\d+μs|[1-9]ms)$/.test(latency(object)),
    );
  });
});
