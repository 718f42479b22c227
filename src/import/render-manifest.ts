import { Document, isSeq, visit } from 'yaml';
import {
  leafClusterSchemaAddress,
  shortcutSchemaAddress,
} from '../model/generated/manifest-schemas.ts';
import { SHORTCUT } from '../model/kinds.ts';
import { showPlainly } from '../report/show-plainly.ts';

/** A Shortcut or LeafCluster as it is to be committed. */
export interface ManifestObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/**
 * The YAML of one manifest: a line that tells editors its schema, what a reviewer should know as comments, then the
 * object. The same input gives the same bytes.
 */
export function renderManifest(object: ManifestObject, notes: readonly string[]): string {
  const address = object.kind === SHORTCUT.kind ? shortcutSchemaAddress : leafClusterSchemaAddress;
  const document = new Document(object);
  visit(document, {
    Seq: (_key, node) => {
      node.flow = isSeq(node);
    },
  });
  const comments = [`yaml-language-server: $schema=${address}`, ...notes.map(showPlainly)];
  const yaml = document.toString({ singleQuote: true, lineWidth: 0, flowCollectionPadding: false });
  return comments.map((line) => `# ${line}\n`).join('') + yaml;
}
