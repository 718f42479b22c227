import type { KubeObject } from '../../../model/kube-object.ts';
import { jsonEqual, objectOrEmpty, textOrEmpty } from '../json.ts';
import type { Resource } from '../store/resource.ts';
import { definitionErrors } from './definition-rules.ts';
import { eventErrors } from './event-rules.ts';
import type { FieldError } from './field-error.ts';
import { bindingErrors, roleErrors } from './rbac-rules.ts';
import { serviceErrors } from './service-rules.ts';

type Rule = (object: KubeObject, live: KubeObject | undefined) => readonly FieldError[];

/** Rules of single built-in kinds that no schema says (kubernetes/pkg/apis/…/validation). */
export function builtinErrors(
  { custom, kind }: Resource,
  object: KubeObject,
  live: KubeObject | undefined,
): readonly FieldError[] {
  return custom ? [] : (RULES[kind]?.(object, live) ?? []);
}

const RULES: Readonly<Record<string, Rule>> = {
  ConfigMap: configMapErrors,
  Secret: secretErrors,
  Service: serviceErrors,
  Event: eventErrors,
  Lease: leaseErrors,
  Role: roleErrors,
  RoleBinding: bindingErrors,
  ClusterRoleBinding: bindingErrors,
  CustomResourceDefinition: definitionErrors,
};

const KEY = /^[-._a-zA-Z0-9]+$/;
const KEY_TEXT =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

function keyErrors(object: KubeObject, member: string): readonly FieldError[] {
  return Object.keys(objectOrEmpty(object[member]))
    .filter((key) => !KEY.test(key))
    .map((key) => invalidAt(`${member}[${key}]`, key, KEY_TEXT));
}

function invalidAt(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, value, detail };
}

function immutableErrors(
  object: KubeObject,
  live: KubeObject | undefined,
  members: readonly string[],
): readonly FieldError[] {
  if (live?.['immutable'] !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  return members
    .filter((member) => !jsonEqual(object[member], live[member]))
    .map((field) => ({ type: 'FieldValueForbidden', field, detail }));
}

function configMapErrors(object: KubeObject, live: KubeObject | undefined): readonly FieldError[] {
  const binary = objectOrEmpty(object['binaryData']);
  const twice = Object.keys(objectOrEmpty(object['data']))
    .filter((key) => key in binary)
    .map((key) => invalidAt(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  return [
    ...immutableErrors(object, live, ['immutable', 'data', 'binaryData']),
    ...keyErrors(object, 'data'),
    ...twice,
    ...keyErrors(object, 'binaryData'),
  ];
}

/** Keys that secrets of a type must have. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

function secretErrors(object: KubeObject, live: KubeObject | undefined): readonly FieldError[] {
  const type = textOrEmpty(object['type']);
  const data = objectOrEmpty(object['data']);
  const changed =
    live !== undefined && live['type'] !== type
      ? [invalidAt('type', type, 'field is immutable')]
      : [];
  const missing = (REQUIRED_KEYS[type] ?? [])
    .filter((key) => !(key in data))
    .map((key) => ({ type: 'FieldValueRequired', field: `data[${key}]`, detail: '' }) as const);
  return [
    ...changed,
    ...immutableErrors(object, live, ['immutable', 'data']),
    ...keyErrors(object, 'data'),
    ...missing,
  ];
}

function leaseErrors(object: KubeObject): readonly FieldError[] {
  const { leaseDurationSeconds, leaseTransitions } = objectOrEmpty(object['spec']);
  return [
    ...(typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0
      ? [invalidAt('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')]
      : []),
    ...(typeof leaseTransitions === 'number' && leaseTransitions < 0
      ? [invalidAt('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0')]
      : []),
  ];
}
