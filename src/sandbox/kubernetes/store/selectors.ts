import type { KubeObject } from '../../../model/kube-object.ts';
import { badRequest } from '../api-status-error.ts';
import { isJsonObject } from '../json.ts';

/** Says whether an object is meant. */
export type Selector = (object: KubeObject) => boolean;

const KEY = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?`;
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);
const EQUALS = new RegExp(`^(${KEY})\\s*(=|==|!=)\\s*([-A-Za-z0-9_.]*)$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s+\\(([^)]*)\\)$`);

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

/** Splits at commas outside parentheses. */
function parts(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function requirement(part: string): Requirement {
  const [, absent, present = ''] = EXISTS.exec(part) ?? [];
  if (absent !== undefined) return (labels) => (labels[present] === undefined) === (absent === '!');
  const [, key, operator, value] = EQUALS.exec(part) ?? [];
  if (key !== undefined) return (labels) => (labels[key] === value) === (operator !== '!=');
  const [, setKey, setOperator, list = ''] = SET.exec(part) ?? [];
  if (setKey !== undefined) {
    const values = new Set<string | undefined>(list.split(',').map((item) => item.trim()));
    return (labels) => values.has(labels[setKey]) === (setOperator === 'in');
  }
  throw badRequest(
    `unable to parse requirement: found '${part}', expected: in, notin, =, ==, !=, gt, lt`,
  );
}

/** A label selector in its text form. Throws 400 when it cannot be read. */
export function labelSelector(text: string): Selector {
  const requirements = parts(text).map(requirement);
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? {}));
}

/** Field selectors that core kinds know beside the name and the namespace, which all kinds know. */
const CORE_FIELDS = new Set([
  'involvedObject.kind',
  'involvedObject.name',
  'involvedObject.namespace',
  'involvedObject.uid',
  'reason',
  'type',
  'spec.nodeName',
  'status.phase',
]);

function fieldValue(object: KubeObject, field: string): string {
  let value: unknown = object;
  for (const member of field.split('.')) value = isJsonObject(value) ? value[member] : undefined;
  return typeof value === 'string' ? value : '';
}

/** A field selector in its text form. Throws 400 for fields that cannot be selected by. */
export function fieldSelector(text: string, custom: boolean): Selector {
  const requirements = parts(text).map((part) => {
    const match = /^([^=!]+)(=|==|!=)(.*)$/.exec(part);
    if (match === null) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
    const [, field = '', operator = '', value = ''] = match;
    const known = ['metadata.name', 'metadata.namespace'].includes(field);
    if (!known && (custom || !CORE_FIELDS.has(field))) {
      throw badRequest(`field label not supported: ${field}`);
    }
    return (object: KubeObject) => (fieldValue(object, field) === value) === (operator !== '!=');
  });
  return (object) => requirements.every((holds) => holds(object));
}
