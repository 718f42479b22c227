import { expect } from 'chai';
import { eventually } from './leaf-pair.ts';
import { connect, LiqoctlError, reset } from './recorded/liqoctl.ts';
import { objectsOn } from './recorded/normalised-objects.ts';
import { type RecordedPair, startRecordedPair } from './recorded/recorded-pair.ts';
import { grant, HUB, type Right } from './recorded/recorded-rights.ts';
import { readRecording } from './recorded/recording-files.ts';

interface Outcome {
  /** liqoctl's exit code; undefined: not run, because connect had failed. */
  readonly connect: number;
  readonly reset: number | undefined;
  /** What liqoctl said; the API server's own words are part of it, if any are. */
  readonly text: string;
}

const LINE = /^without (\w+) (\S+) (\w+) \[.*?\]: connect rc=(\d) (.*?)reset rc=([\d-]) ?(.*)$/;

function parseLine(line: string): readonly [Right, Outcome] {
  const [, verb = '', group = '', resource = '', connected, why = '', again, more = ''] =
    LINE.exec(line) ?? [];
  const outcome = {
    connect: Number(connected),
    reset: again === '-' ? undefined : Number(again),
    text: `${why}${more}`,
  };
  return [{ verb, group, resource }, outcome];
}

/** Runs one command as liqoctl would: 0, or 1 and the reason. */
async function exitCode(command: Promise<void>): Promise<readonly [number, string]> {
  try {
    await command;
    return [0, ''];
  } catch (error) {
    if (!(error instanceof LiqoctlError)) throw error;
    return [1, error.message];
  }
}

const recorded = (await readRecording('rbac/liqoctl-without-one-right.txt'))
  .split('\n')
  .filter((line) => line.startsWith('without '))
  .map(parseLine);

describe('liqoctl with the recorded rights', () => {
  let pair: RecordedPair;

  before(async () => {
    pair = await startRecordedPair({}, HUB);
  });
  after(() => pair.stop());

  /** Namespaces stay, as after reset; that they can be missing is for the first cases. */
  async function cleanUp(): Promise<void> {
    for (const leaf of [pair.rome, pair.milan]) await grant(leaf, 'liqoctl.yaml');
    // Exit code 1 as long as the first cases have not got as far as namespaces.
    await exitCode(reset(pair.client, pair.server));
    for (const leaf of [pair.rome, pair.milan]) {
      await eventually('nothing left of the peering', async () =>
        (await objectsOn(leaf)).every(
          ({ kind, metadata }) =>
            kind === 'Namespace' || !(metadata.namespace ?? '').startsWith('liqo-tenant-'),
        ),
      );
    }
  }

  for (const [right, outcome] of recorded) {
    const { verb, group, resource } = right;
    it(`but without ${verb} ${group} ${resource}: connect ${outcome.connect}, reset ${outcome.reset ?? '-'}`, async () => {
      for (const leaf of [pair.rome, pair.milan]) await grant(leaf, 'liqoctl.yaml', right);

      const [connected, why] = await exitCode(connect(pair.client, pair.server));
      const [again, more] =
        connected === 0 ? await exitCode(reset(pair.client, pair.server)) : [undefined, ''];

      expect({ connect: connected, reset: again }, why).to.deep.equal({
        connect: outcome.connect,
        reset: outcome.reset,
      });
      if (outcome.text.includes('is forbidden: User')) {
        expect(outcome.text).to.include(`${why}${more}`).and.to.include(resource);
        expect(`${why}${more}`).to.not.equal('');
      }
      await cleanUp();
    });
  }

  it('are enough for connect and reset', async () => {
    for (const leaf of [pair.rome, pair.milan]) await grant(leaf, 'liqoctl.yaml');

    await connect(pair.client, pair.server);
    await reset(pair.client, pair.server);
  });
});
