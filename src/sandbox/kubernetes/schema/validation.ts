import type { FieldError, FieldErrorType } from './field-error.ts';
import { obeysFormat } from './formats.ts';
import { isJsonObject, jsonEqual, type JsonObject } from '../json.ts';
import { itemSchema, memberSchema, type Schema } from './schema.ts';

/**
 * Checks a value against a structural schema, with the messages of the API server (probes/k-invalid.txt).
 * CEL rules are checked elsewhere (cel-rules.ts).
 */
export function validate(value: unknown, schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  new Validation(errors).check(value, schema, path);
  return errors;
}

type AddError = (type: FieldErrorType, value: unknown, detail: string) => void;

class Validation {
  readonly #errors: FieldError[];

  constructor(errors: FieldError[]) {
    this.#errors = errors;
  }

  check(value: unknown, schema: Schema, path: string): void {
    if (value === null && schema.nullable === true) return;
    const add: AddError = (type, shown, detail) =>
      this.#errors.push({ type, field: path, value: shown, detail });
    const actual = typeOf(value);
    if (!typeAllowed(actual, schema)) {
      add(
        'FieldValueTypeInvalid',
        actual,
        `${path} in body must be of type ${wanted(schema)}: "${actual}"`,
      );
      this.#errors.push(...combinationErrors(value, schema, path));
      return;
    }
    if (schema.enum?.some((allowed) => jsonEqual(allowed, value)) === false) {
      const supported = schema.enum.map((allowed) => JSON.stringify(allowed)).join(', ');
      add('FieldValueNotSupported', value, `supported values: ${supported}`);
    }
    if (typeof value === 'string') checkText(value, schema, path, add);
    if (typeof value === 'number') checkNumber(value, schema, path, add);
    if (Array.isArray(value)) this.#checkList(value, schema, path);
    if (isJsonObject(value)) this.#checkObject(value, schema, path);
    this.#errors.push(...combinationErrors(value, schema, path));
  }

  #checkList(list: readonly unknown[], schema: Schema, path: string): void {
    const add: AddError = (type, value, detail) =>
      this.#errors.push({ type, field: path, value, detail });
    const { minItems = 0, maxItems = Infinity } = schema;
    if (list.length < minItems) {
      add(
        'FieldValueInvalid',
        list.length,
        `${path} in body should have at least ${minItems} items`,
      );
    }
    if (list.length > maxItems) {
      add('FieldValueTooMany', list.length, `must have at most ${maxItems} items`);
    }
    list.forEach((item, index) => this.check(item, itemSchema(schema), `${path}[${index}]`));
    this.#checkDuplicates(list, schema, path);
  }

  #checkDuplicates(list: readonly unknown[], schema: Schema, path: string): void {
    const identity = listIdentity(schema);
    if (identity === undefined) return;
    const seen = new Set<string>();
    list.forEach((item, index) => {
      const value = identity(item);
      const key = JSON.stringify(value);
      if (seen.has(key)) {
        const field = `${path}[${index}]`;
        this.#errors.push({ type: 'FieldValueDuplicate', field, value, detail: '' });
      }
      seen.add(key);
    });
  }

  #checkObject(object: JsonObject, schema: Schema, path: string): void {
    for (const member of schema.required ?? []) {
      if (object[member] !== undefined) continue;
      const field = join(path, member);
      this.#errors.push({ type: 'FieldValueRequired', field, detail: '' });
    }
    this.#checkMemberCount(Object.keys(object).length, schema, path);
    for (const [member, value] of Object.entries(object)) {
      this.check(value, memberSchema(schema, member) ?? {}, join(path, member));
    }
  }

  #checkMemberCount(count: number, schema: Schema, path: string): void {
    const { minProperties = 0, maxProperties = Infinity } = schema;
    if (count < minProperties) {
      const detail = `${path} in body should have at least ${minProperties} properties`;
      this.#errors.push({ type: 'FieldValueInvalid', field: path, value: count, detail });
    }
    if (count > maxProperties) {
      const detail = `must have at most ${maxProperties} items`;
      this.#errors.push({ type: 'FieldValueTooMany', field: path, value: count, detail });
    }
  }
}

