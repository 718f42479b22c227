import { CelError, type Token, tokensOf } from './cel-tokens.ts';

/** A CEL expression as a tree. */
export type CelNode =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly of: CelNode; readonly at: CelNode }
  | {
      readonly kind: 'call';
      readonly of: CelNode | undefined;
      readonly name: string;
      readonly args: readonly CelNode[];
    }
  | { readonly kind: 'list'; readonly items: readonly CelNode[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [CelNode, CelNode])[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: CelNode }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: CelNode;
      readonly right: CelNode;
    }
  | {
      readonly kind: 'choice';
      readonly test: CelNode;
      readonly yes: CelNode;
      readonly no: CelNode;
    };

/** Operators that stand between two operands, the loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Reads an expression of the Common Expression Language. Throws CelError. */
export function parseCel(source: string): CelNode {
  const parser = new Parser(tokensOf(source));
  const node = parser.expression();
  parser.expectEnd();
  return node;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expression(): CelNode {
    const test = this.#binary(0);
    if (!this.#take('?')) return test;
    const yes = this.expression();
    this.#expect(':');
    return { kind: 'choice', test, yes, no: this.expression() };
  }

  expectEnd(): void {
    if (this.#peek().kind !== 'end') throw new CelError(`unexpected "${this.#peek().value}"`);
  }

  #binary(level: number): CelNode {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((candidate) => this.#take(candidate));
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): CelNode {
    const operator = ['!', '-'].find((candidate) => this.#take(candidate));
    if (operator === undefined) return this.#postfix(this.#primary());
    return { kind: 'unary', operator, of: this.#unary() };
  }

  #postfix(of: CelNode): CelNode {
    if (this.#take('.')) {
      const name = this.#name();
      return this.#postfix(
        this.#take('(')
          ? { kind: 'call', of, name, args: this.#list(')') }
          : { kind: 'index', of, at: { kind: 'value', value: name } },
      );
    }
    if (!this.#take('[')) return of;
    const at = this.expression();
    this.#expect(']');
    return this.#postfix({ kind: 'index', of, at });
  }

  #primary(): CelNode {
    if (this.#take('(')) {
      const inner = this.expression();
      this.#expect(')');
      return inner;
    }
    if (this.#take('[')) return { kind: 'list', items: this.#list(']') };
    if (this.#take('{')) return { kind: 'map', entries: this.#entries() };
    const token = this.#peek();
    if (token.kind === 'number' || token.kind === 'text') {
      this.#at += 1;
      return { kind: 'value', value: token.value };
    }
    const name = this.#name();
    if (CONSTANTS.has(name)) return { kind: 'value', value: CONSTANTS.get(name) };
    if (this.#take('(')) return { kind: 'call', of: undefined, name, args: this.#list(')') };
    return { kind: 'name', name };
  }

  #list(end: string): readonly CelNode[] {
    const items: CelNode[] = [];
    while (!this.#take(end)) {
      if (items.length > 0) this.#expect(',');
      items.push(this.expression());
    }
    return items;
  }

  #entries(): readonly (readonly [CelNode, CelNode])[] {
    const entries: (readonly [CelNode, CelNode])[] = [];
    while (!this.#take('}')) {
      if (entries.length > 0) this.#expect(',');
      const key = this.expression();
      this.#expect(':');
      entries.push([key, this.expression()]);
    }
    return entries;
  }

  #name(): string {
    const { kind, value } = this.#peek();
    if (kind !== 'name') throw new CelError(`unexpected "${value}"`);
    this.#at += 1;
    return String(value);
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', value: '' };
  }

  #take(text: string): boolean {
    const { kind, value } = this.#peek();
    const fits = value === text && (kind === 'symbol' || kind === 'name');
    if (fits) this.#at += 1;
    return fits;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new CelError(`expected "${text}", found "${this.#peek().value}"`);
  }
}
