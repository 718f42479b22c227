import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { eventually } from './leaf-pair.ts';
import { connect, disconnect, reset } from './recorded/liqoctl.ts';
import { normalised, objectsOn } from './recorded/normalised-objects.ts';
import { type RecordedPair, startRecordedPair } from './recorded/recorded-pair.ts';
import { readRecordedObjects } from './recorded/recording-files.ts';

type Objects = ReturnType<typeof normalised>;

/** What the recordings say is left, without what only earlier connections on the same cluster had brought about. */
async function recordedAfter(what: 'disconnect' | 'reset'): Promise<Objects> {
  return withoutHistory({
    rome: await readRecordedObjects(`${what}/left-rome.yaml`),
    milan: await readRecordedObjects(`${what}/left-milan.yaml`),
  });
}

/**
 * These recordings were made without real gateways, on clusters that had been connected before: no `Applied` conditions,
 * no webhook to name rules, and generations and an order of conditions that tell of the past.
 */
function withoutHistory(leaves: Parameters<typeof normalised>[0]): Objects {
  const objects = normalised(leaves);
  return JSON.parse(JSON.stringify(objects), (key, value: unknown) => {
    if (key === 'generation' || (key === 'name' && value === '<UUID>')) return undefined;
    if (key === 'status' && JSON.stringify(value).includes('"host"')) return undefined;
    return key === 'conditions' ? (value as { type: string }[]).toSorted(byType) : value;
  }) as Objects;
}

function byType(one: { readonly type: string }, other: { readonly type: string }): number {
  return one.type < other.type ? -1 : 1;
}

async function untilLeft(pair: RecordedPair, recorded: Objects): Promise<Objects> {
  let left: Objects = {};
  await eventually('what the recording has left', async () => {
    left = withoutHistory({ rome: await objectsOn(pair.rome), milan: await objectsOn(pair.milan) });
    return isDeepStrictEqual(left, recorded);
  }).catch(() => undefined);
  return left;
}

describe('liqoctl network disconnect and reset, replayed on simulated leaves', () => {
  let pair: RecordedPair;

  before(async () => {
    pair = await startRecordedPair();
    await connect(pair.client, pair.server);
  });

  after(() => pair.stop());

  it('disconnect leaves the recorded objects, each as recorded', async () => {
    const recorded = await recordedAfter('disconnect');

    await disconnect(pair.client, pair.server);

    expect(await untilLeft(pair, recorded)).to.deep.equal(recorded);
  });

  it('reset after that leaves the recorded objects, each as recorded', async () => {
    const recorded = await recordedAfter('reset');

    await reset(pair.client, pair.server);

    expect(await untilLeft(pair, recorded)).to.deep.equal(recorded);
  });
});
