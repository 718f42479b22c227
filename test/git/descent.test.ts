import { rm } from 'node:fs/promises';

import { expect } from 'chai';

import { type CommitHeader, findDescent } from '../../src/git/descent.ts';
import type { Source } from '../../src/git/source.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { createTempGit, makeTempDir, runGit, type TempGit } from '../support/temp-git.ts';
import { open, readNow, signal } from './read-source.ts';

/** `commit date parents…`, a line each; dates in hours. */
function history(text: string): (commit: string) => Promise<CommitHeader | undefined> {
  const headers = new Map(
    text.split('\n').map((line) => {
      const [commit = '', date = '', ...parents] = line.trim().split(' ');
      return [commit, { parents, date: Number(date) * 3_600 }] as const;
    }),
  );
  return (commit) => Promise.resolve(headers.get(commit));
}

function descentOf(read: ReturnType<typeof history>, isComplete = false) {
  return findDescent({ from: 'a', to: 'b' }, { read, isComplete });
}

describe('descent', () => {
  const cases = [
    { name: 'a child', commits: 'b 2 a\na 1', want: 'descends' },
    { name: 'a child that the clock calls older', commits: 'b 1 a\na 9', want: 'descends' },
    { name: 'a grandchild', commits: 'b 3 m\nm 2 a\na 1', want: 'descends' },
    { name: 'a merge', commits: 'b 3 x a\na 2\nx 1', want: 'descends' },
    { name: 'an amended commit', commits: 'b 3 p\na 2 p', want: 'rewritten' },
    { name: 'an earlier commit', commits: 'a 3 b\nb 2 c', want: 'rewritten' },
    { name: 'a much earlier commit', commits: 'a 9 d\nd 8 c\nc 7 b\nb 6 x', want: 'rewritten' },
    {
      name: 'a rebase of several',
      commits: 'b 9 n\nn 8 p\na 7 m\nm 6 p\np 5 q',
      want: 'rewritten',
    },
    { name: 'an unrelated one', commits: 'b 3 c\nc 2\na 1', want: 'rewritten' },
    { name: 'what is too old', commits: 'b 5 c\nc 1 d\na 4', want: 'rewritten' },
    { name: 'what may be younger by its clock', commits: 'b 5 c\nc 3.5 d\na 4', want: 'unknown' },
    { name: 'what is not at hand', commits: 'b 3 c\na 2', want: 'unknown' },
    { name: 'nothing at hand', commits: '', want: 'unknown' },
    { name: 'a former commit that is gone', commits: 'b 3 c\nc 2', want: 'rewritten' },
  ];
  for (const { name, commits, want } of cases) {
    it(`is ${want}: ${name}`, async () => {
      expect(await descentOf(history(commits))).to.equal(want);
    });
  }

  it('takes what is not at hand for older where all that is younger was fetched', async () => {
    const read = history('b 3 c\na 2');

    expect(await descentOf(read, true)).to.equal('rewritten');
  });

  it('gives up on a history without end', async () => {
    let reads = 0;
    const read = (commit: string): Promise<CommitHeader> => {
      reads += 1;
      return Promise.resolve({ parents: [`${commit}'`], date: 5 });
    };

    expect(await descentOf(read)).to.equal('unknown');
    expect(reads).to.be.lessThan(10_000);
  });
});

