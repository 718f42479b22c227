import { parseAllDocuments } from 'yaml';
import type { KubeObject, ResourceKind } from '../../../../src/model/kube-object.ts';
import { refOf } from '../../../../src/model/kube-object.ts';
import type { TestLeaf } from '../leaf-pair.ts';
import { readRecording } from './recording-files.ts';

const signal = new AbortController().signal;

/** The recorded rules are for this user. */
export const HUB = 'hub';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** One right, as the recordings name it: `core` stands for the group without a name. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
}

const PLURALS: Readonly<Record<string, string>> = {
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Role: 'roles',
  RoleBinding: 'rolebindings',
};

/** Gives the user the recorded rights on a leaf, without one of them; replaces what it had of them before. */
export async function grant(leaf: TestLeaf, file: string, without?: Right): Promise<void> {
  const documents = parseAllDocuments(await readRecording(`rbac/${file}`));
  for (const document of documents) {
    const object = document.toJS() as KubeObject & { readonly rules?: readonly Rule[] };
    const kind: ResourceKind = {
      apiVersion: object.apiVersion,
      kind: object.kind,
      plural: PLURALS[object.kind] ?? '',
      namespaced: object.metadata.namespace !== undefined,
    };
    await leaf.client.delete(refOf(kind, object), { signal }).catch(() => undefined);
    const rules = object.rules?.flatMap((rule) => withoutRight(rule, without));
    await leaf.client.create(
      kind,
      { ...object, ...(rules === undefined ? {} : { rules }) },
      { signal },
    );
  }
}

function withoutRight(rule: Rule, right: Right | undefined): readonly Rule[] {
  if (right === undefined) return [rule];
  const group = right.group === 'core' ? '' : right.group;
  if (!rule.apiGroups.includes(group) || !rule.resources.includes(right.resource)) return [rule];
  const others = rule.resources.filter((resource) => resource !== right.resource);
  const verbs = rule.verbs.filter((verb) => verb !== right.verb);
  return [
    ...(others.length === 0 ? [] : [{ ...rule, resources: others }]),
    ...(verbs.length === 0 ? [] : [{ ...rule, resources: [right.resource], verbs }]),
  ];
}
