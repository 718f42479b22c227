import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createLastGood } from '../../src/git/last-good.ts';
import type { Checkout } from '../../src/git/source.ts';
import { makeTempDir } from '../support/temp-git.ts';
import { rejection } from './read-source.ts';

const SOURCE = { location: '/srv/repository', ref: 'main', path: 'net' };
const CHECKOUT: Checkout = {
  revision: `main@sha1:${'a'.repeat(40)}`,
  commit: 'a'.repeat(40),
  path: 'net',
  files: [
    { path: 'net/a.yaml', kind: 'file', size: 3, bytes: Buffer.from([0xff, 0x00, 0x0a]) },
    { path: 'net/large.yaml', kind: 'file', size: 70_000 },
    { path: 'net/link.yaml', kind: 'symlink', size: 0 },
  ],
};

describe('the last good checkout', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = join(await makeTempDir(), 'not', 'there', 'yet');
  });

  afterEach(() => rm(join(dataDir, '../../..'), { recursive: true }));

  it('outlives a restart, byte by byte', async () => {
    await createLastGood(dataDir, SOURCE).save(CHECKOUT);

    const loaded = await createLastGood(dataDir, SOURCE).load();

    expect(loaded).to.deep.equal(CHECKOUT);
    expect(await readdir(dataDir)).to.have.length(1);
  });

  it('shows who made it, also then', async () => {
    const tag = { id: 'b'.repeat(40), name: 'v1', object: Buffer.from([0xfe, 0x00]) };
    const evidence = { commit: CHECKOUT.commit, object: Buffer.from([0xff, 0x0a]), tag };
    const shown = { ...CHECKOUT, evidence };
    await createLastGood(dataDir, SOURCE).save({ ...shown, signer: 'somebody' });

    expect(await createLastGood(dataDir, SOURCE).load()).to.deep.equal(shown);
  });

  it('is for nobody else to read', async () => {
    await createLastGood(dataDir, SOURCE).save(CHECKOUT);

    const [file = ''] = await readdir(dataDir);
    for (const path of [dataDir, join(dataDir, file)]) {
      expect((await stat(path)).mode & 0o077, path).to.equal(0);
    }
  });

  it('is the last one that was saved', async () => {
    const lastGood = createLastGood(dataDir, SOURCE);
    await lastGood.save(CHECKOUT);
    const later = { ...CHECKOUT, revision: `main@sha1:${'b'.repeat(40)}`, files: [] };
    await lastGood.save(later);

    expect(await lastGood.load()).to.deep.equal(later);
  });

  it('is not there before the first one', async () => {
    expect(await createLastGood(dataDir, SOURCE).load()).to.equal(undefined);
  });

  for (const change of [{ location: '/srv/other' }, { ref: 'dev' }, { path: '.' }]) {
    it(`is not that of another source (${Object.keys(change).join()})`, async () => {
      await createLastGood(dataDir, SOURCE).save(CHECKOUT);

      expect(await createLastGood(dataDir, { ...SOURCE, ...change }).load()).to.equal(undefined);
    });
  }

  const damages = [
    { name: 'is empty', damage: () => '' },
    { name: 'is cut off', damage: (text: string) => text.slice(0, -10) },
    { name: 'is changed', damage: (text: string) => text.replace('a.yaml', 'b.yaml') },
    { name: 'is of another kind', damage: () => '{"files": []}' },
  ];
  for (const { name, damage } of damages) {
    it(`is not there when its file ${name}`, async () => {
      const lastGood = createLastGood(dataDir, SOURCE);
      await lastGood.save(CHECKOUT);
      const [file = ''] = await readdir(dataDir);
      const text = await readFile(join(dataDir, file), 'utf8');
      await writeFile(join(dataDir, file), damage(text));

      expect(await lastGood.load()).to.equal(undefined);
    });
  }

  it('says so when it cannot be saved', async () => {
    const file = join(dataDir, '../../../file');
    await writeFile(file, '');

    expect(await rejection(createLastGood(file, SOURCE).save(CHECKOUT))).to.be.instanceOf(Error);
  });
});
