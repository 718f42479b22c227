import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { GitSourceInvalidError } from '../../src/errors/errors.ts';
import { createTempGit, type TempGit } from '../support/temp-git.ts';
import { open, readNow, rejection } from './read-source.ts';

/** Of the index of a pack (gitformat-pack, version 2): what lies before the object ids. */
const HEADER = 8 + 256 * 4;

describe('a pack whose index says that an object is another one', () => {
  let temp: TempGit;
  beforeEach(async () => {
    temp = await createTempGit();
  });
  afterEach(() => temp.remove());

  it('is refused: what a commit names is what is read', async () => {
    await temp.commit({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 2' });
    const ids = [
      await temp.git('rev-parse', 'HEAD:a.yaml'),
      await temp.git('rev-parse', 'HEAD:b.yaml'),
    ];
    await temp.git('repack', '-adq');
    const folder = join(temp.root, '.git/objects/pack');
    const name = (await readdir(folder)).find((file) => file.endsWith('.idx')) ?? '';
    const index = await readFile(join(folder, name));
    const count = index.readUInt32BE(HEADER - 4);
    const [first = 0, second = 0] = ids.map((id) => {
      const position = (index.indexOf(Buffer.from(id, 'hex'), HEADER) - HEADER) / 20;
      return HEADER + count * 24 + position * 4;
    });
    const place = index.readUInt32BE(first);
    index.writeUInt32BE(index.readUInt32BE(second), first);
    index.writeUInt32BE(place, second);
    await chmod(join(folder, name), 0o600);
    await writeFile(join(folder, name), index);

    expect(await rejection(readNow(open(temp.root)))).to.be.instanceOf(GitSourceInvalidError);
  });
});
