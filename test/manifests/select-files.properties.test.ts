import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import { makeTempDir, runGit } from '../support/temp-git.ts';
import { sourceFile } from './parse-texts.ts';

const OPTIONS = { path: '.', namespace: 'n' };

/** Pieces of rules and of names, so that rules meet names. */
const RULE_PIECES = [
  ...[
    'a',
    'b',
    'ab',
    '.yaml',
    '*',
    '**',
    '?',
    '/',
    '/**/',
    '!',
    '#',
    '\\',
    ' ',
    '[ab]',
    '[!a]',
    '[a-',
  ],
  ...[
    ']',
    '{a,b}',
    '(',
    ')',
    '+',
    '^',
    '$',
    '|',
    '.',
    '..',
    '\t',
    '\u0000',
    'é',
    '🏛',
    '[[:alpha:]]',
  ],
] as const;
const name = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'é', '-', ' ', '(', '$', '[', '\\', '🏛'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''));
const path = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((names) => `${names.join('/')}.yaml`);
const rule = fc
  .array(fc.constantFrom(...RULE_PIECES), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''));

/** Which of the paths are looked at under these rules. */
function selected(rules: string | Uint8Array, paths: readonly string[]): readonly string[] {
  const files = [
    sourceFile('.shortcutsignore', rules),
    // What cannot be read is named.
    ...paths.map((file) => sourceFile(file, '[')),
  ];
  const { problems } = parseManifests(files, OPTIONS);
  return problems.filter(({ code }) => code === 'yaml-parse-error').map(({ file }) => file);
}

describe('.shortcutsignore', () => {
  it('never makes anything throw or appear, whatever is in it', () => {
    const rules = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.array(rule, { maxLength: 6 }).map((lines) => new TextEncoder().encode(lines.join('\n'))),
    );
    fc.assert(
      fc.property(rules, fc.uniqueArray(path, { minLength: 1, maxLength: 6 }), (bytes, paths) => {
        expect(paths).to.include.members(selected(bytes, paths));
      }),
    );
  });

  it('means what it means to Git', async () => {
    const root = await makeTempDir();
    await runGit(root, ['init', '-q']);
    // Git counts bytes where we count characters, and has its own way with `**` in the middle of a name.
    const plainName = fc.stringMatching(/^[ab]{1,3}$/);
    const plainPath = fc
      .array(plainName, { minLength: 1, maxLength: 3 })
      .map((names) => `${names.join('/')}.yaml`);
    const plainRule = fc
      .tuple(
        fc.constantFrom('', '!'),
        fc.constantFrom('', '/', '**/'),
        fc.array(fc.constantFrom('a', 'b', '.yaml', '*', '?', '/', '[ab]', '[!a]'), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.constantFrom('', '/', '/**'),
      )
      .map(([not, anchor, parts, end]) => `${not}${anchor}${parts.join('')}${end}`)
      .filter((text) => !/\/\/|[^/]\*\*|\*\*[^/]/.test(text));
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(plainRule, { maxLength: 5 }),
          fc.uniqueArray(plainPath, { minLength: 1, maxLength: 20 }),
          async (rules, paths) => {
            const text = rules.join('\n');
            await clear(root);
            await writeFile(join(root, '.gitignore'), text);
            for (const one of paths) {
              await mkdir(dirname(join(root, one)), { recursive: true });
              await writeFile(join(root, one), '');
            }
            const ignored = await ignoredByGit(root, paths);

            const kept = selected(text, paths);

            expect(kept.toSorted()).to.deep.equal(
              paths.filter((one) => !ignored.includes(one)).toSorted(),
            );
          },
        ),
        { numRuns: 30 },
      );
    } finally {
      await rm(root, { recursive: true });
    }
  });
});

async function clear(root: string): Promise<void> {
  for (const entry of await readdir(root)) {
    if (entry !== '.git') await rm(join(root, entry), { recursive: true });
  }
}

/** Git ends with 1 where it ignores nothing, so that the shell has the last word. */
async function ignoredByGit(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const ask = '!git check-ignore --no-index -- "$@" || test $? = 1 && :';
  const printed = await runGit(root, ['-c', `alias.ask=${ask}`, 'ask', ...paths]);
  return printed.split('\n');
}
