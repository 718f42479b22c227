import { groupOf, type Right } from '../model/right.ts';

/** Where the manifests lie that grant what is needed. */
const MANIFESTS = 'deploy/leaf-rbac/';

/**
 * One sentence on rights that a leaf does not give: what, where, and how to grant it. Kinds of one group with the same
 * verbs share a phrase, so that the sentence stays short even when everything is missing.
 */
export function describeRights(leaf: string, missing: readonly Right[]): string {
  const places = Map.groupBy(missing, ({ namespace }) => namespace);
  const what = [...places].map(([namespace, rights]) => {
    const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
    return `${phrases(rights).join(', ')}${where}`;
  });
  return `leaf "${leaf}" does not allow to ${what.join('; ')}: grant it as in ${MANIFESTS}`;
}

function phrases(rights: readonly Right[]): readonly string[] {
  const objects = Map.groupBy(rights, ({ kind, name }) =>
    JSON.stringify([groupOf(kind), name === undefined ? kind.plural : `${kind.plural}/${name}`]),
  );
  const alike = Map.groupBy([...objects], ([object, found]) => {
    const [group] = JSON.parse(object) as [string, string];
    return `${found.map(({ verb }) => verb).join('/')}|${group}`;
  });
  return [...alike].map(([key, members]) => {
    const [verbs, group] = key.split('|');
    const names = members.map(([object]) => (JSON.parse(object) as [string, string])[1]);
    return `${verbs} ${names.join(', ')}${group === '' ? '' : ` (${group})`}`;
  });
}
