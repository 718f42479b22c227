import { mkdirSync, rmSync } from 'node:fs';

import { findCommit, findFork, type FoundBase } from './find-base.ts';
import { createGitlabNotes, gitlabForge, readGitlabUser } from './gitlab-notes.ts';
import { ENVIRONMENT, runProgram } from './run-program.ts';
import { tellComment } from './tell-comment.ts';

const MODES: ReadonlyMap<string, readonly string[]> = new Map([
  ['offline', ['--offline']],
  ['dry-run', ['--dry-run']],
  // In the job of a merge request the program itself makes a dry run of it.
  ['apply', []],
]);

/** Where the artifacts are; hidden, so that no file in it is taken for desired state. */
const REPORTS = '.liqo-shortcuts/reports';
const FORMS = {
  json: `${REPORTS}/report.json`,
  junit: `${REPORTS}/junit.xml`,
  markdown: `${REPORTS}/note.md`,
  sarif: `${REPORTS}/report.sarif`,
  'code-quality': `${REPORTS}/code-quality.json`,
};

const env = process.env;

process.exitCode = await check();

async function check(): Promise<number> {
  const mode = MODES.get(setting('mode'));
  if (mode === undefined) return refuse(`mode is not one of ${[...MODES.keys()].join(', ')}`);
  const base = await findBase();
  if (base?.kind === 'missing') {
    return refuse('the commit to compare with is not in this clone: set GIT_DEPTH to "0"');
  }
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  const installation = setting('installation');
  const exitCode = await runProgram([
    ...['reconcile', '--once', ...mode, `--path=${setting('path') || '.'}`],
    ...(installation === '' ? [] : [`--installation=${installation}`]),
    ...(base === undefined ? [] : [`--base=${base.commit}`]),
    `--output-also=${Object.entries(FORMS)
      .map(([form, file]) => `${form}=${file}`)
      .join()}`,
    ...setting('args')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  ]);
  await note();
  return exitCode;
}

/** A variable that the template makes of an input. */
function setting(name: string): string {
  return env[`LIQO_SHORTCUTS_${name.toUpperCase()}`] ?? '';
}

function refuse(why: string): number {
  console.error(`error: ${why}`);
  return ENVIRONMENT;
}

/**
 * Where the merge request began; in a pipeline for merged results, the target that the trial merge is made with; what
 * the branch was before a push. Undefined where there is nothing to compare with.
 */
async function findBase(): Promise<FoundBase | undefined> {
  const [target] = ['CI_MERGE_REQUEST_TARGET_BRANCH_SHA', 'CI_MERGE_REQUEST_DIFF_BASE_SHA']
    .map((name) => env[name] ?? '')
    .filter((commit) => commit !== '');
  if (target !== undefined) return findFork('.', target);
  const before = env['CI_COMMIT_BEFORE_SHA'] ?? '';
  if (/^0*$/.test(before)) return undefined;
  const found = await findCommit('.', before);
  if (found.kind === 'commit') return found;
  console.error(
    'warning: compared with nothing: the commit before this push is not in this clone, since it was forced or for want of GIT_DEPTH: "0"',
  );
  return undefined;
}

async function note(): Promise<void> {
  const number = Number(env['CI_MERGE_REQUEST_IID'] ?? 0);
  if (number === 0) return;
  const token = setting('note_token');
  if (token === '') {
    console.log('No note on the merge request: LIQO_SHORTCUTS_NOTE_TOKEN is not set here');
    return;
  }
  const forge = gitlabForge(env['CI_API_V4_URL'] ?? '', token);
  const project = env['CI_MERGE_REQUEST_PROJECT_ID'] ?? '';
  const said = await tellComment(createGitlabNotes(forge, { project, number }), {
    bodyFile: FORMS.markdown,
    author: () => readGitlabUser(forge),
  });
  console.log(said);
}
