import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSshKey } from '../../../src/git/ssh/ssh-key.ts';
import { makeSshKey } from '../../support/ssh-git-server.ts';
import { makeTempDir } from '../../support/temp-git.ts';

describe('A key for SSH', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await makeTempDir();
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('signs with SHA-2, and never with SHA-1', async () => {
    await writeFile(join(dir, 'key'), makeSshKey('rsa').private);
    const key = await createSshKey({ keyFile: join(dir, 'key'), knownHostsFile: '' }).read();
    const data = Buffer.from('data');

    expect(key.verify(data, key.sign(data, 'sha512'), 'sha512')).to.equal(true);
    expect(key.sign(data, 'sha1')).to.be.instanceOf(Error);
  });

  it('is decrypted once as long as its file and its passphrase stay the same', async () => {
    const files = {
      keyFile: join(dir, 'key'),
      passphraseFile: join(dir, 'passphrase'),
      knownHostsFile: '',
    };
    await writeFile(files.keyFile, makeSshKey('ed25519', 'words').private);
    await writeFile(files.passphraseFile, 'words\n');
    const key = createSshKey(files);

    expect(await key.read()).to.equal(await key.read());
  });
});
