import { expect } from 'chai';
import { SECRET } from '../../../../src/model/kinds.ts';
import { textAt, uidOf, valueAt } from '../../../../src/sandbox/liqo/fields.ts';
import {
  CONNECTION,
  GATEWAY_SERVER,
  POD,
  PUBLIC_KEY,
  WG_GATEWAY_SERVER,
} from '../../../../src/sandbox/liqo/kinds.ts';
import { eventually, tenant } from '../leaf-pair.ts';
import {
  type ProbedPair,
  startProbedPair,
  TOUCH,
  untilRefreshed,
  untilSays,
  valueOf,
} from './probed-pair.ts';

const signal = new AbortController().signal;

// probes/level-d-1, level-d-2 and level-d-3-secret: what real gateways say and do not say.
describe('probe: what the gateways of a live tunnel do not notice', () => {
  let pair: ProbedPair;

  beforeEach(async () => {
    pair = await startProbedPair();
  });
  afterEach(() => pair.stop());

  it('(d1b) a key of three bytes: nothing happens at all', async () => {
    const { onMilan } = pair;
    const before = await onMilan.get(CONNECTION);
    await onMilan.change(PUBLIC_KEY, { spec: { publicKey: 'AAAA' } });

    await untilRefreshed(onMilan);
    await untilRefreshed(onMilan);

    const after = await onMilan.get(CONNECTION);
    expect(uidOf(after!)).to.equal(uidOf(before!));
    expect(valueOf(after)).to.equal('Connected');
  });

  it('(d4) the key deleted: Connected goes on being refreshed', async () => {
    const { onRome, onMilan } = pair;
    await onMilan.remove(PUBLIC_KEY);
    await onMilan.untilGone(PUBLIC_KEY);

    await untilRefreshed(onRome);
    await untilRefreshed(onMilan);

    expect(valueOf(await onMilan.get(CONNECTION))).to.equal('Connected');
    expect(valueOf(await onRome.get(CONNECTION))).to.equal('Connected');
  });

  it('(h) the Connection deleted: nothing but a touched key brings it back, and that at once', async () => {
    const { onRome, onMilan } = pair;
    await onMilan.remove(CONNECTION);
    await onMilan.untilGone(CONNECTION);
    await onMilan.change(GATEWAY_SERVER, TOUCH);
    await onMilan.change(WG_GATEWAY_SERVER, TOUCH);
    await untilRefreshed(onRome);
    expect(await onMilan.get(CONNECTION)).to.equal(undefined);
    await eventually('missed by the ForeignCluster', async () =>
      (await onMilan.conditions()).at(-1)?.includes('ConnectionMissing'),
    );

    await onMilan.change(PUBLIC_KEY, TOUCH);

    await untilSays(onMilan, 'Connected');
  });

  it('(s) the server’s programs stopped: it stays Connected, the other side turns; then Error first', async () => {
    const { onRome, onMilan, milan } = pair;
    milan.liqo.faults.gatewayStopped(true);
    await untilSays(onRome, 'Error');
    expect(valueOf(await onMilan.get(CONNECTION))).to.equal('Connected');

    const said: unknown[] = [];
    const { resourceVersion } = await milan.client.list(CONNECTION, { signal });
    const stopping = new AbortController();
    const events = milan.client.watch(CONNECTION, { resourceVersion, signal: stopping.signal });
    milan.liqo.faults.gatewayStopped(false);
    for await (const event of events) {
      if (event.type === 'BOOKMARK') continue;
      said.push(valueAt(event.object, 'status.value'));
      if (said.at(-1) === 'Connected') break;
    }
    stopping.abort();

    expect(said).to.deep.equal(['Error', 'Connected']);
    await untilSays(onRome, 'Connected');
  });

  it('(x) the Secret deleted: made again when the WgGateway is touched; the pod has the old key', async () => {
    const { onRome, onMilan, milan } = pair;
    const publicKey = async () => textAt(await onMilan.get(SECRET), 'data.publicKey');
    const former = await publicKey();
    await onMilan.remove(SECRET);
    await onMilan.change(GATEWAY_SERVER, TOUCH);
    await untilRefreshed(onMilan);
    expect(await onMilan.get(SECRET)).to.equal(undefined);
    expect(valueOf(await onMilan.get(CONNECTION))).to.equal('Connected');

    await onMilan.change(WG_GATEWAY_SERVER, TOUCH);

    await onMilan.until(SECRET, 'another key', () => true);
    expect(await publicKey()).to.not.equal(former);
    await untilRefreshed(onRome);
    expect(valueOf(await onRome.get(CONNECTION))).to.equal('Connected');

    await onRome.change(PUBLIC_KEY, { spec: { publicKey: await publicKey() } });
    await pair.bothSay('Error');

    const { items } = await milan.client.list(POD, { namespace: tenant('rome'), signal });
    await onMilan.remove(POD, items[0]?.metadata.name);
    await pair.bothSay('Connected');
  });
});
