import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { eventually } from './leaf-pair.ts';
import { connect, type LiqoctlRequest } from './recorded/liqoctl.ts';
import { normalised, objectsOn } from './recorded/normalised-objects.ts';
import { type RecordedPair, startRecordedPair } from './recorded/recorded-pair.ts';
import { readRecordedLines, readRecordedObjects } from './recorded/recording-files.ts';

type Objects = ReturnType<typeof normalised>;

/** Waits for the gateways' word on the last rules, which comes after liqoctl is done. */
async function settledOn(pair: RecordedPair, recorded: Objects): Promise<Objects> {
  let simulated: Objects = {};
  await eventually('the recorded objects', async () => {
    simulated = normalised({
      rome: await objectsOn(pair.rome),
      milan: await objectsOn(pair.milan),
    });
    return isDeepStrictEqual(simulated, recorded);
  }).catch(() => undefined);
  return simulated;
}

/** Polling asks the same several times over; how often is a matter of speed. */
function withoutPolls(requests: readonly LiqoctlRequest[]): readonly LiqoctlRequest[] {
  return requests.filter(({ uri }, index) => requests[index + 1]?.uri !== uri);
}

describe('liqoctl network connect, replayed on simulated leaves', () => {
  let pair: RecordedPair;
  let simulated: Objects;
  let recorded: Objects;

  before(async () => {
    recorded = normalised({
      rome: await readRecordedObjects('connect-real-tunnel/rome.yaml'),
      milan: await readRecordedObjects('connect-real-tunnel/milan.yaml'),
    });
    pair = await startRecordedPair();
    await connect(pair.client, pair.server);
    simulated = await settledOn(pair, recorded);
  });

  after(() => pair.stop());

  for (const leaf of ['rome', 'milan']) {
    it(`${leaf} holds the recorded objects, and no others`, () => {
      expect(Object.keys(simulated[leaf] ?? {})).to.deep.equal(Object.keys(recorded[leaf] ?? {}));
    });

    it(`${leaf} holds each object as recorded`, () => {
      for (const [key, object] of Object.entries(recorded[leaf] ?? {})) {
        expect(simulated[leaf]?.[key], key).to.deep.equal(object);
      }
    });

    it(`${leaf} gets the recorded requests in the recorded order`, async () => {
      const side = leaf === 'rome' ? pair.client : pair.server;
      const wanted = await readRecordedLines<LiqoctlRequest>(
        `connect/liqoctl-requests-${leaf}.jsonl`,
      );

      const created = side.requests.filter(({ uri }) => uri !== '/api/v1/namespaces');
      expect(withoutPolls(created)).to.deep.equal(withoutPolls(wanted));
    });
  }
});
