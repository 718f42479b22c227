import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ClusterUnreachableError } from '../../src/errors/errors.ts';
import { createSource } from '../../src/git/create-source.ts';
import type { Source } from '../../src/git/source.ts';
import { createMirror, type Mirror, type MirrorDeps } from '../../src/mirror/mirror.ts';
import { ANNOTATION_REVISION } from '../../src/model/names.ts';
import { createLogger, type Logger } from '../../src/runtime/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { createTempGit, makeTempDir, type TempGit } from '../support/temp-git.ts';
import { existing, SOURCE, wantLeaf, wantShortcut } from './builders.ts';
import { FakeMain } from './fake-main.ts';

const { signal } = new AbortController();

function leafFile(name: string): string {
  return [
    'apiVersion: shortcuts.liqo.io/v1alpha1',
    'kind: LeafCluster',
    `metadata: { name: ${name} }`,
    `spec: { kubeconfigSecretRef: { name: ${name}-kubeconfig } }`,
    '',
  ].join('\n');
}

function shortcutFile(a: string, b: string, server = 'auto'): string {
  return [
    'apiVersion: shortcuts.liqo.io/v1alpha1',
    'kind: Shortcut',
    `metadata: { name: ${a}-${b} }`,
    `spec: { clusters: [${a}, ${b}], server: ${server} }`,
    '',
  ].join('\n');
}

const FLEET = {
  'net/leaves/rome.yaml': leafFile('rome'),
  'net/leaves/milan.yaml': leafFile('milan'),
  'net/shortcuts/rome-milan.yaml': shortcutFile('rome', 'milan'),
};

const ALL = [
  'LeafCluster/liqo-shortcuts/milan',
  'LeafCluster/liqo-shortcuts/rome',
  'Shortcut/liqo-shortcuts/rome-milan',
];

