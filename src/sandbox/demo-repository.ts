import { access, cp, mkdir } from 'node:fs/promises';
import fs from 'node:fs';
import { join } from 'node:path';
import git from 'isomorphic-git';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'examples');
/** A repository of its own, to be copied by itself. */
const FLEET = join(EXAMPLES, 'fleet-repository');
const AUTHOR = { name: 'Liqo Shortcuts', email: 'sandbox@localhost' };

/**
 * Makes a Git repository with a work tree at `dir`, holding `examples/` in one commit on branch `main`, so that its user
 * can edit and commit; the schemas that an editor looks for (the first line of each example) come to lie beside it. A
 * repository that is there already is left as it is.
 */
export async function createDemoRepository(dir: string): Promise<void> {
  if (await exists(join(dir, '.git'))) return;
  await mkdir(dir, { recursive: true });
  await cp(EXAMPLES, dir, { recursive: true, filter: (path) => path !== FLEET });
  for (const kind of ['shortcut', 'leaf-cluster']) {
    const schema = `schemas/${kind}.schema.json`;
    await cp(join(ROOT, schema), join(dir, '..', schema));
  }
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
