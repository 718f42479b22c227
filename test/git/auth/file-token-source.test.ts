import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { CredentialInvalidError } from '../../../src/errors/errors.ts';
import { createFileTokenSource } from '../../../src/git/auth/file-token-source.ts';
import type { TokenSource } from '../../../src/git/auth/token-source.ts';
import { makeTempDir } from '../../support/temp-git.ts';
import { rejection, signal } from '../read-source.ts';

describe('a token from a file', () => {
  let folder: string;
  let file: string;
  let tokens: TokenSource;

  beforeEach(async () => {
    folder = await makeTempDir();
    file = join(folder, 'token');
    tokens = createFileTokenSource({ file, flag: '--git-token-file' });
    await writeFile(file, ' first\n');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is what the file holds now, without the space around it', async () => {
    const first = await tokens.token({ signal });
    await writeFile(file, 'second');

    expect([first, await tokens.token({ signal })]).to.deep.equal(['first', 'second']);
  });

  it('is another one after a refusal only where the file has changed', async () => {
    const same = await tokens.another('first', { signal });
    await writeFile(file, 'second');

    expect([same, await tokens.another('first', { signal })]).to.deep.equal([undefined, 'second']);
  });

  for (const content of [undefined, ' \n']) {
    it(`is an error that names the flag when the file is ${content === undefined ? 'missing' : 'empty'}`, async () => {
      if (content === undefined) await rm(file);
      else await writeFile(file, content);

      for (const look of [tokens.token({ signal }), tokens.another('first', { signal })]) {
        const error = await rejection(look);
        expect(error).to.be.instanceOf(CredentialInvalidError);
        expect(inspect(error)).to.contain('--git-token-file').and.not.to.contain('first');
      }
    });
  }
});
