import type { Render } from './render.ts';

/** The report as JSON, as `schemas/report.schema.json` describes it: one stable form for the same content. */
export const renderJson: Render = (report) => toSafeJson(report);

/** What JSON leaves as it is, and a terminal or the runner of a CI job might act on (see show-plainly.ts). */
const STEERING = /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}\p{Noncharacter_Code_Point}]|#(?=#)/gu;

/** A value as JSON, indented and with a line break at the end. The same data, but nothing in it steers who prints it. */
export function toSafeJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  return `${text.replaceAll(STEERING, escapeUnits)}\n`;
}

/** Within a JSON string, the only place where such characters stand: `\u202e`, a pair for what needs two units. */
function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}
