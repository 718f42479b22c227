import { expect } from 'chai';
import {
  ClusterUnreachableError,
  InvariantError,
  WriteConflictError,
} from '../../src/errors/errors.ts';
import { applyMirror, type MirrorResult } from '../../src/mirror/apply-mirror.ts';
import { desired, existing, plan, SOURCE, wantLeaf, wantShortcut } from './builders.ts';
import { FakeMain } from './fake-main.ts';

const { signal } = new AbortController();

function outcomes(results: readonly MirrorResult[]): readonly string[] {
  return results.map(({ write, result }) => `${write.action} ${write.ref.name} ${result.kind}`);
}

describe('applying the plan of the mirror', () => {
  let main: FakeMain;

  beforeEach(() => {
    main = new FakeMain();
  });

  it('makes leaves before shortcuts, and takes them away after them', async () => {
    main.put(existing(wantLeaf('naples'), { source: SOURCE }));
    main.put(existing(wantShortcut('old', { clusters: ['turin', 'rome'] }), { source: SOURCE }));
    const wanted = desired([wantShortcut('new'), wantLeaf('rome'), wantLeaf('milan')]);

    const results = await applyMirror(plan({ desired: wanted, actual: main.actual }), {
      writer: main,
      signal,
    });

    expect(main.writes).to.deep.equal([
      'apply LeafCluster/liqo-shortcuts/milan',
      'apply LeafCluster/liqo-shortcuts/rome',
      'apply Shortcut/liqo-shortcuts/new',
      'delete Shortcut/liqo-shortcuts/old',
      'delete LeafCluster/liqo-shortcuts/naples',
    ]);
    expect(outcomes(results)).to.deep.equal([
      'create milan done',
      'create rome done',
      'create new done',
      'delete old done',
      'delete naples done',
    ]);
  });

  it('goes on after a failure, and reports it', async () => {
    main.fault = { on: /milan/, error: new ClusterUnreachableError('gone') };
    const wanted = desired([wantLeaf('milan'), wantLeaf('rome'), wantShortcut('a')]);

    const results = await applyMirror(plan({ desired: wanted }), { writer: main, signal });

    expect(outcomes(results)).to.deep.equal([
      'create milan failed',
      'create rome done',
      'create a done',
    ]);
  });

  it('reports what it does not understand as a bug', async () => {
    main.fault = { on: /./, error: new TypeError('oops') };

    const [one] = await applyMirror(plan({ desired: desired([wantLeaf('rome')]) }), {
      writer: main,
      signal,
    });

    expect(one?.result).to.have.property('error').instanceOf(InvariantError);
  });

  it('does not take over an object that turned up meanwhile', async () => {
    const create = plan({ desired: desired([wantShortcut('a')]) });
    main.put(existing(wantShortcut('a')));

    const [one] = await applyMirror(create, { writer: main, signal });

    expect(one?.result).to.have.property('error').instanceOf(WriteConflictError);
  });

  it('neither changes nor deletes an object that is another one by now', async () => {
    const seen = [
      existing(wantShortcut('a', { labels: { x: 'y' } }), { source: SOURCE }),
      existing(wantShortcut('b'), { source: SOURCE }),
    ];
    const stale = plan({ desired: desired([wantShortcut('a')]), actual: seen });
    for (const object of seen) {
      main.put({ ...object, metadata: { ...object.metadata, uid: 'new' } });
    }

    const results = await applyMirror(stale, { writer: main, signal });

    expect(outcomes(results)).to.deep.equal(['update a failed', 'delete b failed']);
  });

  it('is content when what it deletes is gone already', async () => {
    const stale = plan({ actual: [existing(wantShortcut('a'), { source: SOURCE })] });

    const results = await applyMirror(stale, { writer: main, signal });

    expect(outcomes(results)).to.deep.equal(['delete a unchanged']);
  });

  it('never has more than eight writes under way', async () => {
    const leaves = Array.from({ length: 40 }, (_, index) => wantLeaf(`l${index}`));

    await applyMirror(plan({ desired: desired(leaves) }), { writer: main, signal });

    expect(main.objects.size).to.equal(40);
    expect(main.busiest).to.equal(8);
  });

  it('writes nothing for what is kept, blocked or unknown', async () => {
    const unknown = plan({ desired: desired([wantShortcut('a')]), actual: undefined });
    const blocked = plan({
      desired: desired([wantShortcut('a')]),
      actual: [existing(wantShortcut('a'))],
    });

    await applyMirror(unknown, { writer: main, signal });
    await applyMirror(blocked, { writer: main, signal });

    expect(main.writes).to.deep.equal([]);
  });

  it('ends quietly when it is called off', async () => {
    const wanted = plan({ desired: desired([wantLeaf('rome'), wantShortcut('a')]) });

    const error = await applyMirror(wanted, { writer: main, signal: AbortSignal.abort() }).catch(
      (caught: unknown) => caught,
    );

    expect(error).to.have.property('name', 'AbortError');
    expect(main.writes).to.deep.equal([]);
  });
});