describe('the mirror', () => {
  let temp: TempGit;
  let main: FakeMain;
  let dataDir: string;
  let clock: FakeClock;
  let lines: string[];
  let logger: Logger;
  let looks: number;

  beforeEach(async () => {
    [temp, dataDir] = await Promise.all([createTempGit(), makeTempDir()]);
    main = new FakeMain();
    clock = new FakeClock();
    lines = [];
    logger = createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } });
    looks = 0;
  });

  afterEach(async () => {
    await Promise.all([temp.remove(), rm(dataDir, { recursive: true, force: true })]);
  });

  /** The source, with its looks counted. */
  function counted(source: Source): Source {
    return {
      ...source,
      resolve: (options) => {
        looks += 1;
        return source.resolve(options);
      },
    };
  }

  function start(deps: Partial<MirrorDeps> = {}): Mirror {
    return createMirror({
      source: counted(createSource({ location: temp.root, path: 'net', clock })),
      sourceName: SOURCE,
      namespace: 'liqo-shortcuts',
      actual: () => main.actual,
      writer: main,
      guard: { maxDeletions: 5, maxDeletionsPercent: 30 },
      clock,
      logger,
      dataDir,
      ...deps,
    });
  }

  function present(): readonly string[] {
    return [...main.objects.keys()].sort();
  }

  it('brings a revision to the main cluster, and says so', async () => {
    const commit = await temp.commit(FLEET);
    const mirror = start();

    const report = await mirror.pass({ signal, trigger: 'schedule' });

    expect(present()).to.deep.equal(ALL);
    expect(report.revision).to.equal(`main@sha1:${commit}`);
    expect(report.trigger).to.equal('schedule');
    expect(mirror.snapshot()).to.deep.equal({
      location: temp.root,
      ref: '',
      path: 'net',
      revisionAttempted: `main@sha1:${commit}`,
      revisionApplied: `main@sha1:${commit}`,
      lastPollAt: '2026-01-01T00:00:00.000Z',
      problems: [],
      held: [],
    });
    expect(lines).to.have.length(3);
  });

  it('writes and says nothing when nothing changed', async () => {
    await temp.commit(FLEET);
    const mirror = start();
    await mirror.pass({ signal, trigger: 'schedule' });
    main.writes.splice(0);
    lines.splice(0);

    const report = await mirror.pass({ signal, trigger: 'schedule' });

    expect(main.writes).to.deep.equal([]);
    expect(report.results).to.deep.equal([]);
    expect(lines).to.deep.equal([]);
  });

  it('saves a revision once', async () => {
    await temp.commit(FLEET);
    const mirror = start();
    await mirror.pass({ signal, trigger: 'schedule' });
    await rm(dataDir, { recursive: true });

    await mirror.pass({ signal, trigger: 'schedule' });

    expect(existsSync(dataDir)).to.equal(false);
  });

  it('touches only what a commit changed', async () => {
    const first = await temp.commit(FLEET);
    const mirror = start();
    await mirror.pass({ signal, trigger: 'schedule' });
    main.writes.splice(0);

    const second = await temp.commit({
      'net/shortcuts/rome-milan.yaml': shortcutFile('rome', 'milan', 'rome'),
    });
    await mirror.pass({ signal, trigger: 'git' });

    expect(main.writes).to.deep.equal([`apply ${ALL[2]!}`]);
    const revisions = ALL.map(
      (name) => main.objects.get(name)?.metadata.annotations?.[ANNOTATION_REVISION],
    );
    expect(revisions).to.deep.equal([first, first, second].map((commit) => `main@sha1:${commit}`));
  });

  it('puts back what somebody deleted, without asking the source again', async () => {
    await temp.commit(FLEET);
    const mirror = start();
    await mirror.pass({ signal, trigger: 'schedule' });
    main.objects.delete(ALL[2]!);

    await mirror.pass({ signal, trigger: 'cluster-change' });

    expect(present()).to.deep.equal(ALL);
    expect(looks).to.equal(1);
  });

  it('asks the source at the first change of the cluster', async () => {
    await temp.commit(FLEET);

    await start().pass({ signal, trigger: 'cluster-change' });

    expect(present()).to.deep.equal(ALL);
  });

  it('deletes a shortcut first, and its leaf when it is gone', async () => {
    await temp.commit(FLEET);
    const mirror = start();
    await mirror.pass({ signal, trigger: 'schedule' });
    await temp.git('rm', '-q', 'net/leaves/milan.yaml', 'net/shortcuts/rome-milan.yaml');
    await temp.commit();

    await mirror.pass({ signal, trigger: 'git' });
    const held = mirror.snapshot().held.map(({ resource }) => resource);
    const between = present();
    await mirror.pass({ signal, trigger: 'cluster-change' });

    expect(held).to.deep.equal([ALL[0]]);
    expect(between).to.deep.equal(ALL.slice(0, 2));
    expect(present()).to.deep.equal([ALL[1]]);
    expect(mirror.snapshot().held).to.deep.equal([]);
  });

  it('keeps what a broken file may stand for, and brings what is good beside it', async () => {
    await temp.commit(FLEET);
    const mirror = start();
    await mirror.pass({ signal, trigger: 'schedule' });

    await temp.commit({
      'net/shortcuts/rome-milan.yaml': 'kind: [',
      'net/leaves/naples.yaml': leafFile('naples'),
    });
    const report = await mirror.pass({ signal, trigger: 'git' });

    expect(present()).to.deep.equal([ALL[0], 'LeafCluster/liqo-shortcuts/naples', ALL[1], ALL[2]]);
    expect(report.desired?.complete).to.equal(false);
    const { problems, held } = mirror.snapshot();
    expect(problems.map(({ file }) => file)).to.deep.equal(['net/shortcuts/rome-milan.yaml']);
    expect(held.map(({ resource, reason }) => [resource, reason])).to.deep.equal([
      [ALL[2], 'invalid-files'],
    ]);
  });

  it('knows the leaves that somebody else registered', async () => {
    await temp.commit({
      'net/rome.yaml': leafFile('rome'),
      'net/rome-turin.yaml': shortcutFile('rome', 'turin'),
    });
    const mirror = start();
    const before = await mirror.pass({ signal, trigger: 'schedule' });

    main.put(existing(wantLeaf('turin')));
    const after = await mirror.pass({ signal, trigger: 'cluster-change' });

    expect(before.desired?.problems.map(({ code }) => code)).to.deep.equal(['unknown-leaf']);
    expect(after.desired?.problems).to.deep.equal([]);
    expect(present()).to.include('Shortcut/liqo-shortcuts/rome-turin');
  });

  describe('stands by the last good revision', () => {
    const misfortunes: readonly { name: string; code: string; strike: () => Promise<unknown> }[] = [
      {
        name: 'when the repository is gone',
        code: 'GIT_SOURCE_INVALID',
        strike: () => rename(join(temp.root, '.git'), join(temp.root, 'moved')),
      },
      {
        name: 'when the repository is empty',
        code: 'GIT_REF_NOT_FOUND',
        strike: async () => {
          await rm(join(temp.root, '.git'), { recursive: true });
          await temp.git('init', '-q', '-b', 'main');
        },
      },
      {
        name: 'when the folder has vanished',
        code: 'GIT_PATH_NOT_FOUND',
        strike: async () => {
          await temp.git('mv', 'net', 'elsewhere');
          await temp.commit();
        },
      },
      {
        name: 'when objects are damaged',
        code: 'GIT_SOURCE_INVALID',
        strike: async () => {
          await temp.commit({ 'net/new.yaml': leafFile('naples') });
          const blob = await temp.git('rev-parse', 'HEAD:net/new.yaml');
          await rm(join(temp.root, '.git/objects', blob.slice(0, 2), blob.slice(2)));
        },
      },
    ];
    for (const restarted of [false, true]) {
      for (const { name, code, strike } of misfortunes) {
        it(`${name}${restarted ? ', and after a restart' : ''}`, async () => {
          const commit = await temp.commit(FLEET);
          const first = start();
          await first.pass({ signal, trigger: 'schedule' });
          await strike();
          main.objects.delete(ALL[2]!);
          lines.splice(0);

          const mirror = restarted ? start() : first;
          const report = await mirror.pass({ signal, trigger: 'schedule' });
          await mirror.pass({ signal, trigger: 'schedule' });

          expect(present()).to.deep.equal(ALL);
          expect(report.revision).to.equal(`main@sha1:${commit}`);
          expect(report.error?.code).to.equal(code);
          expect(mirror.snapshot().error?.code).to.equal(code);
          expect(mirror.snapshot().revisionApplied).to.equal(`main@sha1:${commit}`);
          expect(lines.filter((line) => line.includes('Source cannot be read'))).to.have.length(1);
        });
      }
    }

    it('deletes nothing by it, since it may be older than what the cluster holds', async () => {
      await temp.commit(FLEET);
      const mirror = start();
      await mirror.pass({ signal, trigger: 'schedule' });
      main.put(existing(wantShortcut('newer'), { source: SOURCE }));
      await rename(join(temp.root, '.git'), join(temp.root, 'moved'));

      await mirror.pass({ signal, trigger: 'schedule' });

      expect(present()).to.include('Shortcut/liqo-shortcuts/newer');
      expect(mirror.snapshot().held.map(({ reason }) => reason)).to.deep.equal(['invalid-files']);
    });

    it('and goes on when the source is back, through a force push', async () => {
      await temp.commit(FLEET);
      const mirror = start();
      await mirror.pass({ signal, trigger: 'schedule' });
      await rename(join(temp.root, '.git'), join(temp.root, 'moved'));
      await mirror.pass({ signal, trigger: 'schedule' });
      await rename(join(temp.root, 'moved'), join(temp.root, '.git'));
      await temp.git('checkout', '-q', '--orphan', 'other');
      const commit = await temp.commit({ 'net/leaves/naples.yaml': leafFile('naples') });
      await temp.git('branch', '-q', '-f', 'main', commit);
      await temp.git('checkout', '-q', 'main');

      await mirror.pass({ signal, trigger: 'schedule' });

      expect(present()).to.include('LeafCluster/liqo-shortcuts/naples');
      expect(mirror.snapshot()).to.not.have.property('error');
      expect(mirror.snapshot().revisionApplied).to.equal(`main@sha1:${commit}`);
    });
  });

  describe('looks at how a revision follows the one before', () => {
    it('and says nothing where it goes on', async () => {
      await temp.commit(FLEET);
      const mirror = start();
      await mirror.pass({ signal, trigger: 'schedule' });
      await temp.commit({ 'net/leaves/naples.yaml': leafFile('naples') });

      const report = await mirror.pass({ signal, trigger: 'schedule' });

      expect(report).not.to.have.property('history');
      expect(mirror.snapshot()).not.to.have.property('history');
    });

    for (const restarted of [false, true]) {
      it(`and tells once of a force push${restarted ? ' during a restart' : ''}`, async () => {
        const from = await temp.commit(FLEET);
        let mirror = start();
        await mirror.pass({ signal, trigger: 'schedule' });
        if (restarted) mirror = start();
        await temp.git('commit', '-q', '--amend', '-m', 'amended');
        const to = await temp.git('rev-parse', 'HEAD');

        const { history } = await mirror.pass({ signal, trigger: 'schedule' });
        const change = await mirror.pass({ signal, trigger: 'cluster-change' });
        const look = await mirror.pass({ signal, trigger: 'schedule' });

        expect(history).to.deep.equal({
          change: 'rewritten',
          from: `main@sha1:${from}`,
          to: `main@sha1:${to}`,
          at: new Date(clock.now()).toISOString(),
        });
        expect([change, look].filter((report) => 'history' in report)).to.deep.equal([]);
        expect(mirror.snapshot().history).to.deep.equal(history);
        expect(lines.filter((line) => line.includes('History was rewritten'))).to.have.length(1);
      });
    }

    it('and cannot tell where that fails, which is no reason to keep to the old one', async () => {
      await temp.commit(FLEET);
      const source = createSource({ location: temp.root, path: 'net', clock });
      const mirror = start({
        source: { ...source, descent: () => Promise.reject(new Error('lost')) },
      });
      await mirror.pass({ signal, trigger: 'schedule' });
      const to = await temp.commit({ 'net/leaves/naples.yaml': leafFile('naples') });

      const report = await mirror.pass({ signal, trigger: 'schedule' });

      expect(report.history?.change).to.equal('unknown');
      expect(mirror.snapshot().revisionApplied).to.equal(`main@sha1:${to}`);
    });
  });

  it('does nothing when there never was a revision', async () => {
    main.put(existing(wantShortcut('a'), { source: SOURCE }));

    const mirror = start();
    const report = await mirror.pass({ signal, trigger: 'schedule' });

    expect(report).to.not.have.property('revision');
    expect(report.plan.actions).to.deep.equal([]);
    expect(main.writes).to.deep.equal([]);
    expect(mirror.snapshot().error?.code).to.equal('GIT_REF_NOT_FOUND');
  });

  it('does without a data folder, and with one that cannot be written', async () => {
    const commit = await temp.commit(FLEET);
    const file = join(dataDir, 'file');
    await writeFile(file, '');

    for (const place of [undefined, file]) {
      const report = await start({ dataDir: place }).pass({ signal, trigger: 'schedule' });
      expect(report.revision).to.equal(`main@sha1:${commit}`);
    }

    expect(lines.filter((line) => line.includes('cannot be kept'))).to.have.length(1);
  });

  it('only plans without a writer', async () => {
    await temp.commit(FLEET);
    const mirror = start({ writer: undefined });

    const report = await mirror.pass({ signal, trigger: 'manual' });

    expect(report.plan.actions.map(({ action }) => action)).to.deep.equal([
      'create',
      'create',
      'create',
    ]);
    expect(main.writes).to.deep.equal([]);
    expect(mirror.snapshot()).to.not.have.property('revisionApplied');
  });

  it('writes nothing to a main cluster that was not seen', async () => {
    await temp.commit(FLEET);
    const mirror = start({ actual: () => undefined });

    const report = await mirror.pass({ signal, trigger: 'schedule' });

    expect(report.plan.actions.map(({ action }) => action)).to.deep.equal([
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(mirror.snapshot()).to.not.have.property('revisionApplied');
  });

  it('does not call a revision applied while a write fails, and tries again', async () => {
    await temp.commit(FLEET);
    const mirror = start();
    main.fault = { on: /milan/, error: new ClusterUnreachableError('gone') };
    await mirror.pass({ signal, trigger: 'schedule' });
    const before = mirror.snapshot();
    main.fault = undefined;

    await mirror.pass({ signal, trigger: 'retry' });

    expect(before).to.not.have.property('revisionApplied');
    expect(before.error).to.deep.equal({ code: 'CLUSTER_UNREACHABLE', message: 'gone' });
    expect(mirror.snapshot().revisionApplied).to.match(/^main@/);
    expect(mirror.snapshot()).to.not.have.property('error');
    expect(lines.filter((line) => line.includes('Mirroring failed'))).to.have.length(2);
  });

  it('ends quietly when it is called off', async () => {
    await temp.commit(FLEET);
    const mirror = start();

    const error = await mirror
      .pass({ signal: AbortSignal.abort(), trigger: 'schedule' })
      .catch((caught: unknown) => caught);

    expect(error).to.have.property('name', 'AbortError');
    expect(main.writes).to.deep.equal([]);
  });
});
