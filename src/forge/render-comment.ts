import { codeSpan, composeComment, counted, type Section } from '../report/compose-comment.ts';
import type { CommitFacts, ShortcutFact } from './commit-facts.ts';
import type { CommitStatus } from './forge.ts';

/** Of what a commit removed, so many are remembered in the comment. */
const MOST_REMOVED = 100;

export interface CommentOptions {
  readonly installation: string;
  /** Where people reach the dashboard; empty for nowhere. */
  readonly publicUrl: string;
}

/** The comment on the pull request that brought a commit. No time is in it: the same facts are the same text. */
export function renderComment(
  facts: CommitFacts,
  status: CommitStatus,
  { installation, publicUrl }: CommentOptions,
): string {
  const link = publicUrl === '' ? [] : [`[Dashboard](${publicUrl})`];
  return composeComment({
    installation,
    title: `Liqo Shortcuts: ${status.state}`,
    sections: sectionsOf(facts),
    foot: [
      `${codeSpan(facts.revision)}: ${status.description}`,
      ...link,
      ...remembered(facts.revision, facts.removed),
    ],
  });
}

function sectionsOf(facts: CommitFacts): readonly Section[] {
  const { error, problems, refusals, held, shortcuts, leaves, removed } = facts;
  const inState = (...states: readonly ShortcutFact['state'][]) =>
    shortcuts.filter(({ state }) => states.includes(state)).map(shortcutItem);
  const ready = inState('ready', 'suspended');
  const waiting = inState('progressing', 'removing');
  const notReady = inState('refused', 'troubled');
  return [
    {
      title: 'Not applied',
      isOpen: true,
      items: error === undefined ? [] : [`${codeSpan(error.code)} ${codeSpan(error.message)}`],
    },
    {
      title: counted(problems.length, 'problem'),
      isOpen: true,
      items: problems.map(({ severity, code, file, line, column, message }) => {
        const where = codeSpan(`${file}:${line}:${column}`);
        return `**${severity}** ${code} ${where} ${codeSpan(message)}`;
      }),
    },
    {
      title: 'Refused',
      isOpen: true,
      items: refusals.map(({ code, message }) => `${codeSpan(code)} ${codeSpan(message)}`),
    },
    {
      title: `${counted(held.length, 'removal')} held`,
      isOpen: true,
      items: held.map(({ resource, reason, message }) => {
        return `${codeSpan(resource)} ${codeSpan(reason)} ${codeSpan(message)}`;
      }),
    },
    { title: `${notReady.length} not ready`, isOpen: true, items: notReady },
    { title: `${waiting.length} waiting`, isOpen: true, items: waiting },
    { title: `${ready.length} ready`, isOpen: false, items: ready },
    { title: `${removed.length} removed`, isOpen: false, items: removed.map(codeSpan) },
    { title: counted(leaves.length, 'leaf changed'), isOpen: false, items: leaves.map(codeSpan) },
  ];
}

function shortcutItem({ namespace, name, clusters, state, reason, message }: ShortcutFact): string {
  const which = `${codeSpan(`${namespace}/${name}`)} ${codeSpan(clusters.join(' – '))}`;
  return `${which} ${state} ${codeSpan(reason)} ${codeSpan(message)}`;
}

/** A hidden line: what is gone shows nowhere else, and a restart must not forget it. */
function remembered(revision: string, removed: readonly string[]): readonly string[] {
  if (removed.length === 0) return [];
  return [`<!-- ${memoOf(revision)} ${removed.slice(0, MOST_REMOVED).join(' ')} -->`];
}

function memoOf(revision: string): string {
  return `removed at ${revision.replaceAll(/[^\w.:@/-]/g, '_')}:`;
}

/** What an earlier comment of ours remembers to have been removed by a commit. A person may have written in it. */
export function readRemoved(comment: string, revision: string): readonly string[] {
  const begin = comment.lastIndexOf(`<!-- ${memoOf(revision)} `);
  const [line = ''] = comment.slice(begin === -1 ? comment.length : begin).split(' -->');
  return line
    .split(' ')
    .filter((word) => /^(Shortcut|LeafCluster)\/[a-z0-9-]{1,63}\/[a-z0-9.-]{1,253}$/.test(word))
    .slice(0, MOST_REMOVED);
}
