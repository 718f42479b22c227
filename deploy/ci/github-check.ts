import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { findCommit, findFork, type FoundBase } from './find-base.ts';
import { createGithubComments } from './github-comments.ts';
import { ENVIRONMENT, runProgram } from './run-program.ts';
import { tellComment } from './tell-comment.ts';

/** What we read of the payload of an event (docs.github.com/webhooks/webhook-events-and-payloads). */
interface Payload {
  readonly before?: string;
  readonly pull_request?: { readonly number: number; readonly base: { readonly sha: string } };
  readonly merge_group?: { readonly base_sha: string };
}

const MODES: ReadonlyMap<string, readonly string[]> = new Map([
  ['offline', ['--offline']],
  ['dry-run', ['--dry-run']],
  // In the job of a pull request the program itself makes a dry run of it.
  ['apply', []],
]);

/** Inputs that are flags of the program, under the same name. */
const PASSED_ON = ['source', 'path', 'ref', 'kubeconfig', 'namespace', 'installation'];

const env = process.env;
const eventName = env['GITHUB_EVENT_NAME'] ?? '';
/** A folder of its own: what an earlier use of the action in the same job left is not taken for ours. */
const temp = mkdtempSync(join(env['RUNNER_TEMP'] ?? '.', 'liqo-shortcuts-'));
const files = {
  json: input('output-file') || join(temp, 'liqo-shortcuts-report.json'),
  markdown: join(temp, 'liqo-shortcuts-comment.md'),
  sarif: join(temp, 'liqo-shortcuts.sarif'),
};

process.exitCode = await check();

async function check(): Promise<number> {
  if (eventName === 'pull_request_target') {
    return refuse(
      'pull_request_target runs with the secrets of the base branch on the files of anybody: use pull_request',
    );
  }
  const mode = MODES.get(input('mode'));
  if (mode === undefined) return refuse(`mode is not one of ${[...MODES.keys()].join(', ')}`);
  if (/[\r\n,]/.test(files.json)) return refuse('output-file is not the name of one file');
  rmSync(files.json, { force: true });
  const payload = readPayload();
  const base = await baseOf(payload);
  if (base?.kind === 'missing') {
    return refuse(
      'the commit to compare with is not in this checkout: give actions/checkout "fetch-depth: 0"',
    );
  }
  const exitCode = await runProgram([
    ...['reconcile', '--once', '--output', 'github', ...mode],
    ...PASSED_ON.filter((name) => input(name) !== '').map((name) => `--${name}=${input(name)}`),
    ...(base === undefined ? [] : [`--base=${base.commit}`]),
    `--output-also=json=${files.json},markdown=${files.markdown},sarif=${files.sarif}`,
    ...input('args')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  ]);
  writeOutputs(exitCode);
  if (input('comment') === 'true') await comment(payload);
  return exitCode;
}

function input(name: string): string {
  return env[`INPUT_${name.toUpperCase().replaceAll('-', '_')}`] ?? '';
}

function refuse(why: string): number {
  console.log(`::error title=Liqo Shortcuts::${why}`);
  return ENVIRONMENT;
}

function readPayload(): Payload {
  return JSON.parse(readFileSync(env['GITHUB_EVENT_PATH'] ?? '', 'utf8')) as Payload;
}

/** A repository that is not on this machine. */
function isElsewhere(source: string): boolean {
  return /^[^/@]*(:\/\/|@[^/]+:)/.test(source);
}

/** Undefined where there is nothing to compare with: a new branch, another event, a source elsewhere. */
async function baseOf(payload: Payload): Promise<FoundBase | undefined> {
  const { pull_request: pullRequest, merge_group: group, before } = payload;
  const [source, given] = [input('source'), input('base')];
  if (isElsewhere(source)) return given === '' ? undefined : { kind: 'commit', commit: given };
  if (given !== '') return findCommit(source, given);
  if (pullRequest !== undefined) return findFork(source, pullRequest.base.sha);
  if (group !== undefined) return findCommit(source, group.base_sha);
  if (eventName !== 'push' || before === undefined || /^0+$/.test(before)) return undefined;
  const found = await findCommit(source, before);
  if (found.kind === 'commit') return found;
  console.log(
    '::warning title=Liqo Shortcuts::compared with nothing: the commit before this push is not in this checkout, since it was forced or for want of "fetch-depth: 0"',
  );
  return undefined;
}

/** Paths without line breaks and numbers: nothing here can end a line. */
function writeOutputs(exitCode: number): void {
  const text = tryRead(files.json);
  const { summary } = (text === undefined ? {} : JSON.parse(text)) as {
    readonly summary?: {
      readonly create: number;
      readonly update: number;
      readonly delete: number;
    };
  };
  const outputs = {
    'exit-code': exitCode,
    ...(summary === undefined
      ? {}
      : {
          created: summary.create,
          updated: summary.update,
          deleted: summary.delete,
          report: files.json,
          markdown: files.markdown,
          sarif: files.sarif,
        }),
  };
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  appendFileSync(env['GITHUB_OUTPUT'] ?? '', lines.join(''));
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function comment({ pull_request: pullRequest }: Payload): Promise<void> {
  if (pullRequest === undefined) {
    console.log('There is no pull request to comment on');
    return;
  }
  const comments = createGithubComments({
    api: env['GITHUB_API_URL'] ?? 'https://api.github.com',
    repository: env['GITHUB_REPOSITORY'] ?? '',
    number: pullRequest.number,
    token: input('token'),
  });
  const author = () => Promise.resolve(input('comment-author'));
  const said = await tellComment(comments, { bodyFile: files.markdown, author });
  console.log(`::notice title=Liqo Shortcuts::${said}`);
}
