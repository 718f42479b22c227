import { Composer, Lexer, LineCounter, Parser } from 'yaml';
import type { Problem, ProblemCode } from '../model/problem.ts';
import { fileProblem, type Manifest, placesOf } from './manifest.ts';
import type { SourceFile } from '../model/source-file.ts';

/** Largest size of a file, in bytes. */
export const MAX_FILE_BYTES = 64 * 1024;

/** Largest number of documents in a file. */
export const MAX_DOCUMENTS = 100;

/** Deepest nesting of mappings and lists. */
export const MAX_DEPTH = 32;

type Token = Parser['stack'][number];

/** A file as its documents (sound or not), or as what keeps it from being read at all. */
export type ParsedFile =
  | { readonly kind: 'documents'; readonly manifests: readonly Manifest[] }
  | { readonly kind: 'unreadable'; readonly problem: Problem };

/** Splits a file into its YAML documents (YAML 1.2, core schema). A broken document does not hide its neighbours. */
export function parseYaml({ path, size, bytes }: SourceFile): ParsedFile {
  if (bytes === undefined || size > MAX_FILE_BYTES) {
    return unreadable('file-too-large', path, `has ${size} bytes, more than ${MAX_FILE_BYTES}`);
  }
  const text = decode(bytes);
  if (text === undefined) return unreadable('not-utf8', path, 'is not UTF-8 text: save it as such');
  const lines = linesOf(text);
  const tokens = tokenize(text);
  if (tokens.kind === 'tokens') {
    return { kind: 'documents', manifests: compose(path, { text, lines, ...tokens }) };
  }
  const { line, col } = lines.linePos(tokens.offset);
  const { problem } = unreadable('yaml-parse-error', path, tokens.message);
  return { kind: 'unreadable', problem: { ...problem, line, column: col } };
}

type Tokenized =
  | { readonly kind: 'tokens'; readonly tokens: readonly Token[] }
  | { readonly kind: 'excess'; readonly offset: number; readonly message: string };

/** The caps are looked at here, because everything after the parser is recursive. */
function tokenize(text: string): Tokenized {
  const parser = new Parser();
  const tokens: Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    // Around the nested collections, the stack holds the document and the scalar being read.
    if (parser.stack.length > MAX_DEPTH + 2) {
      const message = `is nested more than ${MAX_DEPTH} levels deep`;
      return { kind: 'excess', offset: parser.offset, message };
    }
  }
  tokens.push(...parser.end());
  const surplus = tokens.filter(({ type }) => type === 'document').at(MAX_DOCUMENTS);
  if (surplus === undefined) return { kind: 'tokens', tokens };
  const message = `holds more than ${MAX_DOCUMENTS} documents`;
  return { kind: 'excess', offset: surplus.offset, message };
}

interface TokenizedText {
  readonly text: string;
  readonly lines: LineCounter;
  readonly tokens: readonly Token[];
}

function compose(file: string, { text, lines, tokens }: TokenizedText): readonly Manifest[] {
  const composer = new Composer({
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    prettyErrors: false,
  });
  let start = 0;
  return [...composer.compose(tokens, true, text.length)].map((document, index, { length }) => {
    const end = index === length - 1 ? text.length : document.range[2];
    const places = [...placesOf(document.contents)];
    const manifest = { file, lines, document, places, text: text.slice(start, end), start };
    start = end;
    return manifest;
  });
}

function unreadable(
  code: ProblemCode,
  file: string,
  what: string,
): ParsedFile & { kind: 'unreadable' } {
  return { kind: 'unreadable', problem: fileProblem(code, file, `the file ${what}`) };
}

/** The text without a byte-order mark; undefined when it is not UTF-8. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
  return lines;
}
