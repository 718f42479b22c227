import { escapeJson } from './escape-json.ts';
import type { Render } from './render.ts';

/** The report as JSON, as `schemas/report.schema.json` describes it: one stable form for the same content. */
export const renderJson: Render = (report) => toSafeJson(report);

/** A value as JSON, indented and with a line break at the end, that steers nothing that prints it. */
export function toSafeJson(value: unknown): string {
  return `${escapeJson(JSON.stringify(value, undefined, 2))}\n`;
}
