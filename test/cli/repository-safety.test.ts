import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import type { ReconcileReport } from '../../src/model/generated/report.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { createTempGit, makeTempDir, runGit, type TempGit } from '../support/temp-git.ts';

const FLEET = {
  'leaves/rome.yaml': leafFile('rome'),
  'leaves/milan.yaml': leafFile('milan'),
  'leaves/naples.yaml': leafFile('naples'),
  'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
};

/** What one pass said, in short. */
interface Said {
  readonly code: number;
  readonly stderr: string;
  /** `code file: message`. */
  readonly problems: readonly string[];
  /** `action Kind/name: reason`, but for what stays as it is. */
  readonly changes: readonly string[];
  readonly report: ReconcileReport;
}

/** Rows of docs/repository-safety.md: what a repository may hold, and what `reconcile --once --offline` makes of it. */
describe('a repository that is not what it should be', function () {
  this.timeout(120_000);
  let temp: TempGit;
  let dir: string;

  beforeEach(async () => {
    [temp, dir] = await Promise.all([createTempGit(), makeTempDir()]);
    await temp.commit(FLEET);
    await temp.git('tag', 'base');
  });
  afterEach(async () => {
    await Promise.all([temp.remove(), rm(dir, { recursive: true, force: true })]);
  });

  async function check(...flags: readonly string[]): Promise<Said> {
    const file = join(dir, 'report.json');
    await rm(file, { force: true });
    const source = flags.includes('--source') ? [] : ['--source', temp.root];
    const output = ['--output', 'json', '--output-file', file];
    const { code, stderr } = await runInProcess(
      ['reconcile', '--once', '--offline', ...source, ...flags, ...output],
      { env: { PATH: process.env['PATH'] ?? '' } },
    );
    const text = await readFile(file, 'utf8').catch(() => '{"problems":[],"changes":[]}');
    const report = JSON.parse(text) as ReconcileReport;
    return {
      code,
      stderr,
      problems: report.problems.map((one) => `${one.code} ${one.file}: ${one.message}`),
      changes: report.changes
        .filter(({ action }) => action !== 'keep' && action !== 'unknown')
        .map(({ action, resource, reason }) => {
          return `${action} ${resource.replace('/liqo-shortcuts', '')}: ${reason}`;
        }),
      report,
    };
  }

  /** A commit whose tree holds one entry of this name, which git itself would not make. */
  async function commitEntry(name: string): Promise<string> {
    const blob = await temp.git('rev-parse', 'HEAD:leaves/rome.yaml');
    const entry = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, 'hex')]);
    await writeFile(join(temp.root, 'raw-tree'), entry);
    const tree = await temp.git('hash-object', '-t', 'tree', '-w', '--literally', 'raw-tree');
    await rm(join(temp.root, 'raw-tree'));
    const commit = await temp.git('commit-tree', '-m', 'x', tree);
    await temp.git('update-ref', 'refs/heads/main', commit);
    return commit;
  }

  for (const worktree of [[], ['--worktree']]) {
    const how = worktree.length === 0 ? 'a commit' : 'a work tree';

    it(`safety 1: follows no symbolic link of ${how}, wherever it leads`, async () => {
      await temp.write({ 'elsewhere.txt': leafFile('turin') });
      await symlink('elsewhere.txt', join(temp.root, 'file.yaml'));
      await symlink('leaves', join(temp.root, 'folder'));
      await symlink('/etc/passwd', join(temp.root, 'passwd.yaml'));
      await symlink('b.yaml', join(temp.root, 'a.yaml'));
      await symlink('a.yaml', join(temp.root, 'b.yaml'));
      await symlink('file.yaml', join(temp.root, 'chain.yaml'));
      if (worktree.length === 0) await temp.commit();

      const { code, problems, report } = await check(...worktree);

      expect(code).to.equal(0);
      expect(problems.map((line) => line.replace(/:.*/, ''))).to.deep.equal(
        ['a.yaml', 'b.yaml', 'chain.yaml', 'file.yaml', 'folder', 'passwd.yaml'].map(
          (name) => `symlink-ignored ${name}`,
        ),
      );
      expect(report.summary.files).to.equal(4);
      expect(JSON.stringify(report)).not.to.include('root:').and.not.include('turin');
    });

    it(`safety 2: looks into no submodule of ${how}`, async () => {
      const module = await createTempGit();
      await module.commit({ 'leaf.yaml': leafFile('turin') });
      const add = ['submodule', 'add', '-q', module.root, 'module'];
      await temp.git('-c', 'protocol.file.allow=always', ...add);
      if (worktree.length === 0) await temp.commit();

      const { code, problems, report } = await check(...worktree);

      expect(code).to.equal(0);
      expect(problems.join()).to.match(/^symlink-ignored module: a submodule is not followed/);
      expect(report.summary.files).to.equal(4);
      await module.remove();
    });

    it(`safety 4: runs nothing that the configuration of the repository names: ${how}`, async () => {
      const marker = join(dir, 'ran');
      const program = join(dir, 'program');
      await writeFile(program, `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 });
      await writeFile(join(dir, 'included'), `[core]\n\tfsmonitor = ${program}\n`);
      await temp.commit({ '.gitattributes': '*.yaml filter=evil diff=evil\n' });
      const settings = {
        'core.fsmonitor': program,
        'core.hooksPath': dir,
        'core.sshCommand': program,
        'core.pager': program,
        'core.gitProxy': program,
        'credential.helper': `!${program}`,
        'diff.external': program,
        'diff.evil.textconv': program,
        'filter.evil.smudge': program,
        'filter.evil.process': program,
        'gpg.program': program,
        'include.path': join(dir, 'included'),
        'uploadpack.packObjectsHook': program,
      };
      for (const [name, value] of Object.entries(settings)) await temp.git('config', name, value);
      for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction']) {
        await writeFile(join(temp.root, '.git/hooks', hook), `#!/bin/sh\ntouch '${marker}'\n`, {
          mode: 0o755,
        });
      }

      const { code, report } = await check(...worktree);

      expect(code).to.equal(0);
      expect(report.summary.files).to.equal(4);
      expect(await readFile(marker).catch(() => 'never ran')).to.equal('never ran');
    });
  }

  const names = ['.git', '.GIT', 'git~1', '..', '.', 'a/b.yaml', '../../b.yaml', 'a\\b.yaml'];
  const streams = ['.git::$INDEX_ALLOCATION', '.git\u200c', 'x.yaml:stream'];
  for (const name of [...names, ...streams]) {
    it(`safety 3: writes nothing for, and never leaves the repository by, the entry ${JSON.stringify(name)}`, async () => {
      const commit = await commitEntry(name);
      const before = await temp.git('status', '--porcelain', '--ignored');

      const { code, report, stderr } = await check('--ref', commit);

      // Either the tree is refused, or the name is a name like others: of a manifest, or of nothing.
      if (code === 2) expect(stderr).to.include('cannot read the repository');
      else {
        const files = report.changes.map(({ file }) => file);
        expect(files).to.deep.equal(name.endsWith('.yaml') ? [name] : []);
      }
      if (/^\.?\.$|^\.git$|\/|\\/i.test(name)) expect(code).to.equal(2);
      expect(await temp.git('status', '--porcelain', '--ignored')).to.equal(before);
    });
  }

  it('safety 3: goes by a file .git where git does, and takes one in a folder for a submodule', async () => {
    const other = await createTempGit();
    await other.commit({ 'leaf.yaml': leafFile('turin') });
    await temp.write({ 'nested/.git': `gitdir: ${other.root}/.git\n` });
    await temp.write({ 'nested/leaf.yaml': leafFile('bari') });

    const { problems, report } = await check('--worktree');

    expect(problems.join()).to.match(/^symlink-ignored nested: a submodule is not followed/);
    expect(report.summary.files).to.equal(4);
    await other.remove();
  });

  it('safety 5: refuses aliases, before they unfold', async () => {
    const bomb = ['a: &a [x, x]', ...'bcdefghijklmnopq'.split('').map(unfold)].join('\n');
    await temp.commit({ 'bomb.yaml': bomb });

    const { code, problems } = await check();

    expect(code).to.equal(1);
    expect(problems[0]).to.include('yaml-alias bomb.yaml: anchors and aliases are refused');
  });

  it('safety 6: refuses what is nested too deeply', async () => {
    await temp.commit({ 'deep.yaml': '['.repeat(30_000), 'maps.yaml': deepMap(200) });

    const { code, problems } = await check();

    expect(code).to.equal(1);
    expect(problems.map((line) => line.replace(/:.*/, ''))).to.deep.equal([
      'yaml-parse-error deep.yaml',
      'yaml-parse-error maps.yaml',
    ]);
    expect(problems[0]).to.include('nested more than 32 levels deep');
  });

  it('safety 7: refuses 10,000 documents in one file', async () => {
    await temp.commit({ 'many.yaml': '---\n{}\n'.repeat(9_000) });

    const { code, problems } = await check();

    expect(code).to.equal(1);
    expect(problems).to.deep.equal([
      'yaml-parse-error many.yaml: the file holds more than 100 documents',
    ]);
  });

  it('safety 8: takes 10,000 files for what they are', async () => {
    const leaves = Array.from({ length: 150 }, (_, index) => `leaf${index}`);
    const pairs = leaves.flatMap((a, at) => leaves.slice(at + 1).map((b) => [a, b] as const));
    const files = [
      ...leaves.map((leaf) => [`leaves/${leaf}.yaml`, leafFile(leaf)]),
      ...pairs
        .slice(0, 9_850)
        .map(([a, b]) => [
          `shortcuts/${a}-${b}.yaml`,
          shortcutFile(`${a}-${b}`, { clusters: [a, b] }),
        ]),
    ];
    await temp.git('rm', '-rq', 'leaves', 'shortcuts');
    await temp.commit(Object.fromEntries(files) as Record<string, string>);

    const { code, report } = await check();

    expect(code).to.equal(0);
    expect(report.summary).to.include({ files: 10_000, valid: 10_000 });
  });

  it('safety 9: names NUL and control characters by their code point', async () => {
    const names = { '\0': 'U+0000', '\u001b': 'U+001B', '\u202e': 'U+202E', '\u200b': 'U+200B' };
    const files = Object.entries(names).map(([character, name]) => {
      return [`${name}.yaml`, leafFile('rome').replace('NodePort', `Node${character}Port`)];
    });
    await temp.commit(Object.fromEntries(files) as Record<string, string>);

    const { code, problems } = await check();

    expect(code).to.equal(1);
    for (const name of Object.values(names)) {
      expect(problems.find((line) => line.includes(`${name}.yaml`))).to.match(
        name === 'U+0000' || name === 'U+001B' ? /U\+00/ : /U\+20/,
      );
    }
  });

  it('safety 10: says of a letter that looks like another which one it is', async () => {
    const cyrillic = 'r\u043eme';
    await temp.commit({
      'clusters.yaml': shortcutFile('a', { clusters: [cyrillic, 'naples'] }),
      'name.yaml': shortcutFile(cyrillic, { clusters: ['rome', 'naples'] }),
    });

    const { code, problems } = await check();

    expect(code).to.equal(1);
    expect(problems[0]).to.match(/^schema-violation clusters\.yaml: spec\.clusters\[0\]/);
    expect(problems[1]).to.match(/^invalid-name name\.yaml: metadata\.name/);
    for (const line of problems) {
      expect(line).to.include(String.raw`"r\u{43e}me" with U+043E, which is not ASCII`);
    }
  });

  it('safety 11: proposes the kind and the version that were meant', async () => {
    const sound = shortcutFile('a', { clusters: ['rome', 'naples'] });
    await temp.commit({
      'kind.yaml': sound.replace('kind: Shortcut', 'kind: Shortcutt'),
      'version.yaml': sound.replace('v1alpha1', 'v1alpha'),
    });

    const { code, problems } = await check();

    expect(code).to.equal(1);
    expect(problems).to.deep.equal([
      'unknown-kind kind.yaml: unknown kind "Shortcutt"; did you mean "Shortcut"?',
      'unknown-api-version version.yaml: apiVersion: must be "shortcuts.liqo.io/v1alpha1", is "shortcuts.liqo.io/v1alpha"',
    ]);
  });

  it('safety 12: takes a file that was moved for no change at all', async () => {
    await temp.git('mv', 'shortcuts', 'connections');
    await temp.commit();

    const { code, changes, report } = await check('--base', 'base', '--detailed-exitcode');

    expect(code).to.equal(0);
    expect(changes).to.deep.equal([]);
    const moved = report.changes.find(({ resource }) => resource.endsWith('/rome-milan'));
    expect(moved).to.include({ action: 'keep', reason: 'is the same in another file' });
  });

  it('safety 13: says of a name that changed that the connection is cut and made again', async () => {
    await temp.git('rm', '-q', 'shortcuts/rome-milan.yaml');
    await temp.commit({ 'a.yaml': shortcutFile('other', { clusters: ['milan', 'rome'] }) });

    const { code, changes } = await check('--base', 'base', '--detailed-exitcode');

    expect(code).to.equal(4);
    expect(changes).to.deep.equal([
      'create Shortcut/other: is new; takes the place of Shortcut/liqo-shortcuts/rome-milan: the connection is cut and made again',
      'delete Shortcut/rome-milan: is not in the repository any more; in its place comes Shortcut/liqo-shortcuts/other: the connection is cut and made again',
    ]);
  });

  for (const clusters of [
    ['rome', 'milan'],
    ['milan', 'rome'],
  ] as const) {
    for (const file of ['a.yaml', 'z.yaml']) {
      it(`safety 14: finds the pair ${clusters.join('–')} in ${file} besides, and deletes nothing`, async () => {
        await temp.commit({ [file]: shortcutFile('again', { clusters: [...clusters] }) });

        const { code, problems, changes } = await check('--base', 'base');

        const [first, second] = [file, 'shortcuts/rome-milan.yaml'].toSorted();
        expect(code).to.equal(1);
        expect(problems).to.deep.equal([
          `duplicate-pair ${second}: a Shortcut between these two clusters is already in ${first}:1`,
        ]);
        expect(changes.filter((line) => line.startsWith('delete'))).to.deep.equal([]);
      });
    }
  }

  it('safety 15: prunes nothing for a file that was deleted while another one was broken', async () => {
    await temp.git('rm', '-q', 'shortcuts/rome-milan.yaml');
    await temp.commit({ 'broken.yaml': 'kind: [' });

    const { code, problems, changes } = await check('--base', 'base');

    expect(code).to.equal(1);
    expect(problems.join()).to.match(/^yaml-parse-error broken\.yaml/);
    expect(changes).to.deep.equal([]);
  });

  it('safety 16: holds everything when all files are gone', async () => {
    await temp.git('rm', '-rq', '.');
    await temp.commit({ 'README.md': 'Moved.\n' });

    const { code, problems, changes } = await check('--base', 'base');

    expect(code).to.equal(1);
    expect(problems.join()).to.include('an empty source never means that everything is to be');
    expect(changes).to.deep.equal([]);
  });

  it('safety 17: holds everything when the folder has another name', async () => {
    await temp.git('mv', 'shortcuts', 'connections');
    await temp.commit();

    const { code, problems, changes } = await check('--base', 'base', '--path', 'shortcuts');

    expect(code).to.equal(1);
    expect(problems.join()).to.include('path-not-found shortcuts');
    expect(changes).to.deep.equal([]);
  });

  it('safety 18: reads an unrelated history, and the guard counts what it deletes', async () => {
    await temp.git('checkout', '-q', '--orphan', 'other');
    await temp.git('rm', '-rqf', 'shortcuts');
    await temp.commit();

    const guarded = await check('--base', 'base', '--max-deletions', '0');

    expect(guarded.code).to.equal(3);
    expect(guarded.report.guards[0]?.held).to.deep.equal(['Shortcut/liqo-shortcuts/rome-milan']);
  });

  describe('the revision', () => {
    let server: GitServer;

    beforeEach(async () => {
      server = await startGitServer(temp.root);
      await temp.git('tag', '-a', 'heavy', '-m', 'annotated');
      await temp.commit({ 'leaves/turin.yaml': leafFile('turin') });
    });
    afterEach(() => server.stop());

    for (const over of ['path', 'http']) {
      it(`safety 19: may be a branch, a tag, a commit or a full ref: ${over}`, async () => {
        const first = await temp.git('rev-parse', 'base');
        const main = await temp.git('rev-parse', 'main');
        const source = ['--source', over === 'path' ? temp.root : `${server.url}/.git`];
        const seen = [];
        for (const ref of ['main', 'base', 'heavy', first, 'refs/tags/heavy', 'HEAD']) {
          const { report } = await check(...source, '--ref', ref);
          seen.push(`${report.source.revision} ${report.summary.files}`);
        }

        expect(seen).to.deep.equal([
          `main@sha1:${main} 5`,
          `base@sha1:${first} 4`,
          `heavy@sha1:${first} 4`,
          `detached@sha1:${first} 4`,
          `heavy@sha1:${first} 4`,
          `main@sha1:${main} 5`,
        ]);
      });
    }

    it('safety 19: is that of a detached HEAD', async () => {
      const first = await temp.git('rev-parse', 'base');
      await temp.git('checkout', '-q', '--detach', 'base');

      expect((await check()).report.source.revision).to.equal(`detached@sha1:${first}`);
    });

    it('safety 20: of a base that a shallow clone does not have is told with the line to add', async () => {
      const clone = join(dir, 'clone');
      await runGit(temp.root, ['clone', '-q', '--depth', '1', `file://${temp.root}`, clone]);

      const { code, stderr } = await check('--source', clone, '--base', 'base');

      expect(code).to.equal(2);
      expect(stderr).to.include('"fetch-depth: 0"').and.include('GIT_DEPTH: "0"');
    });
  });
});

function unfold(letter: string): string {
  const before = String.fromCharCode(letter.charCodeAt(0) - 1);
  return `${letter}: &${letter} [*${before}, *${before}, *${before}]`;
}

function deepMap(depth: number): string {
  return Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
}
