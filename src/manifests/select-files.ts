import { posix } from 'node:path';
import ignore from 'ignore';
import type { Problem } from '../model/problem.ts';
import { fileProblem } from './manifest.ts';
import type { SourceFile } from '../model/source-file.ts';

/**
 * Largest number of entries below `--path`, also of those that are excluded: a source reads one more at most, and what it
 * left out for that could be anything.
 */
export const MAX_FILES = 20_000;

const IGNORE_FILE = '.shortcutsignore';

interface Selection {
  /** YAML files to parse, by path. */
  readonly files: readonly SourceFile[];
  readonly problems: readonly Problem[];
}

/**
 * The YAML files below the folder `path` (`.` for all): not hidden, not in a hidden folder, not excluded by the
 * `.shortcutsignore` (gitignore syntax) at its root. Links and submodules are not followed, and reported.
 */
export function selectFiles(entries: readonly SourceFile[], path: string): Selection {
  const folder = posix.normalize(path).replace(/\/$/, '');
  const prefix = folder === '.' ? '' : `${folder}/`;
  const rules = entries.find((entry) => entry.path === `${prefix}${IGNORE_FILE}`);
  const excluded = ignore({ ignorecase: false }).add(new TextDecoder().decode(rules?.bytes));
  const below = entries.filter((entry) => entry.path.startsWith(prefix));
  const candidates = below
    .filter((entry) => isCandidate(entry, entry.path.slice(prefix.length)))
    .filter((entry) => !excluded.ignores(entry.path.slice(prefix.length)))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const files = candidates.filter((entry) => entry.kind === 'file');
  const problems = candidates.filter((entry) => entry.kind !== 'file').map(ignoredEntry);
  if (below.length <= MAX_FILES) return { files, problems };
  const message = `more than ${MAX_FILES} YAML files and links, also counting those that ${IGNORE_FILE} excludes: choose a folder with --path`;
  return { files: [], problems: [...problems, fileProblem('too-many-files', path, message)] };
}

function isCandidate(entry: SourceFile, relative: string): boolean {
  if (relative.split('/').some((part) => part.startsWith('.'))) return false;
  // Mostly a folder, perhaps full of manifests.
  const isFolder = entry.kind === 'symlink' && posix.extname(relative) === '';
  return isFolder || entry.kind === 'submodule' || /\.ya?ml$/i.test(relative);
}

function ignoredEntry(entry: SourceFile): Problem {
  const what = entry.kind === 'symlink' ? 'a symbolic link' : 'a submodule';
  const message = `${what} is not followed: put the file itself here, or exclude it with ${IGNORE_FILE}`;
  return { ...fileProblem('symlink-ignored', entry.path, message), severity: 'warning' };
}
