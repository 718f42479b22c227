import { evaluateCel } from './cel-evaluator.ts';
import { parseCel } from './cel-parser.ts';
import { CelError } from './cel-tokens.ts';
import type { FieldError, FieldErrorType } from './field-error.ts';
import { partsOf } from '../apply/field-set.ts';
import { isJsonObject } from '../json.ts';
import { itemSchema, memberSchema, type Schema, type ValidationRule } from './schema.ts';

/** After these the rules are not asked at all: they could not trust the shape of what they see. */
const BLOCKING: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const NOT_CHECKED: FieldError = {
  type: 'FieldValueInvalid',
  field: '<nil>',
  value: null,
  detail:
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

/** Schemas directly below a schema, with how paths name them. */
function below(schema: Schema): readonly (readonly [step: string, schema: Schema])[] {
  const members = Object.entries(schema.properties ?? {});
  const { items, additionalProperties } = schema;
  return [
    ...members.map(([name, member]) => [`properties[${name}]`, member] as const),
    ...(items === undefined ? [] : [['items', items] as const]),
    ...(typeof additionalProperties === 'object'
      ? [['additionalProperties', additionalProperties] as const]
      : []),
  ];
}

function hasRules(schema: Schema): boolean {
  return (
    schema['x-kubernetes-validations'] !== undefined ||
    below(schema).some(([, inner]) => hasRules(inner))
  );
}

/** Rules of a schema that cannot be read, each by its path below `path`. */
export function unreadableRules(schema: Schema, path: string): readonly FieldError[] {
  const own = (schema['x-kubernetes-validations'] ?? []).flatMap(({ rule }, index) => {
    try {
      parseCel(rule);
      return [];
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      const field = `${path}.x-kubernetes-validations[${index}].rule`;
      const detail = `compilation failed: ${error.message}`;
      return [{ type: 'FieldValueInvalid', field, value: rule, detail } as const];
    }
  });
  return [
    ...own,
    ...below(schema).flatMap(([step, inner]) => unreadableRules(inner, `${path}.${step}`)),
  ];
}

/**
 * Checks the CEL rules of a schema (`x-kubernetes-validations`), in the object and everything in it. Rules that speak
 * of `oldSelf` are asked only where there is an old value to compare with.
 */
export function celErrors(
  value: unknown,
  old: unknown,
  schema: Schema,
  shape: readonly FieldError[],
): readonly FieldError[] {
  if (shape.some(({ type }) => BLOCKING.has(type))) return hasRules(schema) ? [NOT_CHECKED] : [];
  return errorsAt({ value, old, path: '' }, schema);
}

interface Place {
  readonly value: unknown;
  readonly old: unknown;
  readonly path: string;
}

function errorsAt(place: Place, schema: Schema): readonly FieldError[] {
  const own = (schema['x-kubernetes-validations'] ?? []).flatMap((rule) => check(rule, place));
  return [...own, ...inside(place, schema)];
}

function inside({ value, old, path }: Place, schema: Schema): readonly FieldError[] {
  if (Array.isArray(value)) {
    const before = new Map((partsOf(old, schema) ?? []).map((part) => [part.edge, part.value]));
    const edges = partsOf(value, schema)?.map((part) => part.edge);
    return value.flatMap((item, index) =>
      errorsAt(
        { value: item, old: before.get(edges?.[index] ?? ''), path: `${path}[${index}]` },
        itemSchema(schema),
      ),
    );
  }
  if (!isJsonObject(value)) return [];
  const before = isJsonObject(old) ? old : {};
  return Object.entries(value).flatMap(([member, inner]) =>
    errorsAt(
      { value: inner, old: before[member], path: path === '' ? member : `${path}.${member}` },
      memberSchema(schema, member) ?? {},
    ),
  );
}

function check(rule: ValidationRule, { value, old, path }: Place): readonly FieldError[] {
  const isTransition = /\boldSelf\b/.test(rule.rule);
  if (isTransition && old === undefined) return [];
  const scope = isTransition ? { self: value, oldSelf: old } : { self: value };
  const field = `${path}${rule.fieldPath ?? ''}`;
  // Reasons are a subset of the types of field errors.
  const type = (rule.reason ?? 'FieldValueInvalid') as FieldErrorType;
  try {
    if (evaluateCel(parseCel(rule.rule), scope) === true) return [];
    // Objects and lists are not quoted.
    const quoted = typeof value === 'object' ? {} : { value };
    return [{ type, field, ...quoted, detail: messageOf(rule, scope) }];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const detail = `rule evaluation error: ${error.message}`;
    return [{ type: 'FieldValueInvalid', field, value, detail }];
  }
}

function messageOf(rule: ValidationRule, scope: Readonly<Record<string, unknown>>): string {
  if (rule.messageExpression !== undefined) {
    const message = evaluateCel(parseCel(rule.messageExpression), scope);
    if (typeof message === 'string') return message;
  }
  return rule.message ?? `failed rule: ${rule.rule}`;
}
