import type { SourceFile } from '../model/source-file.ts';
import { parseYaml } from './parse-yaml.ts';
import { type Reading, readManifest, type ReadOptions } from './read-manifest.ts';

interface Remembered {
  readonly namespace: string;
  readonly readings: readonly Reading[];
}

/** As long as somebody holds the file. */
const REMEMBERED = new WeakMap<SourceFile, Remembered>();

/**
 * What became of each document of a file, by itself. The very same file means the same again: a source gives the same
 * object for what has not changed since the revision before, so that a commit costs what it changes.
 */
export function readSourceFile(file: SourceFile, options: ReadOptions): readonly Reading[] {
  const { namespace } = options;
  const known = REMEMBERED.get(file);
  if (known?.namespace === namespace) return known.readings;
  const readings = read(file, options);
  REMEMBERED.set(file, { namespace, readings });
  return readings;
}

function read(file: SourceFile, options: ReadOptions): readonly Reading[] {
  const parsed = parseYaml(file);
  if (parsed.kind === 'unreadable') return [{ problems: [parsed.problem] }];
  return parsed.manifests.map((manifest) => readManifest(manifest, options));
}
