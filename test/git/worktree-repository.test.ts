import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  ConfigError,
  GitPathNotFoundError,
  GitSourceInvalidError,
} from '../../src/errors/errors.ts';
import { createTempGit, type TempGit } from '../support/temp-git.ts';
import { open, pathsOf, readNow, rejection, signal, textOf } from './read-source.ts';

describe('a work tree', () => {
  let temp: TempGit;

  beforeEach(async () => {
    temp = await createTempGit();
  });

  afterEach(() => temp.remove());

  it('is read as it lies, with what is not committed, and again at every read', async () => {
    const commit = await temp.commit({ 'a.yaml': 'committed', 'b.txt': 'b' });
    const source = open(temp.root, { worktree: true });
    await temp.write({ 'a.yaml': 'changed', 'net/new.yml': 'n', '.git/x.yaml': 'x' });
    const first = await readNow(source);
    await temp.write({ 'a.yaml': 'changed again' });

    const second = await readNow(source);

    expect(first.revision).to.equal(`worktree@sha1:${commit}`);
    expect(pathsOf(first)).to.deep.equal(['a.yaml', 'net/new.yml']);
    expect(textOf(first, 'a.yaml')).to.equal('changed');
    expect(textOf(second, 'a.yaml')).to.equal('changed again');
  });

  it('may have no commit yet', async () => {
    await temp.write({ 'a.yaml': 'a' });

    const { revision, files } = await readNow(open(temp.root, { worktree: true }));

    expect(revision).to.equal(`worktree@sha1:${'0'.repeat(40)}`);
    expect(files).to.have.length(1);
  });

  it('names links and submodules without following them, and large files without their content', async () => {
    await temp.commit({ 'dir/a.yaml': 'a', 'large.yaml': 'x'.repeat(65_537) });
    await symlink('dir', join(temp.root, 'linked'));
    await mkdir(join(temp.root, 'module/.git'), { recursive: true });
    await temp.write({ 'module/inner.yaml': 'i' });

    const { files } = await readNow(open(temp.root, { worktree: true }));

    expect(
      files.map(({ path, kind, size, bytes }) => [path, kind, size, bytes?.length]),
    ).to.deep.equal([
      ['dir/a.yaml', 'file', 1, 1],
      ['large.yaml', 'file', 65_537, undefined],
      ['linked', 'symlink', 0, undefined],
      ['module', 'submodule', 0, undefined],
    ]);
  });

  it('is read below a folder, and a folder that is not there is missed', async () => {
    await temp.write({ 'net/a.yaml': 'a', 'other.yaml': 'o' });
    const open_ = (path: string) => open(temp.root, { worktree: true, path });

    const errors = await Promise.all(
      ['gone', 'other.yaml'].map((path) => rejection(readNow(open_(path)))),
    );

    expect(pathsOf(await readNow(open_('net')))).to.deep.equal(['net/a.yaml']);
    for (const error of errors) expect(error).to.be.instanceOf(GitPathNotFoundError);
  });

  it('stops at one file more than a desired state may have', async () => {
    for (let folder = 0; folder < 140; folder += 1) {
      const names = Array.from({ length: 150 }, (_, index) => [`d${folder}/f${index}.yaml`, 'x']);
      await temp.write(Object.fromEntries(names) as Record<string, string>);
    }

    const { files } = await readNow(open(temp.root, { worktree: true }));

    expect(files).to.have.length(20_001);
  }).timeout(120_000);

  it('is not there in a bare repository, and nowhere else', async () => {
    await temp.commit({ 'a.yaml': 'a' });

    const bare = await rejection(readNow(open(join(temp.root, '.git'), { worktree: true })));
    const gone = await rejection(readNow(open(join(temp.root, 'gone'), { worktree: true })));

    expect(bare).to.be.instanceOf(GitSourceInvalidError);
    expect(gone).to.be.instanceOf(GitSourceInvalidError);
  }).timeout(60_000);

  it('has no ref to choose, and no URL', () => {
    expect(() => open(temp.root, { worktree: true, ref: 'main' })).to.throw(ConfigError);
    expect(() => open('https://git.example/x.git', { worktree: true })).to.throw(ConfigError);
  });

  it('ends quietly when it is called off', async () => {
    await temp.write({ 'a.yaml': 'a' });
    const source = open(temp.root, { worktree: true });
    const { commit } = await source.resolve({ signal });

    const error = await rejection(source.read(commit, { signal: AbortSignal.abort() }));

    expect(error).to.have.property('name', 'AbortError');
  });
});
