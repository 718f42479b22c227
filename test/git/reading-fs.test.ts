import { join } from 'node:path';

import { expect } from 'chai';
import git from 'isomorphic-git';

import { createReadingFs } from '../../src/git/reading-fs.ts';
import { createTempGit, type TempGit } from '../support/temp-git.ts';

describe('the file system for one read', () => {
  let temp: TempGit;
  let gitdir: string;

  beforeEach(async () => {
    temp = await createTempGit();
    gitdir = join(temp.root, '.git');
  });
  afterEach(() => temp.remove());

  async function read(fs = createReadingFs(gitdir)): Promise<string> {
    const oid = await temp.git('rev-parse', 'HEAD:a.yaml');
    const { blob } = await git.readBlob({ fs, gitdir, oid, cache: {} });
    return Buffer.from(blob).toString();
  }

  for (const packed of [false, true]) {
    it(`reads what is ${packed ? 'packed' : 'not packed'}`, async () => {
      await temp.commit({ 'a.yaml': 'content' });
      if (packed) await temp.git('gc', '-q');

      expect(await read()).to.equal('content');
    });
  }

  it('lists a folder once, so that it is good for one read only', async () => {
    await temp.commit({ 'a.yaml': 'first' });
    await temp.git('gc', '-q');
    const fs = createReadingFs(gitdir);
    await read(fs);
    await temp.commit({ 'a.yaml': 'second' });
    await temp.git('gc', '-q', '--prune=now');

    const again = await read(fs).catch(() => 'is missing');
    expect(again).to.equal('is missing');
    expect(await read()).to.equal('second');
  });
});
