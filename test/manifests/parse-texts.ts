import type { DesiredState } from '../../src/manifests/desired-state.ts';
import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import type { SourceFile } from '../../src/model/source-file.ts';

/** A file of a source, from its text or bytes. */
export function sourceFile(path: string, content: string | Uint8Array): SourceFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { path, kind: 'file', size: bytes.length, bytes };
}

/** Parses a source given as texts by path, with nothing known of the clusters unless said. */
export function parseTexts(
  texts: Readonly<Record<string, string>>,
  options: Partial<Parameters<typeof parseManifests>[1]> = {},
): DesiredState {
  const files = Object.entries(texts).map(([path, text]) => sourceFile(path, text));
  return parseManifests(files, { path: '.', namespace: 'liqo-shortcuts', ...options });
}

/** Problems in one line each: `file:line:column code pointer`. */
export function places({ problems }: DesiredState): readonly string[] {
  return problems.map(
    ({ file, line, column, code, pointer }) => `${file}:${line}:${column} ${code} ${pointer}`,
  );
}

/** A LeafCluster as YAML; `spec` is indented by two. */
export function leafYaml(name: string, spec = ''): string {
  return `apiVersion: shortcuts.liqo.io/v1alpha1
kind: LeafCluster
metadata:
  name: ${name}
spec:
  kubeconfigSecretRef: { name: ${name}-kubeconfig }
${spec}`;
}

/** A Shortcut as YAML; `spec` is indented by two. */
export function shortcutYaml(name: string, clusters: string, spec = ''): string {
  return `apiVersion: shortcuts.liqo.io/v1alpha1
kind: Shortcut
metadata:
  name: ${name}
spec:
  clusters: [${clusters}]
${spec}`;
}
