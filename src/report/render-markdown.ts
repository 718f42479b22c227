import type { ReconcileReport } from '../model/generated/report.ts';
import type { Render } from './render.ts';
import { escapeCharacter, shorten, showPlainly } from './show-plainly.ts';
import { countChanges, summarize } from './summarize.ts';

/** The longest comment that GitHub takes, in characters. */
const COMMENT_LENGTH = 65_536;

/** One text of a repository or a cluster takes no more, so that others find room. */
const TEXT_LENGTH = 1_000;

/** Room for a section that is cut to nothing: its fold and the line on what is left out. */
const FOLD_LENGTH = 200;

interface Section {
  readonly title: string;
  readonly items: readonly string[];
  readonly isOpen: boolean;
}

/**
 * A comment for a pull request: what is wrong, what changes, folded; at most as long as GitHub takes. It begins with a
 * hidden marker with the name of the installation, by which the next comment finds the one to replace.
 */
export const renderMarkdown: Render = (report, { installation }) => {
  const sections = sectionsOf(report).filter(({ items }) => items.length > 0);
  const [counts = '', ...next] = summarize(report);
  const head = [marker(installation), `### Liqo Shortcuts: ${verdict(report)}`];
  const foot = [code(counts), ...next];
  let room = COMMENT_LENGTH - joined([...head, ...foot]).length - FOLD_LENGTH * sections.length;
  const folds = sections.map((section) => {
    const text = fold(section, room);
    room -= text.length;
    return text;
  });
  return joined([...head, ...folds, ...foot]);
};

/** Blank lines between the blocks: inside of HTML, Markdown counts only after one. */
function joined(blocks: readonly string[]): string {
  return `${blocks.join('\n\n')}\n`;
}

function marker(installation: string): string {
  return `<!-- liqo-shortcuts report of ${installation.replaceAll(/[^\w.-]/g, '_')} -->`;
}

function verdict(report: ReconcileReport): string {
  const errors = report.problems.filter(({ severity }) => severity === 'error').length;
  const changes = countChanges(report);
  const { unknown, blocked } = report.summary;
  // What was not compared may well change: only what was looked at has no changes.
  const isSettled = changes + unknown + blocked === 0;
  const words = [
    ...(errors === 0 ? [] : [counted(errors, 'error')]),
    ...(report.guards.length === 0 ? [] : ['refused']),
    ...(isSettled ? ['no changes'] : []),
    ...(changes === 0 ? [] : [counted(changes, 'change')]),
    ...(unknown === 0 ? [] : [`${unknown} not compared`]),
    ...(blocked === 0 ? [] : [`${blocked} blocked`]),
  ];
  return words.join(', ');
}

function sectionsOf(report: ReconcileReport): readonly Section[] {
  const { problems, guards, results, changes, objects } = report;
  const notReady = results.filter(({ ready }) => ready !== 'True');
  const ready = results.filter((result) => result.ready === 'True');
  const changed = changes.filter(({ action }) => action !== 'keep' && action !== 'unknown');
  return [
    {
      title: counted(problems.length, 'problem'),
      isOpen: true,
      items: problems.map(({ severity, code: what, file, line, column, message }) => {
        return `**${severity}** ${what} ${code(`${file}:${line}:${column}`)} ${code(message)}`;
      }),
    },
    {
      title: 'Refused',
      isOpen: true,
      items: guards.flatMap(({ code: guard, message, held }) => [
        `${code(guard)} ${code(message)}`,
        ...held.map((resource) => `held: ${code(resource)}`),
      ]),
    },
    { title: `${notReady.length} not ready`, isOpen: true, items: notReady.map(resultItem) },
    {
      title: counted(changed.length, 'resource'),
      isOpen: false,
      items: changed.map(({ action, resource, clusters, reason }) => {
        return `**${action}** ${code(resource)} ${code(clusters.join(' – '))} ${code(reason)}`;
      }),
    },
    {
      title: `${counted(objects.length, 'object')} on leaves`,
      isOpen: false,
      items: objects.map(({ action, cluster, kind, namespace, name, reason }) => {
        const object = [kind, namespace, name].filter((part) => part !== '').join('/');
        return `**${action}** ${code(object)} on ${code(cluster)} ${code(reason)}`;
      }),
    },
    { title: `${ready.length} ready`, isOpen: false, items: ready.map(resultItem) },
  ];
}

function resultItem({ resource, reason, message }: ReconcileReport['results'][number]): string {
  return `${code(resource)} ${code(reason)} ${code(message)}`;
}

/** A section that takes `room` characters beside what every section may take: what does not fit is counted. */
function fold({ title, items, isOpen }: Section, room: number): string {
  const shown: string[] = [];
  let length = 0;
  for (const item of items) {
    length += item.length + '- \n'.length;
    if (length > room) break;
    shown.push(`- ${item}`);
  }
  const missing = items.length - shown.length;
  if (missing > 0) shown.push(`- and ${missing} more, left out for want of room`);
  const open = isOpen ? '<details open>' : '<details>';
  return `${open}<summary>${title}</summary>\n\n${shown.join('\n')}\n\n</details>`;
}

/**
 * A text as a code span, in which Markdown, HTML, mentions and references mean nothing. Only a backtick could end it, so
 * it is shown as what it is.
 */
function code(text: string): string {
  const plain = showPlainly(shorten(text, TEXT_LENGTH)).replaceAll('`', escapeCharacter);
  const shown = shorten(plain, TEXT_LENGTH);
  return shown.trim() === '' ? '–' : `\`${shown}\``;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