describe('the history of a repository', function () {
  this.timeout(60_000);
  let temp: TempGit;
  let server: GitServer;
  let dataDir: string;

  beforeEach(async () => {
    [temp, dataDir] = await Promise.all([createTempGit(), makeTempDir()]);
    server = await startGitServer(temp.root);
    await temp.commit({ 'a.yaml': 'first' }, '2026-01-01T00:00:00Z');
    await temp.commit({ 'a.yaml': 'base' }, '2026-01-02T00:00:00Z');
    await temp.commit({ 'a.yaml': 'tip' }, '2026-01-03T00:00:00Z');
  });
  afterEach(async () => {
    await server.stop();
    await Promise.all([temp.remove(), rm(dataDir, { recursive: true, force: true })]);
  });

  const sources: readonly { readonly name: string; readonly make: () => Source }[] = [
    { name: 'on this machine', make: () => open(temp.root) },
    { name: 'as a work tree', make: () => open(temp.root, { worktree: true }) },
    { name: 'over http', make: () => open(`${server.url}/.git`) },
    { name: 'over http, with a data folder', make: () => open(`${server.url}/.git`, { dataDir }) },
  ];

  const changes = [
    { name: 'goes on', want: 'descends', commits: 1 },
    { name: 'goes on by several commits', want: 'descends', commits: 4 },
    { name: 'has its last commit amended', want: 'rewritten', reset: 'HEAD~1', commits: 1 },
    { name: 'is rebased', want: 'rewritten', reset: 'HEAD~1', commits: 4 },
    { name: 'is reset to an earlier commit', want: 'rewritten', reset: 'HEAD~2', commits: 0 },
    { name: 'is replaced by another', want: 'rewritten', orphan: true, commits: 3 },
  ];

  for (const source of sources) {
    for (const { name, want, reset, orphan, commits } of changes) {
      it(`${want === 'descends' ? 'is whole' : 'is rewritten'} when it ${name}: ${source.name}`, async () => {
        const opened = source.make();
        const { commit: from } = await readNow(opened);
        if (reset !== undefined) await temp.git('reset', '-q', '--hard', reset);
        if (orphan === true) {
          await temp.git('checkout', '-q', '--orphan', 'other');
          await temp.git('branch', '-q', '-D', 'main');
          await temp.git('branch', '-m', 'main');
        }
        for (let count = 1; count <= commits; count += 1) {
          await temp.commit({ 'a.yaml': `new ${count}` }, `2026-02-0${count}T00:00:00Z`);
        }
        const { commit: to } = await readNow(opened);

        expect(await opened.descent({ from, to }, { signal })).to.equal(want);
      });
    }
  }

  it('is told after a restart, by what the data folder holds', async () => {
    const { commit: from } = await readNow(open(`${server.url}/.git`, { dataDir }));
    await temp.git('commit', '-q', '--amend', '-m', 'amended');
    const again = open(`${server.url}/.git`, { dataDir });
    const { commit: to } = await readNow(again);

    expect(await again.descent({ from, to }, { signal })).to.equal('rewritten');
  });

  it('asks the server nothing where a commit goes on from the one before', async () => {
    for (const options of [{}, { dataDir }]) {
      const source = open(`${server.url}/.git`, options);
      const { commit: from } = await readNow(source);
      await temp.commit({ 'a.yaml': `next ${Object.keys(options).length}` });
      const { commit: to } = await readNow(source);
      server.requests.splice(0);

      await source.descent({ from, to }, { signal });

      expect(server.requests).to.deep.equal([]);
    }
  });

  it('is never downloaded because of a rewritten branch', async () => {
    const bulk = (seed: number) =>
      Buffer.from(Uint32Array.from({ length: 100_000 }, (_, index) => (index * seed) >>> 3).buffer);
    for (let seed = 1; seed <= 8; seed += 1) {
      await temp.commit({ 'bulk.bin': bulk(seed * 7919) }, `2026-01-0${seed}T12:00:00Z`);
    }
    await temp.commit({ 'bulk.bin': 'small' }, '2026-01-20T00:00:00Z');
    await temp.commit({ 'a.yaml': 'tip' }, '2026-01-21T00:00:00Z');
    const source = open(`${server.url}/.git`, { dataDir });
    const { commit: from } = await readNow(source);
    await temp.git('reset', '-q', '--hard', 'HEAD~1');
    await temp.commit({ 'a.yaml': 'other' }, '2026-01-22T00:00:00Z');
    await temp.commit({ 'a.yaml': 'another' }, '2026-01-22T00:00:00Z');
    const { commit: to } = await readNow(source);
    const before = server.counters.bytesSent;

    expect(await source.descent({ from, to }, { signal })).to.equal('rewritten');
    expect(server.counters.bytesSent - before).to.be.lessThan(3_000);
  });

  it('cannot be told of a shallow clone where it goes back further', async () => {
    const from = await temp.git('rev-parse', 'HEAD');
    for (let count = 1; count <= 4; count += 1) {
      await temp.commit({ 'a.yaml': `new ${count}` }, '2026-01-03T00:10:00Z');
    }
    const clone = `${dataDir}/clone`;
    await runGit(temp.root, ['clone', '-q', '--depth', '2', `file://${temp.root}`, clone]);
    const source = open(clone);
    const { commit: to } = await readNow(source);

    expect(await source.descent({ from, to }, { signal })).to.equal('unknown');
  });
});
