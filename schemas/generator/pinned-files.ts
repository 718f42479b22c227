import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import type { GeneratedFile } from './generated-file.ts';

/** Folders whose files name this repository at a tag, so that they work where they are copied to. */
const FOLDERS = ['schemas', 'deploy/gitlab', 'examples/fleet-repository', 'docs'];

/** A path on GitHub: `owner/name`. */
const SLUG = '[\\w.-]+/liqo-shortcuts';
const TAG = 'v\\d+\\.\\d+\\.\\d+(?:-[\\w.]+)?';

/**
 * The files that name this repository at a tag, with the repository and version that package.json has: schemas by their
 * `$id`, the Action, the GitLab template, the hook for pre-commit. ARCHITECTURE.md, decision 48.
 */
export async function pinnedFiles(root: string): Promise<readonly GeneratedFile[]> {
  const { version, repository } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  ) as { readonly version: string; readonly repository: { readonly url: string } };
  const slug = /github\.com\/(.+)\.git$/.exec(repository.url)?.[1];
  if (slug === undefined) throw new Error('package.json: repository is not one of GitHub');
  const files: GeneratedFile[] = [];
  for (const folder of FOLDERS) {
    for (const entry of await readdir(join(root, folder), {
      recursive: true,
      withFileTypes: true,
    })) {
      const path = relative(root, join(entry.parentPath, entry.name));
      if (!entry.isFile() || !/\.(json|ya?ml|md)$/.test(path)) continue;
      const text = await readFile(join(root, path), 'utf8');
      if (namesTag(text)) files.push({ path, content: pin(text, slug, `v${version}`) });
    }
  }
  return files;
}

/** Whether a text names this repository at a tag, and so changes with the tag. */
function namesTag(text: string): boolean {
  return pin(text, 'nobody/liqo-shortcuts', 'v0.0.0') !== text;
}

/** A text with every address of this repository at a tag brought to this place and tag. */
export function pin(text: string, slug: string, tag: string): string {
  return text
    .replaceAll(
      new RegExp(`(https://raw\\.githubusercontent\\.com/)${SLUG}/${TAG}/`, 'g'),
      `$1${slug}/${tag}/`,
    )
    .replaceAll(new RegExp(`(uses: )${SLUG}(/[^@\\s]*)@${TAG}`, 'g'), `$1${slug}$2@${tag}`)
    .replaceAll(new RegExp(`(https://github\\.com/)${SLUG}(\\.git)?(?=\\s)`, 'g'), `$1${slug}$2`)
    .replaceAll(new RegExp(`((?:rev|version|default): )${TAG}`, 'g'), `$1${tag}`);
}
