import { spawnSync } from 'node:child_process';
import { readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  ConfigError,
  GitPathNotFoundError,
  GitRefNotFoundError,
  GitSourceInvalidError,
} from '../../src/errors/errors.ts';
import { createTempGit, makeTempDir, runGit, type TempGit } from '../support/temp-git.ts';
import { open, pathsOf, readNow, rejection, signal, textOf } from './read-source.ts';

/** Writes a tree object of the given lines (`mode type oid\tname`), however strange. */
function writeTree(root: string, lines: readonly string[]): string {
  const options = { cwd: root, input: lines.join('\n'), encoding: 'utf8' } as const;
  return spawnSync('git', ['mktree'], options).stdout.trim();
}

describe('a local repository', () => {
  let temp: TempGit;

  beforeEach(async () => {
    temp = await createTempGit();
  });

  afterEach(() => temp.remove());

  it('gives what may hold desired state, by path, from the commit and not from the work tree', async () => {
    const commit = await temp.commit({
      'b.yaml': 'b',
      'a/x.yml': 'x',
      'readme.md': 'not ours',
      '.shortcutsignore': '*.md',
      '.github/workflow.yaml': 'hidden',
    });
    await temp.write({ 'b.yaml': 'changed', 'new.yaml': 'untracked' });

    const checkout = await readNow(open(temp.root));

    expect(checkout.revision).to.equal(`main@sha1:${commit}`);
    expect(checkout.commit).to.equal(commit);
    expect(pathsOf(checkout)).to.deep.equal(['.shortcutsignore', 'a/x.yml', 'b.yaml']);
    expect(textOf(checkout, 'b.yaml')).to.equal('b');
  });

  it('gives the very same object for a file that has not changed, whatever else has', async () => {
    await temp.commit({ 'same.yaml': 's', 'other.yaml': '1', 'moved.yaml': 'm', 'gone.yaml': 'g' });
    const source = open(temp.root);
    const before = await readNow(source);
    await temp.git('mv', 'moved.yaml', 'here.yaml');
    await temp.git('rm', '-q', 'gone.yaml');
    await temp.commit({ 'other.yaml': '2' });

    const after = await readNow(source);

    expect(pathsOf(after)).to.deep.equal(['here.yaml', 'other.yaml', 'same.yaml']);
    expect(after.files.map((file) => before.files.includes(file))).to.deep.equal([
      false,
      false,
      true,
    ]);
    expect(textOf(after, 'other.yaml')).to.equal('2');
    expect(textOf(after, 'here.yaml')).to.equal('m');
  });

  it('sees that a file has become a link', async () => {
    await temp.commit({ 'a.yaml': 'target' });
    const source = open(temp.root);
    await readNow(source);
    await rm(join(temp.root, 'a.yaml'));
    await symlink('target', join(temp.root, 'a.yaml'));
    await temp.commit();

    const { files } = await readNow(source);

    expect(files.map(({ kind }) => kind)).to.deep.equal(['symlink']);
  });

  it('names symbolic links and submodules without following them', async () => {
    await temp.commit({ 'real.yaml': 'r' });
    await symlink('/etc/passwd', join(temp.root, 'link.yaml'));
    const allow = 'protocol.file.allow=always';
    await temp.git('-c', allow, 'submodule', 'add', '-q', temp.root, 'module');
    await temp.commit();

    const { files } = await readNow(open(temp.root));

    expect(files.map(({ path, kind, bytes }) => [path, kind, bytes?.length])).to.deep.equal([
      ['link.yaml', 'symlink', undefined],
      ['module', 'submodule', undefined],
      ['real.yaml', 'file', 1],
    ]);
  });

  it('keeps the size but not the content of a file above 64 KiB', async () => {
    await temp.commit({ 'limit.yaml': 'x'.repeat(65_536), 'over.yaml': 'x'.repeat(65_537) });

    const { files } = await readNow(open(temp.root));

    expect(files.map(({ size, bytes }) => [size, bytes?.length])).to.deep.equal([
      [65_536, 65_536],
      [65_537, undefined],
    ]);
  });

  it('stops at one file more than a desired state may have', async () => {
    await temp.commit({ 'a.yaml': 'a' });
    const blob = await temp.git('rev-parse', 'HEAD:a.yaml');
    const files = Array.from({ length: 150 }, (_, index) => `100644 blob ${blob}\tf${index}.yaml`);
    const folder = writeTree(temp.root, files);
    const folders = Array.from({ length: 140 }, (_, index) => `040000 tree ${folder}\td${index}`);
    const commit = await temp.git('commit-tree', '-m', 'x', writeTree(temp.root, folders));

    const checkout = await readNow(open(temp.root, { ref: commit }));

    expect(checkout.files).to.have.length(20_001);
  }).timeout(60_000);

  it('refuses a tree that unfolds without end', async () => {
    await temp.commit({ 'a.txt': 'a' });
    let oid = await temp.git('rev-parse', 'HEAD:a.txt');
    for (let depth = 0; depth < 4; depth += 1) {
      const entry = depth === 0 ? '100644 blob' : '040000 tree';
      const lines = Array.from({ length: 60 }, (_, index) => `${entry} ${oid}\tn${index}`);
      oid = writeTree(temp.root, lines);
    }
    const commit = await temp.git('commit-tree', '-m', 'x', oid);

    const error = await rejection(readNow(open(temp.root, { ref: commit })));

    expect(error).to.be.instanceOf(GitSourceInvalidError);
  }).timeout(60_000);

  for (const name of ['..', '.git']) {
    it(`refuses a tree with an entry "${name}"`, async () => {
      await temp.commit({ 'a.yaml': 'a' });
      const blob = await temp.git('rev-parse', 'HEAD:a.yaml');
      const line = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, 'hex')]);
      await writeFile(join(temp.root, 'raw-tree'), line);
      const tree = await temp.git('hash-object', '-t', 'tree', '-w', '--literally', 'raw-tree');
      const commit = await temp.git('commit-tree', '-m', 'x', tree);

      const error = await rejection(readNow(open(temp.root, { ref: commit })));

      expect(error).to.be.instanceOf(GitSourceInvalidError);
    });
  }

  describe('refs', () => {
    let first: string;
    let second: string;

    beforeEach(async () => {
      first = await temp.commit({ 'a.yaml': '1' });
      await temp.git('tag', 'light');
      await temp.git('tag', '-a', 'heavy', '-m', 'annotated');
      second = await temp.commit({ 'a.yaml': '2' });
      await temp.git('branch', 'feature/x', first);
      await temp.git('update-ref', 'refs/remotes/origin/dev', first);
    });

    const cases = [
      { name: 'the default branch', ref: '', want: () => `main@sha1:${second}` },
      { name: 'HEAD by its name', ref: 'HEAD', want: () => `main@sha1:${second}` },
      { name: 'a branch', ref: 'feature/x', want: () => `feature/x@sha1:${first}` },
      { name: 'a full ref', ref: 'refs/heads/main', want: () => `main@sha1:${second}` },
      { name: 'a tag', ref: 'light', want: () => `light@sha1:${first}` },
      { name: 'an annotated tag, peeled', ref: 'heavy', want: () => `heavy@sha1:${first}` },
      { name: 'a remote branch', ref: 'origin/dev', want: () => `origin/dev@sha1:${first}` },
    ];
    for (const packed of [false, true]) {
      for (const { name, ref, want } of cases) {
        it(`resolves ${name}${packed ? ', packed' : ''}`, async () => {
          if (packed) await temp.git('gc', '-q');

          const { revision } = await readNow(open(temp.root, { ref }));

          expect(revision).to.equal(want());
        });
      }
    }

    for (const length of [40, 12]) {
      it(`resolves a commit given with ${length} digits`, async () => {
        const { revision } = await readNow(open(temp.root, { ref: first.slice(0, length) }));

        expect(revision).to.equal(`detached@sha1:${first}`);
      });
    }

    it('resolves a detached HEAD', async () => {
      await temp.git('checkout', '-q', '--detach', first);

      const { revision } = await readNow(open(temp.root));

      expect(revision).to.equal(`detached@sha1:${first}`);
    });

    for (const ref of ['nope', 'refs/heads/nope', 'abcdef1', '0'.repeat(40)]) {
      it(`says that "${ref}" does not exist`, async () => {
        const error = await rejection(readNow(open(temp.root, { ref })));

        expect(error).to.be.instanceOf(GitRefNotFoundError);
      });
    }

    it('says that a commit which is read does not exist', async () => {
      const error = await rejection(open(temp.root).read('1'.repeat(40), { signal }));

      expect(error).to.be.instanceOf(GitRefNotFoundError);
    });
  });

  it('is empty of refs before the first commit, which is an error', async () => {
    const error = await rejection(open(temp.root).resolve({ signal }));

    expect(error).to.be.instanceOf(GitRefNotFoundError);
  });

  describe('the folder to read', () => {
    beforeEach(() => temp.commit({ 'net/a.yaml': 'a', 'net/deep/b.yaml': 'b', 'other.yaml': 'o' }));

    for (const path of ['net', './net/', 'net/../net']) {
      it(`may be given as "${path}", and files keep their full path`, async () => {
        const checkout = await readNow(open(temp.root, { path }));

        expect(checkout.path).to.equal('net');
        expect(pathsOf(checkout)).to.deep.equal(['net/a.yaml', 'net/deep/b.yaml']);
      });
    }

    it('is relative to a location inside the work tree', async () => {
      const checkout = await readNow(open(join(temp.root, 'net'), { path: 'deep' }));

      expect(checkout.path).to.equal('net/deep');
      expect(pathsOf(checkout)).to.deep.equal(['net/deep/b.yaml']);
    });

    for (const path of ['gone', 'net/gone', 'other.yaml']) {
      it(`is missed when it is "${path}"`, async () => {
        const error = await rejection(readNow(open(temp.root, { path })));

        expect(error).to.be.instanceOf(GitPathNotFoundError);
      });
    }

    for (const path of ['..', '../x', 'a/../../b', '/etc']) {
      it(`may not be "${path}"`, () => {
        expect(() => open(temp.root, { path })).to.throw(ConfigError);
      });
    }
  });

  describe('layouts', () => {
    it('reads a bare repository', async () => {
      const commit = await temp.commit({ 'a.yaml': 'a' });
      const bare = join(temp.root, 'bare.git');
      await temp.git('clone', '-q', '--bare', '.', bare);

      expect((await readNow(open(bare))).revision).to.equal(`main@sha1:${commit}`);
    });

    it('reads a linked work tree, with its own HEAD', async () => {
      await temp.commit({ 'a.yaml': 'a' });
      const linked = join(temp.root, 'linked');
      await temp.git('worktree', 'add', '-q', '-b', 'side', linked);
      await writeFile(join(linked, 'side.yaml'), 's');
      await runGit(linked, ['add', '-A']);
      await runGit(linked, ['commit', '-q', '-m', 'side']);

      const checkout = await readNow(open(linked));

      expect(checkout.revision).to.match(/^side@/);
      expect(pathsOf(checkout)).to.deep.equal(['a.yaml', 'side.yaml']);
    });

    it('reads a submodule, whose folder lies elsewhere', async () => {
      await temp.commit({ 'a.yaml': 'a' });
      const allow = 'protocol.file.allow=always';
      await temp.git('-c', allow, 'submodule', 'add', '-q', temp.root, 'module');

      expect(pathsOf(await readNow(open(join(temp.root, 'module'))))).to.deep.equal(['a.yaml']);
    });

    it('reads a shallow clone', async () => {
      await temp.commit({ 'a.yaml': '1' });
      await temp.commit({ 'a.yaml': '2' });
      const clone = join(temp.root, 'clone');
      await temp.git('clone', '-q', '--depth', '1', `file://${temp.root}`, clone);

      expect(textOf(await readNow(open(clone)), 'a.yaml')).to.equal('2');
    });

    it('refuses a folder that is no repository, and one that does not exist', async () => {
      const folder = await makeTempDir();
      const errors = await Promise.all(
        [folder, join(folder, 'gone')].map((place) => rejection(open(place).resolve({ signal }))),
      );
      await rm(folder, { recursive: true });

      for (const error of errors) expect(error).to.be.instanceOf(GitSourceInvalidError);
    });
  });

  it('answers with the same object while nothing changed, and with the new files after a force push', async () => {
    await temp.commit({ 'a.yaml': '1' });
    const source = open(temp.root);
    const first = await readNow(source);

    const again = await readNow(source);
    await temp.git('checkout', '-q', '--orphan', 'other');
    const commit = await temp.commit({ 'a.yaml': 'unrelated' });
    await temp.git('branch', '-q', '-f', 'main', commit);
    await temp.git('checkout', '-q', 'main');
    const forced = await readNow(source);

    expect(again).to.equal(first);
    expect(textOf(forced, 'a.yaml')).to.equal('unrelated');
  });

  it('reads on while its owner commits and packs', async () => {
    await temp.commit({ 'a.yaml': '0' });
    const source = open(temp.root);
    const rounds = { done: 0 };
    const owner = (async () => {
      for (let round = 1; round <= 5; round += 1) {
        await temp.commit({ 'a.yaml': String(round) });
        await temp.git('gc', '-q', '--prune=now');
        rounds.done = round;
      }
    })();

    let reads = 0;
    while (rounds.done < 5) {
      expect(pathsOf(await readNow(source))).to.deep.equal(['a.yaml']);
      reads += 1;
    }
    await owner;

    expect(reads).to.be.greaterThan(0);
    expect(textOf(await readNow(source), 'a.yaml')).to.equal('5');
  }).timeout(60_000);

  it('says that it is damaged when objects are', async () => {
    await temp.commit({ 'a.yaml': 'a' });
    await temp.git('gc', '-q');
    const packs = join(temp.root, '.git/objects/pack');
    for (const name of await readdir(packs)) {
      if (name.endsWith('.pack')) await rm(join(packs, name));
    }

    const error = await rejection(readNow(open(temp.root)));

    expect(error).to.be.instanceOf(GitSourceInvalidError);
  });

  it('says that it is damaged when an index of a pack is cut off', async () => {
    await temp.commit({ 'a.yaml': 'a' });
    await temp.git('gc', '-q');
    const packs = join(temp.root, '.git/objects/pack');
    const index = (await readdir(packs)).find((name) => name.endsWith('.idx')) ?? '';
    await rm(join(packs, index));
    await writeFile(join(packs, index), '');
    await truncate(join(packs, index), 100);

    const error = await rejection(readNow(open(temp.root)));

    expect(error).to.be.instanceOf(GitSourceInvalidError);
  });

  it('ends quietly when it is called off', async () => {
    const commit = await temp.commit({ 'a.yaml': 'a' });

    const error = await rejection(open(temp.root).read(commit, { signal: AbortSignal.abort() }));

    expect(error).to.have.property('name', 'AbortError');
  });
});
