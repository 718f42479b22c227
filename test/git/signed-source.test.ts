import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { ConfigError, UnverifiedCommitError } from '../../src/errors/errors.ts';
import type { CreateSourceOptions } from '../../src/git/create-source.ts';
import { createVerify } from '../../src/git/signatures/create-verify.ts';
import type { Source } from '../../src/git/source.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { commitAs, tagAs } from '../support/signed-git.ts';
import { createSshSigner } from '../support/ssh-signer.ts';
import { createTempGit, makeTempDir, type TempGit } from '../support/temp-git.ts';
import { open, pathsOf, readNow, rejection } from './read-source.ts';

const ada = createSshSigner();
const eve = createSshSigner();

describe('a source whose commits have to be signed', () => {
  let temp: TempGit;
  let server: GitServer;
  let dir: string;
  let signersFile: string;

  beforeEach(async () => {
    temp = await createTempGit();
    server = await startGitServer(temp.root);
    dir = await makeTempDir();
    signersFile = join(dir, 'allowed_signers');
    await allow(`test@example.com ${ada.publicKey}`);
  });
  afterEach(async () => {
    await server.stop();
    await temp.remove();
    await rm(dir, { recursive: true });
  });

  const allow = (lines: string) => writeFile(signersFile, lines);

  async function commit(name: string, signer = ada): Promise<string> {
    await temp.write({ [`${name}.yaml`]: name });
    return commitAs(temp.root, signer);
  }

  const kinds: readonly (readonly [string, () => string, () => Partial<CreateSourceOptions>])[] = [
    ['on this machine', () => temp.root, () => ({})],
    ['behind a URL', () => `${server.url}/.git`, () => ({})],
    [
      'behind a URL, with a data folder',
      () => `${server.url}/.git`,
      () => ({ dataDir: join(dir, 'data') }),
    ],
  ];
  for (const [kind, location, more] of kinds) {
    const openSource = (options: Partial<CreateSourceOptions> = {}): Source => {
      const verify = createVerify({ allowedSignersFile: signersFile, clock: systemClock });
      return open(location(), { ref: 'main', verify, ...more(), ...options });
    };

    describe(kind, () => {
      it('gives a commit that is signed, and says by whom', async () => {
        await commit('a');

        const checkout = await readNow(openSource());

        expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
        expect(checkout.signer).to.match(/^SSH SHA256:/);
      });

      it('gives no other, until one is signed again', async () => {
        const source = openSource();
        await commit('a');
        await readNow(source);

        await commit('b', eve);
        expect(await rejection(readNow(source))).to.be.instanceOf(UnverifiedCommitError);
        await temp.write({ 'c.yaml': 'c' });
        await commitAs(temp.root, undefined);
        expect(await rejection(readNow(source))).to.be.instanceOf(UnverifiedCommitError);
        await commit('d');

        expect(pathsOf(await readNow(source))).to.have.length(4);
      });

      it('does not give again what is not allowed any more, and gives it when it is', async () => {
        const source = openSource();
        await commit('a');
        const first = await readNow(source);

        await allow(`test@example.com ${eve.publicKey}`);
        expect(await rejection(readNow(source))).to.be.instanceOf(UnverifiedCommitError);
        await allow('');
        expect(await rejection(readNow(source))).to.be.instanceOf(ConfigError);
        await allow(`test@example.com ${ada.publicKey}`);

        expect(await readNow(source)).to.equal(first);
      });

      it('takes the signature of a tag for its commit', async () => {
        await temp.write({ 'a.yaml': 'a' });
        const unsigned = await commitAs(temp.root, undefined);
        const source = openSource({ ref: 'v1' });
        await tagAs(temp.root, { name: 'v1', commit: unsigned }, undefined);
        expect(await rejection(readNow(source))).to.be.instanceOf(UnverifiedCommitError);

        await tagAs(temp.root, { name: 'v1', commit: unsigned }, ada);
        expect((await readNow(source)).revision).to.equal(`v1@sha1:${unsigned}`);

        await tagAs(temp.root, { name: 'v1', commit: unsigned }, eve);
        expect(await rejection(readNow(source))).to.be.instanceOf(UnverifiedCommitError);
        const elsewhere = await tagAs(temp.root, { name: 'v0', commit: unsigned }, ada);
        await temp.git('update-ref', 'refs/tags/v1', elsewhere);
        expect(await rejection(readNow(source))).to.be.instanceOf(UnverifiedCommitError);
      });

      it('takes what was kept only as long as it would take it now', async () => {
        await commit('a');
        const unasked = open(location(), { ref: 'main', ...more() });
        const kept = await readNow(unasked);
        const { revision, commit: id, path, files } = kept;
        const bare = { revision, commit: id, path, files };

        await openSource().accept(kept);
        expect(await rejection(openSource().accept(bare))).to.be.instanceOf(UnverifiedCommitError);
        await allow(`test@example.com ${eve.publicKey}`);
        expect(await rejection(openSource().accept(kept))).to.be.instanceOf(UnverifiedCommitError);
        await unasked.accept(bare);
      });
    });
  }

  it('asks the server for a commit that is refused only once', async () => {
    await commit('a', eve);
    const verify = createVerify({ allowedSignersFile: signersFile, clock: systemClock });
    const source = open(`${server.url}/.git`, { ref: 'main', verify });
    const fetches = () => server.requests.filter((line) => line.startsWith('POST')).length;
    await rejection(readNow(source));
    const before = fetches();

    expect(await rejection(readNow(source))).to.be.instanceOf(UnverifiedCommitError);
    const looks = fetches() - before;
    await allow(`test@example.com ${ada.publicKey}\ntest@example.com ${eve.publicKey}`);

    expect(pathsOf(await readNow(source))).to.deep.equal(['a.yaml']);
    // One for the look at the ref, none for the commit.
    expect(looks).to.equal(1);
  });

  it('refuses the files of a work tree, which nobody signs', () => {
    const verify = createVerify({ allowedSignersFile: signersFile, clock: systemClock });

    expect(() => open(temp.root, { worktree: true, verify })).to.throw(ConfigError);
  });
});