/** What `allOf`, `anyOf`, `oneOf` and `not` say, in the order and with the words of go-openapi. */
function combinationErrors(value: unknown, schema: Schema, path: string): readonly FieldError[] {
  const failuresOf = (parts: readonly Schema[] = []): readonly (readonly FieldError[])[] =>
    parts.map((part) => validate(value, part, path)).filter((errors) => errors.length > 0);
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  const must = (what: string): FieldError => ({
    type: 'FieldValueInvalid',
    field: '<nil>',
    value: '',
    detail: `"${path}" must ${what}`,
  });
  return [
    ...anyErrors(anyOf.length, failuresOf(anyOf), must),
    ...oneErrors(oneOf.length, failuresOf(oneOf), must),
    ...allErrors(allOf.length, failuresOf(allOf), must),
    ...(not !== undefined && failuresOf([not]).length === 0
      ? [must('not validate the schema (not)')]
      : []),
  ];
}

type Failures = readonly (readonly FieldError[])[];
type Must = (what: string) => FieldError;

function anyErrors(count: number, failures: Failures, must: Must): readonly FieldError[] {
  if (count === 0 || failures.length < count) return [];
  return [must('validate at least one schema (anyOf)'), ...(failures[0] ?? [])];
}

function oneErrors(count: number, failures: Failures, must: Must): readonly FieldError[] {
  const valid = count - failures.length;
  if (count === 0 || valid === 1) return [];
  const one = 'validate one and only one schema (oneOf)';
  if (valid > 1) return [must(`${one}. Found ${valid} valid alternatives`)];
  return [must(`${one}. Found none valid`), ...(failures[0] ?? [])];
}

function allErrors(count: number, failures: Failures, must: Must): readonly FieldError[] {
  if (failures.length === 0) return [];
  const none = failures.length === count ? '. None validated' : '';
  return [...failures.flat(), must(`validate all the schemas (allOf)${none}`)];
}

function join(path: string, member: string): string {
  return path === '' ? member : `${path}.${member}`;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function typeAllowed(actual: string, schema: Schema): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'].includes(actual);
  if (schema.type === undefined || schema.type === actual) return true;
  return schema.type === 'number' && actual === 'integer';
}

function wanted(schema: Schema): string {
  return schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : (schema.type ?? '');
}

/** What makes two items of a list the same; undefined for atomic lists. */
function listIdentity(schema: Schema): ((item: unknown) => unknown) | undefined {
  if (schema['x-kubernetes-list-type'] === 'set') return (item) => item;
  if (schema['x-kubernetes-list-type'] !== 'map') return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return (item) =>
    Object.fromEntries(keys.map((key) => [key, isJsonObject(item) ? item[key] : undefined]));
}

function checkText(text: string, schema: Schema, path: string, add: AddError): void {
  const { minLength = 0, maxLength = Infinity, pattern, format } = schema;
  const length = Array.from(text).length;
  if (length < minLength) {
    add('FieldValueInvalid', text, `${path} in body should be at least ${minLength} chars long`);
  }
  if (length > maxLength) {
    add('FieldValueTooLong', text, `may not be more than ${maxLength} bytes`);
  }
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(text)) {
    add('FieldValueInvalid', text, `${path} in body should match '${pattern}'`);
  }
  if (format !== undefined && !obeysFormat(text, format)) {
    add('FieldValueTypeInvalid', text, `${path} in body must be of type ${format}: "${text}"`);
  }
}

function checkNumber(number: number, schema: Schema, path: string, add: AddError): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, format } = schema;
  const outside = (limit: number | undefined, excluded: boolean | undefined, sign: 1 | -1) =>
    limit !== undefined &&
    (excluded === true ? sign * (number - limit) <= 0 : sign * (number - limit) < 0);
  const say = (relation: string, excluded: boolean | undefined, limit: number | undefined): void =>
    add(
      'FieldValueInvalid',
      number,
      `${path} in body should be ${relation} than${excluded === true ? '' : ' or equal to'} ${limit ?? ''}`,
    );
  if (outside(minimum, exclusiveMinimum, 1)) say('greater', exclusiveMinimum, minimum);
  if (outside(maximum, exclusiveMaximum, -1)) say('less', exclusiveMaximum, maximum);
  if (format !== undefined && !obeysFormat(number, format)) {
    add('FieldValueInvalid', number, `${path} in body must be of type ${format}: "${number}"`);
  }
}
