import { expect } from 'chai';
import { textAt } from '../../../../src/sandbox/liqo/fields.ts';
import { CONNECTION, PUBLIC_KEY } from '../../../../src/sandbox/liqo/kinds.ts';
import type { LiqoVersion } from '../../../../src/sandbox/liqo/liqo-version.ts';
import {
  connect,
  createConfiguration,
  createServer,
  endpointOf,
  startPair,
  stopAll,
  tenant,
  type TestLeaf,
  untilConnection,
} from '../leaf-pair.ts';
import { isBefore12, VERSIONS } from './every-version.ts';

const signal = new AbortController().signal;

describe('versions of Liqo: Connection', () => {
  for (const version of VERSIONS) {
    const isOld = isBefore12(version);

    it(`${version}: a PublicKey event ${isOld ? 'sets the Connection back to Connecting' : 'leaves the Connection alone'}`, () =>
      withPair(version, async (milan) => {
        const values = await valuesAfterTouch(milan);

        expect(values).to.deep.equal(isOld ? ['Connecting', 'Connected'] : []);
      }));
  }
});

async function withPair(
  version: LiqoVersion,
  use: (milan: TestLeaf) => Promise<void>,
): Promise<void> {
  const steps = { pingInterval: 10, refreshInterval: 10_000, handshake: 20 };
  const { rome, milan } = await startPair(version, { steps });
  try {
    await connect(rome, milan);
    await use(milan);
  } finally {
    await stopAll(rome, milan);
  }
}

/** What the Connection says after a touch of the PublicKey, until the leaf has seen a later change. */
async function valuesAfterTouch(milan: TestLeaf): Promise<readonly unknown[]> {
  const { resourceVersion } = await milan.client.list(CONNECTION, { signal });
  const stopping = new AbortController();
  const events = milan.client.watch(CONNECTION, { resourceVersion, signal: stopping.signal });
  const values: unknown[] = [];
  const following = (async () => {
    for await (const event of events) {
      if (event.type !== 'BOOKMARK') values.push(textAt(event.object, 'status.value'));
    }
  })().catch(() => undefined);
  const ref = { kind: PUBLIC_KEY, namespace: tenant('rome'), name: 'rome' };
  await milan.client.patch(ref, { metadata: { annotations: { touched: 'x' } } }, { signal });
  await createConfiguration(milan, 'later');
  await createServer(milan, 'later');
  await endpointOf(milan, 'later');
  await untilConnection('Connected', [milan, 'rome']);
  stopping.abort();
  await following;
  return values;
}
