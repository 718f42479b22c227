import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

const PITFALLS = 24;
const ROW = /^\| (?<number>\d+) .*\| (?<files>[^|]+) \|$/;

/** The page and the scenarios tell the same. */
describe('docs/pitfalls.md', () => {
  const numbersByFile = new Map<string, Set<string>>();
  let rows: readonly { readonly number: string; readonly files: readonly string[] }[];

  before(async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/pitfalls.md'), 'utf8');
    rows = page.split('\n').flatMap((line) => {
      const { number = '', files = '' } = ROW.exec(line)?.groups ?? {};
      const names = [...files.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      return number === '' ? [] : [{ number, files: names }];
    });
    for (const file of await readdir(import.meta.dirname)) {
      const text = await readFile(join(import.meta.dirname, file), 'utf8');
      const written = [...text.matchAll(/pitfall (\d+)\b/g)].map(([, number = '']) => number);
      numbersByFile.set(file.replace('.test.ts', ''), new Set(written));
    }
  });

  it('has a row for each pitfall', () => {
    const numbers = Array.from({ length: PITFALLS }, (_, index) => String(index + 1));

    expect(rows.map(({ number }) => number)).to.deep.equal(numbers);
  });

  it('names the files whose tests carry the number, and only those', () => {
    for (const { number, files } of rows) {
      const carrying = [...numbersByFile].flatMap(([file, numbers]) =>
        numbers.has(number) ? [file] : [],
      );
      expect(files.toSorted(), `pitfall ${number}`).to.deep.equal(carrying.toSorted());
    }
  });
});
