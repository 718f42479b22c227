import { Document, isMap, isSeq, type Node } from 'yaml';
import {
  LABEL_REMOTE_CLUSTER_ID,
  LABEL_TENANT_NAMESPACE,
  POD_SECURITY_LABELS,
} from '../liqo/labels.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import { type LeafRole, leafRoles, type LeafRolesOptions } from './leaf-roles.ts';

/** Who gets the rights on the leaf: the user of the kubeconfig. */
export type Subject =
  | { readonly kind: 'User' | 'Group'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string };

export interface LeafManifestOptions extends LeafRolesOptions {
  readonly subject: Subject;
  /** Lines at the top, as comments. */
  readonly intro: readonly string[];
}

const GROUP = 'rbac.authorization.k8s.io';

/**
 * The YAML that a leaf's administrator applies: roles and bindings with a reason for each rule, and, outside the scope
 * `cluster`, the tenant namespaces, which the service must not make there. Pure; the same input gives the same bytes.
 */
export function leafManifest(options: LeafManifestOptions): string {
  const documents = leafRoles(options).flatMap((role) => [
    ...tenantNamespace(role),
    withReasons(roleDocument(role), role),
    new Document(bindingOf(role, options.subject)),
  ]);
  const intro = options.intro.map((line) => `# ${line}\n`).join('');
  return intro + documents.map(toText).join('---\n');
}

function toText(document: Document): string {
  return document.toString({ singleQuote: true, lineWidth: 0, flowCollectionPadding: false });
}

function kindOf({ namespace }: LeafRole): 'ClusterRole' | 'Role' {
  return namespace === undefined ? 'ClusterRole' : 'Role';
}

function metadataOf({ namespace }: LeafRole): object {
  return { name: FIELD_MANAGER, ...(namespace === undefined ? {} : { namespace }) };
}

function tenantNamespace({ namespace, peerID }: LeafRole): readonly Document[] {
  if (peerID === undefined) return [];
  const labels = {
    [LABEL_REMOTE_CLUSTER_ID]: peerID,
    [LABEL_TENANT_NAMESPACE]: 'true',
    ...POD_SECURITY_LABELS,
  };
  const metadata = { name: namespace, labels };
  return [new Document({ apiVersion: 'v1', kind: 'Namespace', metadata })];
}

function roleDocument(role: LeafRole): Document {
  return new Document({
    apiVersion: `${GROUP}/v1`,
    kind: kindOf(role),
    metadata: metadataOf(role),
    rules: role.rules.map(({ policy }) => policy),
  });
}

function withReasons(document: Document, { rules }: LeafRole): Document {
  const items = document.get('rules');
  if (!isSeq<Node>(items)) return document;
  for (const [index, rule] of items.items.entries()) {
    rule.commentBefore = ` ${rules[index]?.why}`;
    for (const { value } of isMap(rule) ? rule.items : []) setFlow(value);
  }
  return document;
}

/** One line for each list of names. */
function setFlow(node: unknown): void {
  if (isSeq(node)) node.flow = true;
}

function bindingOf(role: LeafRole, subject: Subject): object {
  const roleRef = { apiGroup: GROUP, kind: kindOf(role), name: FIELD_MANAGER };
  const subjects = [subject.kind === 'ServiceAccount' ? subject : { apiGroup: GROUP, ...subject }];
  const metadata = metadataOf(role);
  return { apiVersion: `${GROUP}/v1`, kind: `${kindOf(role)}Binding`, metadata, roleRef, subjects };
}
