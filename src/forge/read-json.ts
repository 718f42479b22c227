import { ForgeUnreachableError } from '../errors/errors.ts';

/** A member of a JSON object that nobody has checked; undefined where there is none. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((part, name) => {
    return typeof part === 'object' && part !== null
      ? (part as Readonly<Record<string, unknown>>)[name]
      : undefined;
  }, value);
}

/** A member that is a text; empty where there is none. */
export function textOf(value: unknown, ...path: readonly string[]): string {
  const text = member(value, ...path);
  return typeof text === 'string' ? text : '';
}

/** A member that has to be a number. @throws ForgeUnreachableError */
export function numberOf(value: unknown, ...path: readonly string[]): number {
  const number = member(value, ...path);
  if (typeof number === 'number') return number;
  throw new ForgeUnreachableError(`the API answers without the number "${path.join('.')}"`);
}

/** What has to be a list. @throws ForgeUnreachableError */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ForgeUnreachableError('the API answers with something else than a list');
}
