import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../errors/errors.ts';
import type { ManifestFile } from './build-manifests.ts';

/** What became of a file: `kept` is one that differs and was left alone. */
export interface WrittenFile {
  readonly path: string;
  readonly result: 'created' | 'unchanged' | 'replaced' | 'kept';
}

/**
 * Writes the files below a folder. One that is there and differs is somebody's work, and is left alone unless `force`.
 *
 * @throws ConfigError when a file can be neither read nor written.
 */
export async function writeFiles(
  files: readonly ManifestFile[],
  { folder, force }: { readonly folder: string; readonly force: boolean },
): Promise<readonly WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const { path, text } of files) {
    written.push({ path, result: await writeOne(join(folder, path), text, force) });
  }
  return written;
}

async function writeOne(
  file: string,
  text: string,
  force: boolean,
): Promise<WrittenFile['result']> {
  try {
    const before = await readIfThere(file);
    if (before === text) return 'unchanged';
    if (before !== undefined && !force) return 'kept';
    await mkdir(dirname(file), { recursive: true });
    // Whoever made it in the meantime keeps it.
    await writeFile(file, text, { flag: before === undefined ? 'wx' : 'w' });
    return before === undefined ? 'created' : 'replaced';
  } catch (error) {
    throw new ConfigError('--to: a file in the folder cannot be read or written', { cause: error });
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
