import type { KubeObject } from '../../../model/kube-object.ts';
import { jsonEqual, listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';
import type { FieldError } from './field-error.ts';

/** What is wrong with the rules of a Role. */
export function roleErrors(role: KubeObject): readonly FieldError[] {
  return listOrEmpty(role['rules']).flatMap((rule, index) => {
    const { verbs, nonResourceURLs } = objectOrEmpty(rule);
    const path = `rules[${index}]`;
    const paths = listOrEmpty(nonResourceURLs);
    return [
      ...(listOrEmpty(verbs).length === 0
        ? [required(`${path}.verbs`, 'verbs must contain at least one value')]
        : []),
      ...(paths.length > 0
        ? [
            invalidAt(
              `${path}.nonResourceURLs`,
              paths,
              'namespaced rules cannot apply to non-resource URLs',
            ),
          ]
        : []),
    ];
  });
}

/** What is wrong with a binding: whom it names, what it refers to, and that it refers to another role than before. */
export function bindingErrors(
  binding: KubeObject,
  live: KubeObject | undefined,
): readonly FieldError[] {
  const { kind, name, apiGroup } = objectOrEmpty(binding['roleRef']);
  const kinds = binding.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const changed =
    live !== undefined && !jsonEqual(live['roleRef'], binding['roleRef'])
      ? [
          invalidAt(
            'roleRef',
            { APIGroup: apiGroup, Kind: kind, Name: name },
            'cannot change roleRef',
          ),
        ]
      : [];
  return [
    ...(kinds.includes(textOrEmpty(kind)) ? [] : [unsupported('roleRef.kind', kind, kinds)]),
    ...(textOrEmpty(name) === '' ? [required('roleRef.name', '')] : []),
    ...listOrEmpty(binding['subjects']).flatMap(subjectErrors),
    ...changed,
  ];
}

const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group'];

function subjectErrors(subject: unknown, index: number): readonly FieldError[] {
  const { kind, name, namespace } = objectOrEmpty(subject);
  const path = `subjects[${index}]`;
  const isHomeless = kind === 'ServiceAccount' && textOrEmpty(namespace) === '';
  return [
    ...(textOrEmpty(name) === '' ? [required(`${path}.name`, '')] : []),
    ...(SUBJECT_KINDS.includes(textOrEmpty(kind))
      ? []
      : [unsupported(`${path}.kind`, kind, SUBJECT_KINDS)]),
    ...(isHomeless ? [required(`${path}.namespace`, '')] : []),
  ];
}

function required(field: string, detail: string): FieldError {
  return { type: 'FieldValueRequired', field, detail };
}

function invalidAt(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, value, detail };
}

function unsupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`;
  return { type: 'FieldValueNotSupported', field, value: textOrEmpty(value), detail };
}
