import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { signedCommit, type SshSigner } from './ssh-signer.ts';
import { makeTempDir, runGit } from './temp-git.ts';

/**
 * Commits what lies in a work tree on the branch `main`, signed or not: the branch never names a commit that is not signed
 * on the way. Answers with the commit.
 */
export async function commitAs(
  root: string,
  signer: SshSigner | undefined,
  date?: string,
): Promise<string> {
  await runGit(root, ['add', '-A']);
  const tree = await runGit(root, ['write-tree']);
  const parents = await runGit(root, [
    'for-each-ref',
    '--format=-p %(objectname)',
    'refs/heads/main',
  ]);
  const made = [
    'commit-tree',
    tree,
    '-m',
    'change',
    ...parents.split(' ').filter((word) => word !== ''),
  ];
  const unsigned = await runGit(root, made, date);
  const commit = signer === undefined ? unsigned : await sign(root, unsigned, signer);
  await runGit(root, ['update-ref', 'refs/heads/main', commit]);
  return commit;
}

/** An annotated tag of a commit, made anew where it is there. Answers with the id of the tag object. */
export async function tagAs(
  root: string,
  { name, commit }: { readonly name: string; readonly commit: string },
  signer: SshSigner | undefined,
): Promise<string> {
  const object = `object ${commit}\ntype commit\ntag ${name}\ntagger Test <test@example.com> 1780000000 +0000\n\nrelease\n`;
  const signature = signer === undefined ? '' : `${signer.sign(Buffer.from(object))}\n`;
  const tag = await write(root, 'tag', Buffer.from(object + signature));
  await runGit(root, ['update-ref', `refs/tags/${name}`, tag]);
  return tag;
}

async function sign(root: string, commit: string, signer: SshSigner): Promise<string> {
  // The end of the output is trimmed, where a commit has the end of its last line.
  const text = `${await runGit(root, ['cat-file', 'commit', commit])}\n`;
  return write(root, 'commit', signedCommit(Buffer.from(text), signer));
}

async function write(root: string, type: 'commit' | 'tag', object: Buffer): Promise<string> {
  const dir = await makeTempDir();
  const file = join(dir, 'object');
  await writeFile(file, object);
  const id = await runGit(root, ['hash-object', '-t', type, '-w', file]);
  await rm(dir, { recursive: true });
  return id;
}
