import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { SourceFile } from '../../src/model/source-file.ts';
import { sourceFile } from './parse-texts.ts';

/** Every file and symbolic link below a folder, with paths relative to it. */
export function readTree(folder: string): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = relative(folder, file).replaceAll(sep, '/');
      if (entry.isSymbolicLink()) return { path, kind: 'symlink', size: lstatSync(file).size };
      return sourceFile(path, readFileSync(file));
    });
}
