import { LEAF_CLUSTER } from '../model/kinds.ts';
import type { ImportReport } from '../model/generated/import-report.ts';
import { secretNameOf } from './leaf-manifest.ts';

export interface HintOptions {
  /** Of the installation. */
  readonly namespace: string;
  /** Which file was given for which leaf. */
  readonly leaves: readonly { readonly name: string; readonly file: string }[];
}

/** What a shell takes as one word as it is. */
const PLAIN_PATH = /^[\w./-]+$/;

/**
 * How to make the Secret of each leaf that gets a LeafCluster: never in YAML, and never with a value on the command line.
 * Empty where no leaf is new.
 */
export function secretHints(report: ImportReport, { namespace, leaves }: HintOptions): string {
  const names = report.manifests
    .filter(({ kind }) => kind === LEAF_CLUSTER.kind)
    .map(({ name }) => name);
  if (names.length === 0) return '';
  const lines = names.map((name) => {
    const file = leaves.find((leaf) => leaf.name === name)?.file ?? '';
    const path = PLAIN_PATH.test(file) ? file : `<kubeconfig of ${name}>`;
    return `  kubectl -n ${namespace} create secret generic ${secretNameOf(name)} --from-file=kubeconfig=${path}\n`;
  });
  return `\nEach new leaf needs a Secret in the main cluster, with a kubeconfig of the service's own (docs/credentials.md):\n${lines.join('')}`;
}
