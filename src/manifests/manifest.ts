import { type Document, isMap, isScalar, isSeq, type LineCounter, type ParsedNode } from 'yaml';
import type { Problem, ProblemCode, Severity } from '../model/problem.ts';

/** One YAML document of a file, before validation. */
export interface Manifest {
  readonly file: string;
  /** Turns offsets within the file into lines and columns. */
  readonly lines: LineCounter;
  readonly document: Document.Parsed;
  readonly places: readonly Place[];
  /** Text of the document with the comments around it, and its offset within the file. */
  readonly text: string;
  readonly start: number;
}

/** Where a key or value of a document stands. */
interface Spot {
  /** RFC 6901 pointer to the value; a key has the pointer of its value. */
  readonly pointer: string;
  readonly isKey: boolean;
  /** Within the file. */
  readonly offset: number;
}

/** A key or value of a document and where it stands. */
export interface Place extends Spot {
  readonly node: ParsedNode;
}

/** What is kept of a document once it is read: where its parts stand, without the parts, which are large. */
export interface Outline extends Pick<Manifest, 'file' | 'lines'> {
  /** From 1, on which the content begins. */
  readonly line: number;
  readonly places: readonly Spot[];
}

/** Something wrong within a document. */
export interface Finding {
  readonly code: ProblemCode;
  readonly message: string;
  readonly pointer: string;
  /** Default: `error`. */
  readonly severity?: Severity;
  /** Point at the key instead of the value. */
  readonly atKey?: boolean;
  /** Offset within the file, where the pointer alone does not tell it. */
  readonly offset?: number;
}

/** A problem of a whole file or folder. */
export function fileProblem(code: ProblemCode, file: string, message: string): Problem {
  const where = { file, line: 1, column: 1, pointer: '', resource: '' };
  return { code, severity: 'error', message, ...where };
}

/** A finding as a problem with its place. `resource` is `Kind/namespace/name`, or empty when not known. */
export function toProblem(
  { file, lines, places }: Omit<Outline, 'line'>,
  finding: Finding,
  resource: string,
): Problem {
  const { code, message, pointer, severity = 'error' } = finding;
  const { line, col } = lines.linePos(finding.offset ?? offsetOf(places, finding));
  return { code, severity, message, file, line, column: col, pointer, resource };
}

/** The outline of a document that has content. */
export function outlineOf({ file, lines, document, places }: Manifest): Outline {
  const { line } = lines.linePos(Number(document.contents?.range[0]));
  const spots = places.map(({ pointer, isKey, offset }) => ({ pointer, isKey, offset }));
  return { file, lines, line, places: spots };
}

/** The pointer to the innermost value at an offset within the file; empty between all of them. */
export function pointerAt({ places }: Manifest, offset: number): string {
  const around = places.findLast(({ node: { range } }) => range[0] <= offset && offset < range[1]);
  return around?.pointer ?? '';
}

/** Every key and value of a document, in the order of the text. */
export function* placesOf(node: ParsedNode | null, pointer = ''): Generator<Place> {
  if (node === null) return;
  yield { node, pointer, isKey: false, offset: node.range[0] };
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      // A key that is no scalar is an error of its own.
      const below = isScalar(key) ? pointerTo(pointer, String(key.value)) : pointer;
      yield { node: key, pointer: below, isKey: true, offset: key.range[0] };
      yield* placesOf(value, below);
    }
  }
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      yield* placesOf(item, pointerTo(pointer, String(index)));
    }
  }
}

/** The pointer one level below `parent`. */
export function pointerTo(parent: string, key: string): string {
  return `${parent}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A key comes before its value, which may be missing. */
function offsetOf(places: readonly Spot[], { pointer, atKey }: Finding): number {
  const offsets = places.filter((place) => place.pointer === pointer).map(({ offset }) => offset);
  return atKey === true ? Math.min(...offsets) : Math.max(...offsets);
}
