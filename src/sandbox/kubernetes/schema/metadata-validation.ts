import type { FieldError } from './field-error.ts';
import { isJsonObject, listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';

/** Which names a kind allows. */
export type NameRule = 'subdomain' | 'label' | 'dns1035' | 'path';

const SUBDOMAIN = String.raw`[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*`;
const LABEL = String.raw`[a-z0-9]([-a-z0-9]*[a-z0-9])?`;
const LABEL_VALUE = String.raw`(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?`;
const QUALIFIED = String.raw`([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`;

const SUBDOMAIN_TEXT = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
const LABEL_TEXT = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const LABEL_VALUE_TEXT = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${LABEL_VALUE}')`;
const QUALIFIED_TEXT = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}')`;

const DNS1035 = String.raw`[a-z]([-a-z0-9]*[a-z0-9])?`;
const DNS1035_TEXT = `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${DNS1035}')`;

/** Rules by the length that names may have, their pattern, and what is said of names that do not match. */
const NAME_RULES = {
  subdomain: [253, SUBDOMAIN, SUBDOMAIN_TEXT],
  label: [63, LABEL, LABEL_TEXT],
  dns1035: [63, DNS1035, DNS1035_TEXT],
} as const;

function matches(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern}$`).test(text);
}

/** Why a name is not allowed, or nothing. */
function nameProblems(name: string, rule: NameRule): readonly string[] {
  if (rule === 'path') return pathProblems(name);
  const [limit, pattern, text] = NAME_RULES[rule];
  if (rule === 'label' && name.includes('.')) return ['must not contain dots'];
  return [
    ...(name.length > limit ? [`must be no more than ${limit} characters`] : []),
    ...(matches(pattern, name) ? [] : [text]),
  ];
}

function pathProblems(name: string): readonly string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%']
    .filter((sign) => name.includes(sign))
    .map((sign) => `may not contain '${sign}'`);
}

/** Why a key of labels or annotations, or the name of a finalizer, is not allowed. */
export function qualifiedNameProblem(key: string): string | undefined {
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

/** Why a value of a label is not allowed. */
export function labelValueProblem(text: string): string | undefined {
  if (text.length > 63) return 'must be no more than 63 bytes';
  return matches(LABEL_VALUE, text) ? undefined : LABEL_VALUE_TEXT;
}

function labelErrors(labels: unknown): readonly FieldError[] {
  return Object.values(objectOrEmpty(labels)).flatMap((value) => {
    const text = textOrEmpty(value);
    const problem = labelValueProblem(text);
    return problem === undefined ? [] : [wrong('metadata.labels', text, problem)];
  });
}

/** Names of finalizers that need no domain. */
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** Finalizers without a domain: core kinds refuse them. */
export function plainFinalizers(finalizers: readonly unknown[]): readonly string[] {
  return finalizers
    .map(textOrEmpty)
    .filter((name) => !name.includes('/') && !STANDARD_FINALIZERS.includes(name));
}

function plainFinalizerErrors(finalizers: readonly unknown[]): readonly FieldError[] {
  const detail = 'name is neither a standard finalizer name nor is it fully qualified';
  return plainFinalizers(finalizers).map((name) =>
    wrong(`metadata.finalizers[${finalizers.indexOf(name)}]`, name, detail),
  );
}

function ownerErrors(owner: unknown): readonly FieldError[] {
  const fields = objectOrEmpty(owner);
  const path = 'metadata.ownerReferences';
  return (['apiVersion', 'kind', 'name', 'uid'] as const).flatMap((member) => {
    const detail = member === 'apiVersion' ? 'version must not be empty' : 'must not be empty';
    return textOrEmpty(fields[member]) === '' ? [wrong(`${path}.${member}`, '', detail)] : [];
  });
}

function controllerErrors(owners: readonly unknown[]): readonly FieldError[] {
  const controllers = owners.map(objectOrEmpty).filter(({ controller }) => controller === true);
  if (controllers.length < 2) return [];
  const names = controllers
    .map(({ kind, name }) => `${textOrEmpty(kind)}/${textOrEmpty(name)}`)
    .join(' and ');
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${names}`;
  return [wrong('metadata.ownerReferences', owners, detail)];
}

/** Checks the part of `metadata` that users write. Throws nothing; an empty list means that it is in order. */
export function metadataErrors(
  metadata: unknown,
  { nameRule: rule, custom }: { readonly nameRule: NameRule; readonly custom: boolean },
): readonly FieldError[] {
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
  const generateName = textOrEmpty(metadata['generateName']);
  // The dash at the end is not the end of the name.
  const prefixProblems =
    generateName === '' ? [] : nameProblems(generateName.replace(/-$/, 'a'), rule);
  return [
    ...prefixProblems.map((detail) => wrong('metadata.generateName', generateName, detail)),
    ...nameErrors,
    ...keyErrors('metadata.labels', metadata['labels']),
    ...labelErrors(metadata['labels']),
    ...keyErrors('metadata.annotations', metadata['annotations']),
    ...listOrEmpty(metadata['finalizers']).flatMap((finalizer) => {
      const problem = qualifiedNameProblem(textOrEmpty(finalizer));
      return problem === undefined ? [] : [wrong('metadata.finalizers', finalizer, problem)];
    }),
    ...(custom ? [] : plainFinalizerErrors(listOrEmpty(metadata['finalizers']))),
    ...listOrEmpty(metadata['ownerReferences']).flatMap(ownerErrors),
    ...controllerErrors(listOrEmpty(metadata['ownerReferences'])),
  ];
}
