import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import type { SourceFile } from '../../src/model/source-file.ts';
import { type Figure, timed } from './figure.ts';

const COUNT = 10_000;
const LEAVES = 200;

/** Parsing and checking 10,000 manifests: what a pull request's check does in the largest repository. */
export function benchManifests(): readonly Figure[] {
  const files = manifestFiles(COUNT);
  const options = { path: '.', namespace: 'liqo-shortcuts' };
  const { ms, value } = timed(() => parseManifests(files, options));
  const changed = [...files.slice(0, -1), ...manifestFiles(COUNT).slice(-1)];
  const again = timed(() => parseManifests(changed, options));
  return [
    { name: 'files', value: value.files, unit: '' },
    { name: 'resources', value: value.resources.length, unit: '' },
    { name: 'problems', value: value.problems.length, unit: '' },
    { name: 'wall time', value: ms, unit: 'ms' },
    { name: 'per file', value: (ms * 1000) / files.length, unit: 'µs' },
    { name: 'wall time, after one file has changed', value: again.ms, unit: 'ms' },
  ];
}

/** So many files of a large fleet: 200 leaves, and a Shortcut in each of the others. */
export function manifestFiles(count: number): readonly SourceFile[] {
  return [...leafFiles(), ...shortcutFiles(count - LEAVES)];
}

function leafName(index: number): string {
  return `leaf${String(index).padStart(3, '0')}`;
}

function leafFiles(): readonly SourceFile[] {
  return Array.from({ length: LEAVES }, (_, index) => {
    const name = leafName(index);
    return file(
      `leaves/${name}.yaml`,
      `apiVersion: shortcuts.liqo.io/v1alpha1\nkind: LeafCluster\nmetadata:\n  name: ${name}\n` +
        `spec:\n  kubeconfigSecretRef:\n    name: ${name}-kubeconfig\n`,
    );
  });
}

function* pairs(): Generator<readonly [string, string]> {
  for (let a = 0; a < LEAVES; a += 1) {
    for (let b = a + 1; b < LEAVES; b += 1) yield [leafName(a), leafName(b)];
  }
}

function shortcutFiles(count: number): readonly SourceFile[] {
  return [...pairs().take(count)].map(([a, b]) =>
    file(
      `shortcuts/${a}-${b}.yaml`,
      `apiVersion: shortcuts.liqo.io/v1alpha1\nkind: Shortcut\nmetadata:\n  name: ${a}-${b}\n` +
        `spec:\n  clusters: [${a}, ${b}]\n  gateway:\n    mtu: 1340\n`,
    ),
  );
}

function file(path: string, text: string): SourceFile {
  const bytes = Buffer.from(text);
  return { path, kind: 'file', size: bytes.length, bytes };
}
