import type { ErrorObject } from 'ajv/dist/2020.js';
import type { ProblemCode } from '../model/problem.ts';
import { type Finding, pointerTo } from './manifest.ts';
import { codePointName, didYouMean, quote } from './wording.ts';

/** Fields whose problems have a code of their own. */
const CODES: Readonly<Record<string, ProblemCode>> = {
  '/apiVersion': 'unknown-api-version',
  '/metadata/name': 'invalid-name',
  '/metadata/namespace': 'invalid-name',
};

/** Likewise, when the field is missing. */
const CODES_OF_MISSING: Readonly<Record<string, ProblemCode>> = {
  '/apiVersion': 'unknown-api-version',
  '/metadata': 'missing-name',
  '/metadata/name': 'missing-name',
};

/** Keywords whose own message would say nothing to a reader: `x-expected` speaks for them. */
const EXPLAINED_KEYWORDS = new Set(['pattern', 'format', 'not']);

/** What a validator found, in words that tell the author which field to change to what. */
export function schemaFindings(errors: readonly ErrorObject[]): readonly Finding[] {
  const mistyped = new Set(
    errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath),
  );
  return (
    errors
      // Of a value of the wrong type, the type is all there is to say.
      .filter(({ keyword, instancePath }) => keyword === 'type' || !mistyped.has(instancePath))
      // The error of `propertyNames` itself only repeats what those inside it say.
      .filter(({ keyword }) => keyword !== 'propertyNames')
      .map(toFinding)
  );
}

function toFinding(error: ErrorObject): Finding {
  const { keyword, instancePath: pointer, propertyName, data } = error;
  if (keyword === 'required') return missingProperty(error);
  if (keyword === 'additionalProperties') return unknownProperty(error);
  if (propertyName !== undefined) {
    const message = `${prefix(pointer)}key ${quote(propertyName)} ${expectation(error)}`;
    return violation(message, pointerTo(pointer, propertyName), true);
  }
  const found = keyword === 'not' ? '' : `, is ${describe(data)}`;
  const message = `${prefix(pointer)}${expectation(error)}${found}`;
  return { code: CODES[pointer] ?? 'schema-violation', message, pointer };
}

function missingProperty({ instancePath, params }: ErrorObject): Finding {
  const { missingProperty: name } = params as { readonly missingProperty: string };
  const missing = pointerTo(instancePath, name);
  const code = CODES_OF_MISSING[missing] ?? 'schema-violation';
  return { code, message: `${fieldText(missing)} is missing`, pointer: instancePath };
}

function unknownProperty({ instancePath, params, parentSchema }: ErrorObject): Finding {
  const { additionalProperty: name } = params as { readonly additionalProperty: string };
  // Only objects with named properties are closed.
  const { properties } = parentSchema as { readonly properties: object };
  const near = didYouMean(name, Object.keys(properties));
  const message = `${prefix(instancePath)}unknown property ${quote(name)}${near}`;
  return violation(message, pointerTo(instancePath, name), true);
}

function violation(message: string, pointer: string, atKey: boolean): Finding {
  return { code: 'schema-violation', message, pointer, atKey };
}

function expectation({ keyword, params, parentSchema, message, schema }: ErrorObject): string {
  if (EXPLAINED_KEYWORDS.has(keyword)) return `must be ${String(parentSchema?.['x-expected'])}`;
  if (keyword === 'enum') {
    const { allowedValues } = params as { readonly allowedValues: readonly string[] };
    return `must be ${allowedValues.map(quote).join(' or ')}`;
  }
  return keyword === 'const' ? `must be ${quote(String(schema))}` : String(message);
}

function describe(data: unknown): string {
  if (typeof data === 'string') return `${quote(data)}${foreignCharacter(data)}`;
  if (data === null) return 'empty';
  if (Array.isArray(data)) return `a list of ${data.length}`;
  return typeof data === 'object' ? 'a mapping' : JSON.stringify(data);
}

/** Letters of other alphabets can look exactly like ours. */
function foreignCharacter(text: string): string {
  const [character] = /[^\x20-\x7e]/u.exec(text) ?? [];
  return character === undefined ? '' : ` with ${codePointName(character)}, which is not ASCII`;
}

function prefix(pointer: string): string {
  return pointer === '' ? '' : `${fieldText(pointer)}: `;
}

/** A pointer as people write it: `spec.clusters[1]`. */
function fieldText(pointer: string): string {
  const keys = pointer.split('/').slice(1);
  const parts = keys
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((key) => {
      if (/^\d+$/.test(key)) return `[${key}]`;
      return /^\w+$/.test(key) ? `.${key}` : `[${quote(key)}]`;
    });
  return parts.join('').replace(/^\./, '');
}
