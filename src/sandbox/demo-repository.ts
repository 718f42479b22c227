import { access, cp, mkdir } from 'node:fs/promises';
import fs from 'node:fs';
import { join } from 'node:path';
import git from 'isomorphic-git';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const AUTHOR = { name: 'Liqo Shortcuts', email: 'sandbox@localhost' };

/**
 * Makes a Git repository with a work tree at `dir`, holding `examples/` in one commit on branch `main`, so that its user
 * can edit and commit. A repository that is there already is left as it is.
 */
export async function createDemoRepository(dir: string): Promise<void> {
  if (await exists(join(dir, '.git'))) return;
  await mkdir(dir, { recursive: true });
  await cp(EXAMPLES, dir, { recursive: true });
  await git.init({ fs, dir, defaultBranch: 'main' });
  for (const [name, value] of Object.entries(AUTHOR)) {
    await git.setConfig({ fs, dir, path: `user.${name}`, value });
  }
  await git.add({ fs, dir, filepath: '.' });
  await git.commit({ fs, dir, message: 'Start with the examples', author: AUTHOR });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
