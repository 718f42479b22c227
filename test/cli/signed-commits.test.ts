import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import type { ReconcileReport } from '../../src/model/generated/report.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { commitAs } from '../support/signed-git.ts';
import { createSshSigner } from '../support/ssh-signer.ts';
import { createTempGit, makeTempDir, type TempGit } from '../support/temp-git.ts';

const ada = createSshSigner();

describe('reconcile --once of a repository whose commits have to be signed', () => {
  let temp: TempGit;
  let dir: string;
  let signersFile: string;

  beforeEach(async () => {
    temp = await createTempGit();
    dir = await makeTempDir();
    signersFile = join(dir, 'allowed_signers');
    await writeFile(signersFile, `* ${ada.publicKey}\n`);
    await temp.write({ 'a.yaml': shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }) });
  });
  afterEach(async () => {
    await temp.remove();
    await rm(dir, { recursive: true });
  });

  const run = (...flags: readonly string[]) =>
    runInProcess([
      ...['reconcile', '--once', '--source', temp.root, '--ref', 'main', '--verify-signatures'],
      ...['--allowed-signers-file', signersFile, '--output', 'json', ...flags],
    ]);

  it('passes what is signed', async () => {
    await commitAs(temp.root, ada);

    const { code, stdout } = await run('--offline');

    expect(code).to.equal(0);
    expect((JSON.parse(stdout) as ReconcileReport).summary.files).to.equal(1);
  });

  for (const mode of ['--offline', '--dry-run', '--apply']) {
    it(`ends with exit code 3 and the guard for what is not (${mode})`, async () => {
      const commit = await commitAs(temp.root, undefined);

      const { code, stdout } = await run(mode);

      const { guards, source, changes, problems, exitCode } = JSON.parse(stdout) as ReconcileReport;
      expect({ code, exitCode, changes, problems }).to.deep.equal({
        code: 3,
        exitCode: 3,
        changes: [],
        problems: [],
      });
      expect(source.revision).to.equal(`main@sha1:${commit}`);
      expect(guards.map(({ code: guard }) => guard)).to.deep.equal(['unverified-commit']);
      expect(guards[0]?.message).to.include(commit.slice(0, 12)).and.include('not signed');
    });
  }

  it('tells it in a report for people', async () => {
    await commitAs(temp.root, undefined);

    const { code, stdout } = await run('--offline', '--output', 'text');

    expect(code).to.equal(3);
    expect(stdout).to.include('unverified-commit').and.include('not signed');
  });

  it('compares with a base that nobody signed', async () => {
    const base = await commitAs(temp.root, undefined);
    await commitAs(temp.root, ada);

    expect((await run('--offline', '--base', base)).code).to.equal(0);
  });

  for (const [name, content] of [
    ['empty', ''],
    ['broken', '* cert-authority ssh-ed25519 AAAA'],
  ] as const) {
    it(`ends with exit code 2 where the list is ${name}`, async () => {
      await commitAs(temp.root, ada);
      await writeFile(signersFile, content);

      const { code, stderr } = await run('--offline');

      expect(code).to.equal(2);
      expect(stderr).to.include('allowed signers');
    });
  }

  it('ends with exit code 2 where the list is missing, or is not asked for', async () => {
    await commitAs(temp.root, ada);
    const alone = ['reconcile', '--once', '--offline', '--source', temp.root];

    expect((await runInProcess([...alone, '--allowed-signers-file', signersFile])).code).to.equal(
      2,
    );
    expect((await runInProcess([...alone, '--verify-signatures'])).code).to.equal(2);
    await rm(signersFile);
    expect((await run('--offline')).code).to.equal(2);
  });
});
