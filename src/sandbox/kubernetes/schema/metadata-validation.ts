import type { FieldError } from './field-error.ts';
import { isJsonObject, listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';

/** Which names a kind allows. */
export type NameRule = 'subdomain' | 'label' | 'path';

const SUBDOMAIN = String.raw`[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*`;
const LABEL = String.raw`[a-z0-9]([-a-z0-9]*[a-z0-9])?`;
const LABEL_VALUE = String.raw`(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?`;
const QUALIFIED = String.raw`([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`;

const SUBDOMAIN_TEXT = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
const LABEL_TEXT = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const LABEL_VALUE_TEXT = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${LABEL_VALUE}')`;
const QUALIFIED_TEXT = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}')`;

function matches(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern}$`).test(text);
}

/** Why a name is not allowed, or nothing. */
function nameProblems(name: string, rule: NameRule): readonly string[] {
  if (rule === 'path') return /[/%]|^\.{1,2}$/.test(name) ? ["may not contain '/' or '%'"] : [];
  const [limit, pattern, text] =
    rule === 'label' ? [63, LABEL, LABEL_TEXT] : [253, SUBDOMAIN, SUBDOMAIN_TEXT];
  return [
    ...(name.length > limit ? [`must be no more than ${limit} bytes`] : []),
    ...(matches(pattern, name) ? [] : [text]),
  ];
}

function qualifiedNameProblem(key: string): string | undefined {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  const prefix = parts.join('/');
  if (parts.length > 0 && !matches(SUBDOMAIN, prefix)) return `prefix part ${SUBDOMAIN_TEXT}`;
  if (name.length > 63) return 'name part must be no more than 63 bytes';
  return matches(QUALIFIED, name) ? undefined : QUALIFIED_TEXT;
}

function wrong(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, value, detail };
}

function keyErrors(field: string, map: unknown): readonly FieldError[] {
  return Object.keys(objectOrEmpty(map)).flatMap((key) => {
    const problem = qualifiedNameProblem(key);
    return problem === undefined ? [] : [wrong(field, key, problem)];
  });
}

function labelErrors(labels: unknown): readonly FieldError[] {
  return Object.values(objectOrEmpty(labels)).flatMap((value) => {
    const text = textOrEmpty(value);
    if (text.length > 63) {
      return [wrong('metadata.labels', text, 'must be no more than 63 bytes')];
    }
    return matches(LABEL_VALUE, text) ? [] : [wrong('metadata.labels', text, LABEL_VALUE_TEXT)];
  });
}

function ownerErrors(owner: unknown, index: number): readonly FieldError[] {
  const fields = objectOrEmpty(owner);
  const path = `metadata.ownerReferences[${index}]`;
  return (['apiVersion', 'kind', 'name', 'uid'] as const).flatMap((member) => {
    const detail = member === 'apiVersion' ? 'version must not be empty' : 'must not be empty';
    return textOrEmpty(fields[member]) === '' ? [wrong(`${path}.${member}`, '', detail)] : [];
  });
}

/** Checks the part of `metadata` that users write. Throws nothing; an empty list means that it is in order. */
export function metadataErrors(metadata: unknown, rule: NameRule): readonly FieldError[] {
  if (!isJsonObject(metadata)) return [];
  const name = textOrEmpty(metadata['name']);
  const nameErrors: readonly FieldError[] =
    name === ''
      ? [
          {
            type: 'FieldValueRequired',
            field: 'metadata.name',
            detail: 'name or generateName is required',
          },
        ]
      : nameProblems(name, rule).map((detail) => wrong('metadata.name', name, detail));
  return [
    ...nameErrors,
    ...keyErrors('metadata.labels', metadata['labels']),
    ...labelErrors(metadata['labels']),
    ...keyErrors('metadata.annotations', metadata['annotations']),
    ...listOrEmpty(metadata['finalizers']).flatMap((finalizer) => {
      const problem = qualifiedNameProblem(textOrEmpty(finalizer));
      return problem === undefined ? [] : [wrong('metadata.finalizers', finalizer, problem)];
    }),
    ...listOrEmpty(metadata['ownerReferences']).flatMap(ownerErrors),
  ];
}
