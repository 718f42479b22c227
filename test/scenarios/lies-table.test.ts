import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

const PAGE = join(import.meta.dirname, '../../docs/pitfalls.md');

describe('docs/pitfalls.md, what a leaf says', () => {
  it('names scenarios that there are, and every one that is about a lie', async () => {
    const [, section = ''] = (await readFile(PAGE, 'utf8')).split('## What a leaf says');
    const [table = ''] = section.split('\n## ');
    const cells = table.split('\n').map((line) => line.split(' | ').at(-1) ?? '');
    const named = cells.flatMap((cell) =>
      [...cell.matchAll(/`([-a-z]+)`/g)].map(([, name]) => name),
    );
    const files = (await readdir(import.meta.dirname)).map((file) => file.replace('.test.ts', ''));

    expect(files).to.include.members(named);
    const about = files.filter((file) => file.startsWith('lies-') && file !== 'lies-table');
    expect(named).to.include.members(about);
  });
});
