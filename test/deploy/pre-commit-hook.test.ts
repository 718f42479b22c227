import { execFile } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';

import { shortcutFile } from '../support/scenario-files.ts';
import { runProgramIn } from '../support/scenario-process.ts';
import { createTempGit, type TempGit } from '../support/temp-git.ts';

const execute = promisify(execFile);
const MANIFEST = '.pre-commit-hooks.yaml';

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly files: string;
  readonly language: string;
  readonly pass_filenames: boolean;
}

describe('the hook for pre-commit', function () {
  this.timeout(60_000);
  let hook: Hook;
  let repository: TempGit;

  before(async () => {
    [hook] = parse(await readFile(MANIFEST, 'utf8')) as [Hook];
  });
  beforeEach(async () => {
    repository = await createTempGit();
    await cp('examples/fleet-repository', repository.root, { recursive: true });
    await repository.commit();
  });
  afterEach(() => repository.remove());

  /** What pre-commit runs, in the root of the repository, with the program that its `language: node` installs. */
  async function runHook(cwd = repository.root) {
    const [command, ...args] = hook.entry.split(' ');
    const { bin } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly bin: object };
    expect(bin).to.have.property(command ?? '');
    return runProgramIn(cwd, ...args);
  }

  it('passes a commit that is valid, and one of the first files ever', async () => {
    await repository.write({ 'shortcuts/rome-naples.yaml': shortcut('rome', 'naples') });
    const fresh = await createTempGit();
    await cp('examples/fleet-repository', fresh.root, { recursive: true });

    const valid = await runHook();
    const first = await runHook(fresh.root);

    expect(valid.code, valid.stderr).to.equal(0);
    expect(first.code, first.stderr).to.equal(0);
    await fresh.remove();
  });

  it('stops one that is not, before it is committed', async () => {
    await repository.write({ 'shortcuts/rome-naples.yaml': shortcut('rome', 'paris') });
    await repository.git('add', '-A');

    const ended = await runHook();

    expect(ended.code).to.equal(1);
    expect(ended.stdout).to.match(/^shortcuts\/rome-naples\.yaml:\d+:\d+: error unknown-leaf/m);
  });

  it('stops one that takes away what another file needs', async () => {
    await repository.git('rm', '-q', 'leaves/milan.yaml');

    const ended = await runHook();

    expect(ended.code).to.equal(1);
    expect(ended.stdout).to.include('shortcuts/rome-milan.yaml');
  });

  it('has a program that a shell can start, as npm links it', async () => {
    const { bin } = JSON.parse(await readFile('package.json', 'utf8')) as {
      readonly bin: Readonly<Record<string, string>>;
    };

    expect(bin['liqo-shortcuts']).to.equal('dist/main.js');
    expect(await readFile('src/main.js', 'utf8')).to.match(/^#!\/usr\/bin\/env node\n/);
  });

  it('is asked for every file that can matter, and gets no names of files', () => {
    const files = new RegExp(hook.files);

    for (const path of ['shortcuts/a.yaml', 'b.yml', '.shortcutsignore', 'x/.shortcutsignore']) {
      expect(files.test(path), path).to.equal(true);
    }
    for (const path of ['README.md', 'a.yaml.bak']) expect(files.test(path), path).to.equal(false);
    expect(hook.pass_filenames).to.equal(false);
  });

  it('is what pre-commit takes, where that is installed', async function () {
    const check = await execute('pre-commit', ['validate-manifest', MANIFEST]).catch(
      (error: unknown) => error as NodeJS.ErrnoException,
    );
    if ('code' in check && check.code === 'ENOENT') this.skip();

    expect(check).to.not.have.property('code');
    const config = join('examples/fleet-repository', '.pre-commit-config.yaml');
    await execute('pre-commit', ['validate-config', config]);
  });

  function shortcut(...clusters: [string, string]): string {
    return shortcutFile('rome-naples', { clusters });
  }
});
