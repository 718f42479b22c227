import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['cli', 'git', 'scenarios'];
const ROWS = 20;

/** The page and the tests tell the same. */
describe('docs/repository-safety.md', () => {
  it('has a row for each number, with the files whose tests carry it', async () => {
    const page = await readFile(join(ROOT, 'docs/repository-safety.md'), 'utf8');
    const rows = page.split('\n').flatMap((line) => {
      const { number = '', files = '' } =
        /^\| (?<number>\d+) .*\| (?<files>[^|]+) \|$/.exec(line)?.groups ?? {};
      const names = [...files.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      return number === '' ? [] : [[number, names.toSorted()] as const];
    });
    const carrying = new Map<string, Set<string>>();
    for (const folder of FOLDERS) {
      for (const file of await readdir(join(ROOT, 'test', folder))) {
        if (!file.endsWith('.test.ts')) continue;
        const text = await readFile(join(ROOT, 'test', folder, file), 'utf8');
        for (const [, number = ''] of text.matchAll(/['`]safety (\d+):/g)) {
          const files = carrying.get(number) ?? new Set();
          carrying.set(number, files.add(`${folder}/${file.replace('.test.ts', '')}`));
        }
      }
    }

    const numbers = Array.from({ length: ROWS }, (_, index) => String(index + 1));
    expect(rows.map(([number]) => number)).to.deep.equal(numbers);
    expect(rows).to.deep.equal(
      numbers.map((number) => [number, [...(carrying.get(number) ?? [])].toSorted()]),
    );
  });
});
