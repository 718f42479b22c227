/** A word of a CEL expression. */
export interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'symbol' | 'end';
  /** The name or symbol itself; the value of a number or text. */
  readonly value: string | number;
}

/** An expression that cannot be read, or a value that an expression cannot be asked of. */
export class CelError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CelError';
  }
}

const TOKEN =
  /\s*(?:(\d+\.\d+(?:[eE][+-]?\d+)?|\d+)u?|([rR]?)("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|([A-Za-z_]\w*)|(&&|\|\||[=!<>]=|[-+*/%<>!?:.,()[\]{}]))/y;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unquoted(literal: string, isRaw: boolean): string {
  const inner = literal.slice(1, -1);
  return isRaw
    ? inner
    : inner.replaceAll(/\\(.)/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
}

/** Splits an expression into words. Throws CelError at a character that belongs to none. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  const trimmed = source.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(trimmed);
    if (match === null) throw new CelError(`syntax error at ${at}`);
    const [, number, raw = '', text, name, symbol = ''] = match;
    if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) });
    else if (text !== undefined) tokens.push({ kind: 'text', value: unquoted(text, raw !== '') });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name });
    else tokens.push({ kind: 'symbol', value: symbol });
  }
  return [...tokens, { kind: 'end', value: '' }];
}
