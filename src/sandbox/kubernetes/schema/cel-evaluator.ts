import type { CelNode } from './cel-parser.ts';
import { CelError } from './cel-tokens.ts';
import { isJsonObject, jsonEqual } from '../json.ts';

/** What the names in an expression stand for. */
export type CelScope = Readonly<Record<string, unknown>>;

type Node<Kind extends CelNode['kind']> = Extract<CelNode, { kind: Kind }>;

/**
 * The value of a CEL expression over JSON values: what the rules of CustomResourceDefinitions use of the language.
 * Integers and doubles are one kind of number. Throws CelError for what has no value, as `self.absent`.
 */
export function evaluateCel(node: CelNode, scope: CelScope): unknown {
  const value = (inner: CelNode): unknown => evaluateCel(inner, scope);
  switch (node.kind) {
    case 'value':
      return node.value;
    case 'name':
      return lookUp(scope, node.name);
    case 'index':
      return lookUp(value(node.of), value(node.at));
    case 'list':
      return node.items.map(value);
    case 'map':
      return Object.fromEntries(node.entries.map(([key, of]) => [String(value(key)), value(of)]));
    case 'unary':
      return unary(node.operator, value(node.of));
    case 'choice':
      return choose(node, scope);
    case 'binary':
      return binary(node, scope);
    case 'call':
      return call(node, scope);
  }
}

function choose({ test, yes, no }: Node<'choice'>, scope: CelScope): unknown {
  return evaluateCel(evaluateCel(test, scope) === true ? yes : no, scope);
}

function lookUp(value: unknown, key: unknown): unknown {
  if (isJsonObject(value) && Object.hasOwn(value, String(key))) return value[String(key)];
  if (Array.isArray(value) && typeof key === 'number' && key in value) return value[key];
  throw new CelError(`no such key: ${String(key)}`);
}

function unary(operator: string, value: unknown): unknown {
  if (operator === '!' && typeof value === 'boolean') return !value;
  if (operator === '-' && typeof value === 'number') return -value;
  throw new CelError(`no such overload: ${operator}`);
}

function binary(node: Node<'binary'>, scope: CelScope): unknown {
  const { operator } = node;
  if (operator === '||') return either(node, scope, true);
  if (operator === '&&') return either(node, scope, false);
  const left = evaluateCel(node.left, scope);
  const right = evaluateCel(node.right, scope);
  if (operator === '==') return jsonEqual(left, right);
  if (operator === '!=') return !jsonEqual(left, right);
  if (operator === 'in') return isIn(left, right);
  if (Array.isArray(left) && Array.isArray(right) && operator === '+') {
    return [...(left as unknown[]), ...(right as unknown[])];
  }
  return combine(operator, left, right);
}

function isIn(item: unknown, holder: unknown): boolean {
  if (Array.isArray(holder)) return holder.some((held) => jsonEqual(held, item));
  if (isJsonObject(holder)) return Object.hasOwn(holder, String(item));
  throw new CelError('no such overload: in');
}

/** `||` and `&&`: one side that decides is enough, even when the other has no value. */
function either(node: Node<'binary'>, scope: CelScope, decides: boolean): boolean {
  const attempts = [node.left, node.right].map((side) => attempt(side, scope));
  if (attempts.some(({ value }) => value === decides)) return decides;
  for (const { error } of attempts) if (error !== undefined) throw error;
  if (attempts.every(({ value }) => value === !decides)) return !decides;
  throw new CelError(`no such overload: ${node.operator}`);
}

function attempt(node: CelNode, scope: CelScope): { value?: unknown; error?: CelError } {
  try {
    return { value: evaluateCel(node, scope) };
  } catch (error) {
    if (error instanceof CelError) return { error };
    throw error;
  }
}

type Operation<T> = (left: T, right: T) => unknown;

const COMPARISONS: Readonly<Record<string, Operation<number | string>>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

const CALCULATIONS: Readonly<Record<string, Operation<number>>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': divided,
  '%': (left, right) => left - right * divided(left, right),
};

function divided(left: number, right: number): number {
  if (right === 0) throw new CelError('division by zero');
  const isInteger = Number.isInteger(left) && Number.isInteger(right);
  return isInteger ? Math.trunc(left / right) : left / right;
}

function combine(operator: string, left: unknown, right: unknown): unknown {
  if (typeof left === 'number' && typeof right === 'number') {
    const operation = COMPARISONS[operator] ?? CALCULATIONS[operator];
    if (operation !== undefined) return operation(left, right);
  }
  if (typeof left === 'string' && typeof right === 'string') {
    if (operator === '+') return left + right;
    const comparison = COMPARISONS[operator];
    if (comparison !== undefined) return comparison(left, right);
  }
  throw new CelError(`no such overload: ${operator}`);
}

function call(node: Node<'call'>, scope: CelScope): unknown {
  const { of, name, args } = node;
  const [first, second] = args;
  if (of === undefined && name === 'has' && first?.kind === 'index') return has(first, scope);
  if (of !== undefined && first?.kind === 'name' && second !== undefined) {
    return iterate(name, itemsOf(evaluateCel(of, scope)), (item) =>
      evaluateCel(second, { ...scope, [first.name]: item }),
    );
  }
  const values = (of === undefined ? args : [of, ...args]).map((arg) => evaluateCel(arg, scope));
  return invoke(name, values);
}

function has({ of, at }: Node<'index'>, scope: CelScope): boolean {
  const holder = evaluateCel(of, scope);
  return isJsonObject(holder) && Object.hasOwn(holder, String(evaluateCel(at, scope)));
}

/** What a macro goes through: the items of a list, the keys of a map. */
function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isJsonObject(value)) return Object.keys(value);
  throw new CelError('expression of this type cannot be the range of a comprehension');
}

function iterate(
  macro: string,
  items: readonly unknown[],
  body: (item: unknown) => unknown,
): unknown {
  const holds = (item: unknown): boolean => body(item) === true;
  switch (macro) {
    case 'all':
      return items.every(holds);
    case 'exists':
      return items.some(holds);
    case 'exists_one':
      return items.filter(holds).length === 1;
    case 'filter':
      return items.filter(holds);
    case 'map':
      return items.map(body);
    default:
      throw new CelError(`undeclared reference to '${macro}'`);
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  if (isJsonObject(value)) return Object.keys(value).length;
  throw new CelError('no such overload: size');
}

type TextFunction = (text: string, argument: string) => unknown;

const TEXT_FUNCTIONS: Readonly<Record<string, TextFunction>> = {
  contains: (text, part) => text.includes(part),
  endsWith: (text, part) => text.endsWith(part),
  matches: (text, pattern) => new RegExp(pattern, 'u').test(text),
  split: (text, separator) => text.split(separator),
  startsWith: (text, part) => text.startsWith(part),
};

function invoke(name: string, values: readonly unknown[]): unknown {
  const [first, second] = values;
  if (name === 'size') return sizeOf(first);
  if (name === 'string') return String(first);
  if (name === 'int' || name === 'double') return Number(first);
  const textFunction = Object.hasOwn(TEXT_FUNCTIONS, name) ? TEXT_FUNCTIONS[name] : undefined;
  if (textFunction !== undefined && typeof first === 'string' && typeof second === 'string') {
    return textFunction(first, second);
  }
  throw new CelError(`undeclared reference or no such overload: '${name}'`);
}
