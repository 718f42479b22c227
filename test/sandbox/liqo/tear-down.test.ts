import { expect } from 'chai';
import { SECRET } from '../../../src/model/kinds.ts';
import { uidOf, valueAt } from '../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../src/sandbox/liqo/kinds.ts';
import {
  connect,
  connectionValue,
  createServer,
  createConfiguration,
  eventually,
  find,
  startPair,
  stopAll,
  tenant,
  type TestLeaf,
  untilConnection,
} from './leaf-pair.ts';

const signal = new AbortController().signal;
describe('tear-down on a simulated leaf', () => {
  let rome: TestLeaf;
  let milan: TestLeaf;

  beforeEach(async () => {
    ({ rome, milan } = await startPair('1.2', {
      steps: { pingInterval: 10, refreshInterval: 40, finalizer: 100 },
    }));
    await connect(rome, milan);
  });

  afterEach(() => stopAll(rome, milan));

  it('lets a gateway made again too early carry the endpoint of the dying one', async () => {
    const former = await find(milan, kinds.GATEWAY_SERVER, tenant('rome'), 'rome');
    const endpoint = valueAt(former, 'status.endpoint');
    const ref = { kind: kinds.GATEWAY_SERVER, namespace: tenant('rome'), name: 'rome' };
    await milan.client.delete(ref, { signal });
    const again = await createServer(milan, 'rome');

    const stale = await eventually('old endpoint on the new gateway', async () => {
      const server = await find(milan, kinds.GATEWAY_SERVER, tenant('rome'), 'rome');
      return valueAt(server, 'status.endpoint') === undefined ? undefined : server;
    });
    expect(uidOf(stale)).to.equal(uidOf(again));
    expect(valueAt(stale, 'status.endpoint')).to.deep.equal(endpoint);

    await eventually('a WgGateway of its own, and its own Deployment', async () => {
      const wg = await find(milan, kinds.WG_GATEWAY_SERVER, tenant('rome'), 'rome');
      const server = await find(milan, kinds.GATEWAY_SERVER, tenant('rome'), 'rome');
      return (
        wg?.metadata.ownerReferences?.[0]?.uid === uidOf(again) &&
        valueAt(wg, 'status.internalEndpoint.ip') !== undefined &&
        valueAt(server, 'status.serverRef.uid') === uidOf(wg)
      );
    });
  });

  it('ruins a connection made anew while the garbage collector stood still', async () => {
    milan.server.faults.garbageCollection(false);
    const server = { kind: kinds.GATEWAY_SERVER, namespace: tenant('rome'), name: 'rome' };
    await milan.client.delete(server, { signal });
    await createServer(milan, 'rome');
    expect(await connectionValue(milan, 'rome')).to.equal('Connected');

    milan.server.faults.garbageCollection(true);
    await eventually('Secret and Connection gone', async () => {
      const secret = await find(milan, SECRET, tenant('rome'), 'gw-rome');
      return secret === undefined && (await connectionValue(milan, 'rome')) === undefined;
    });
    await untilConnection('Error', [rome, 'milan']);
  });

  it('of one side leaves the other in Error', async () => {
    const client = { kind: kinds.GATEWAY_CLIENT, namespace: tenant('milan'), name: 'milan' };
    await rome.client.delete(client, { signal });

    await untilConnection('Error', [milan, 'rome']);
  });

  it('and re-creation of a Configuration gets fresh Networks in the end', async () => {
    const ref = { kind: kinds.CONFIGURATION, namespace: tenant('rome'), name: 'rome' };
    await milan.client.delete(ref, { signal });
    const again = await createConfiguration(milan, 'rome');

    await eventually('configured with Networks of its own', async () => {
      const { items } = await milan.client.list(kinds.NETWORK, {
        namespace: tenant('rome'),
        signal,
      });
      const configuration = await find(milan, kinds.CONFIGURATION, tenant('rome'), 'rome');
      return (
        items.length === 2 &&
        items.every(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uidOf(again)) &&
        valueAt(configuration, 'status.remote.cidr.pod') !== undefined
      );
    });
  });
});
