import { expect } from 'chai';
import type { ResourceKind } from '../../../src/model/kube-object.ts';
import { textAt, uidOf, valueAt } from '../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../src/sandbox/liqo/kinds.ts';
import { createTunnelNetwork } from '../../../src/sandbox/liqo/tunnel-network.ts';
import {
  connect,
  connectionValue,
  createPublicKey,
  eventually,
  find,
  startLeaf,
  startPair,
  stopAll,
  tenant,
  type TestLeaf,
  untilConnection,
} from './leaf-pair.ts';

const signal = new AbortController().signal;
const NAMESPACE = tenant('rome');

/** What makes "Connected" say less than it seems (liqo/observed/README.md). */
describe('lies of a simulated leaf', () => {
  let rome: TestLeaf;
  let milan: TestLeaf;

  beforeEach(async () => {
    ({ rome, milan } = await startPair());
    await connect(rome, milan);
  });

  afterEach(() => stopAll(rome, milan));

  function remove(kind: ResourceKind, name: string): Promise<void> {
    return milan.client.delete({ kind, namespace: NAMESPACE, name }, { signal });
  }

  it('says Connecting for a fresh Connection whose peer has no key yet', async () => {
    await remove(kinds.PUBLIC_KEY, 'rome');
    await remove(kinds.CONNECTION, 'gw-rome');
    const { items } = await milan.client.list(kinds.POD, { namespace: NAMESPACE, signal });
    await remove(kinds.POD, items[0]?.metadata.name ?? '');
    await untilConnection('Error', [rome, 'milan']);
    expect(await connectionValue(milan, 'rome')).to.equal(undefined);

    const server = await find(milan, kinds.GATEWAY_SERVER, NAMESPACE, 'rome');
    const other = Buffer.alloc(32, 9).toString('base64');
    const stop = new AbortController();
    const seen = await valuesOfConnections(milan, stop.signal);
    await createPublicKey(milan, 'rome', other, server!);

    await untilConnection('Error', [milan, 'rome']);
    await eventually('the watch has caught up', () => Promise.resolve(seen.includes('Error')));
    stop.abort();
    // A look from time to time would miss it: it lasts for five pings.
    expect(seen.filter((value) => value !== '')).to.deep.equal(['Connecting', 'Error']);
    const connection = await find(milan, kinds.CONNECTION, NAMESPACE, 'gw-rome');
    expect(valueAt(connection, 'spec.gatewayRef.uid')).to.equal(uidOf(server!));
  });
});

/** Every value that a Connection of the leaf takes from now on, in order; each once in a row. */
async function valuesOfConnections(leaf: TestLeaf, called: AbortSignal): Promise<string[]> {
  const { resourceVersion } = await leaf.client.list(kinds.CONNECTION, { signal });
  const values: string[] = [];
  async function follow(): Promise<void> {
    const watch = leaf.client.watch(kinds.CONNECTION, { resourceVersion, signal: called });
    for await (const event of watch) {
      if (event.type === 'BOOKMARK') continue;
      const value = textAt(event.object, 'status.value') ?? '';
      if (values.at(-1) !== value) values.push(value);
    }
  }
  follow().catch(() => undefined);
  return values;
}

describe('a simulated gateway that hangs', () => {
  it('keeps its value while the other side reports the loss, and goes on afterwards', async () => {
    const network = createTunnelNetwork();
    // milan would be the first to say Error, if it said anything.
    const rome = await startLeaf('rome', network, {
      address: '172.30.0.12',
      options: { steps: { pingInterval: 50 } },
    });
    const milan = await startLeaf('milan', network, {
      address: '172.30.0.13',
      options: { steps: { pingInterval: 2 } },
    });
    try {
      await connect(rome, milan);
      milan.liqo.faults.gatewayStopped(true);
      await untilConnection('Error', [rome, 'milan']);
      expect(await connectionValue(milan, 'rome')).to.equal('Connected');

      milan.liqo.faults.gatewayStopped(false);

      await untilConnection('Connected', [rome, 'milan'], [milan, 'rome']);
    } finally {
      await stopAll(rome, milan);
    }
  });
});
