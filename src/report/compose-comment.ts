import { escapeCharacter, shorten, showPlainly } from './show-plainly.ts';

/** The longest comment that GitHub takes, in characters. */
const COMMENT_LENGTH = 65_536;

/** One text of a repository or a cluster takes no more, so that others find room. */
const TEXT_LENGTH = 1_000;

/** Room for a section that is cut to nothing: its fold and the line on what is left out. */
const FOLD_LENGTH = 200;

/** A list that can be folded. */
export interface Section {
  readonly title: string;
  readonly items: readonly string[];
  readonly isOpen: boolean;
  /** The head of a table whose rows the items are; left out: they are a list. */
  readonly head?: string;
}

/** What a comment is made of. All texts but those of code spans are our own. */
export interface CommentParts {
  readonly installation: string;
  readonly title: string;
  /** What nobody may overlook, one sentence. */
  readonly alert?: string | undefined;
  /** Those without an item are left out. */
  readonly sections: readonly Section[];
  readonly foot: readonly string[];
}

/** A comment for a pull request, at most as long as GitHub takes, with the marker in its first line. */
export function composeComment(parts: CommentParts): string {
  const { installation, title, alert, sections, foot } = parts;
  const shown = sections.filter(({ items }) => items.length > 0);
  const warning = alert === undefined ? [] : [`**${alert}**`];
  const head = [markerOf(installation), `### ${title}`, ...warning];
  let room = COMMENT_LENGTH - joined([...head, ...foot]).length - FOLD_LENGTH * shown.length;
  const folds = shown.map((section) => {
    const text = fold(section, room);
    room -= text.length;
    return text;
  });
  return joined([...head, ...folds, ...foot]);
}

/** The hidden first line, by which the next comment finds the one to replace. */
export function markerOf(installation: string): string {
  return `<!-- liqo-shortcuts report of ${installation.replaceAll(/[^\w.-]/g, '_')} -->`;
}

/** Blank lines between the blocks: inside of HTML, Markdown counts only after one. */
function joined(blocks: readonly string[]): string {
  return `${blocks.join('\n\n')}\n`;
}

/** A section that takes `room` characters beside what every section may take: what does not fit is counted. */
function fold({ title, items, isOpen, head }: Section, room: number): string {
  const bullet = head === undefined ? '- ' : '';
  const shown: string[] = [];
  let length = head?.length ?? 0;
  for (const item of items) {
    length += item.length + '- \n'.length;
    if (length > room) break;
    shown.push(`${bullet}${item}`);
  }
  const missing = items.length - shown.length;
  const rest = missing > 0 ? [`- and ${missing} more, left out for want of room`] : [];
  const lines = head === undefined ? [...shown, ...rest].join('\n') : table(head, shown, rest);
  const open = isOpen ? '<details open>' : '<details>';
  return `${open}<summary>${title}</summary>\n\n${lines}\n\n</details>`;
}

function table(head: string, rows: readonly string[], rest: readonly string[]): string {
  return [...(rows.length === 0 ? [] : [[head, ...rows].join('\n')]), ...rest].join('\n\n');
}

/**
 * A text as a code span, in which Markdown, HTML, mentions and references mean nothing. Only a backtick could end it, so
 * it is shown as what it is.
 */
export function codeSpan(text: string): string {
  const plain = showPlainly(shorten(text, TEXT_LENGTH)).replaceAll('`', escapeCharacter);
  const shown = shorten(plain, TEXT_LENGTH);
  return shown.trim() === '' ? '–' : `\`${shown}\``;
}

/** `1 error`, `2 errors`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
