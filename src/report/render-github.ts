import { type Annotation, annotate } from './annotate.ts';
import type { Render } from './render.ts';
import { renderText } from './render-text.ts';
import { shorten } from './show-plainly.ts';

/** What GitHub shows of each level for one step; it drops the rest without a word. */
const SHOWN_PER_LEVEL = 10;

/** GitHub takes 64 KiB for a message. A UTF-16 unit is three bytes at most. */
const MESSAGE_UNITS = 20_000;

/**
 * Workflow commands of GitHub Actions, which become annotations; a line on those that would not be shown; then the text
 * for who reads the log. Escaped as @actions/core does it.
 */
export const renderGithub: Render = (report, options) => {
  const annotations = annotate(report);
  const shown = (['error', 'warning', 'notice'] as const).flatMap((level) =>
    annotations.filter((one) => one.level === level).slice(0, SHOWN_PER_LEVEL),
  );
  const lines = [...shown.map(toCommand), ...leftOut(annotations, shown)];
  return `${lines.join('\n')}\n\n${renderText(report, { ...options, color: false })}`;
};

function leftOut(
  annotations: readonly Annotation[],
  shown: readonly Annotation[],
): readonly string[] {
  const counts = (['error', 'warning'] as const).flatMap((level) => {
    const count = (some: readonly Annotation[]) => some.filter((one) => one.level === level).length;
    const missing = count(annotations) - count(shown);
    return missing === 0 ? [] : [`${missing} ${level}${missing === 1 ? '' : 's'}`];
  });
  if (counts.length === 0) return [];
  return [
    `Not annotated: ${counts.join(' and ')}, since GitHub shows ${SHOWN_PER_LEVEL} of each per step; all are listed below.`,
  ];
}

function toCommand({ level, title, lines, place }: Annotation): string {
  const properties = {
    ...(place === undefined ? {} : { file: place.file, line: place.line, col: place.column }),
    title,
  };
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`);
  return `::${level} ${list.join(',')}::${escapeData(shorten(lines.join('\n'), MESSAGE_UNITS))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(value: string | number): string {
  return escapeData(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
