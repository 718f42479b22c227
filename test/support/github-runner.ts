import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { parse } from 'yaml';

type Context = Readonly<Record<string, unknown>>;
type Values = Readonly<Record<string, string>>;

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly env?: Values;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** A job in which an action is used. */
export interface ActionUse {
  /** Folder of the checkout: GITHUB_WORKSPACE. */
  readonly workspace: string;
  readonly inputs: Values;
  /** GITHUB_EVENT_NAME, and what GITHUB_EVENT_PATH holds. */
  readonly event: { readonly name: string; readonly payload: object };
  readonly api: string;
  readonly token: string;
}

export interface ActionRun {
  /** Of the step that failed, else 0. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Values;
  /** What GITHUB_STEP_SUMMARY holds at the end. */
  readonly summary: string;
  /** Actions that steps use, with what they are given. They are not run. */
  readonly used: readonly (readonly [string, Context])[];
  /** The command lines that npm was called with: it is not run either. */
  readonly npm: string;
}

/**
 * A checkout of this repository as the runner makes one of an action: what the action needs, without dependencies. The
 * npm that `run` finds links those of this work tree instead of downloading them.
 */
export async function checkOutProgram(folder: string): Promise<string> {
  const program = join(folder, 'program');
  for (const part of ['src', 'deploy', '.github/actions', 'package.json', 'package-lock.json']) {
    await cp(resolve(part), join(program, part), { recursive: true });
  }
  return program;
}

/** A folder with an npm that notes how it is called in `log`. */
export async function writeFakeNpm(folder: string): Promise<{ bin: string; log: string }> {
  const [bin, log] = [join(folder, 'bin'), join(folder, 'npm.log')];
  await mkdir(bin);
  await symlink(process.execPath, join(bin, 'node'));
  const script = `#!/bin/sh\necho "$PWD: npm $*" >> '${log}'\n[ "$2" = --prefix ] && cd "$3"\nln -sfn '${resolve('node_modules')}' node_modules\n`;
  await writeFile(join(bin, 'npm'), script);
  await writeFile(log, '');
  await chmod(join(bin, 'npm'), 0o755);
  return { bin, log };
}

/** Runs the steps of a composite action as the runner does: expressions by GitHub's own library, `run` by bash. */
export async function runAction(action: string, use: ActionUse): Promise<ActionRun> {
  const temp = await mkdtemp(join(use.workspace, '../runner-'));
  const { bin, log } = await writeFakeNpm(temp);
  const file = parse(await readFile(join(action, 'action.yml'), 'utf8')) as ActionFile;
  const files = {
    GITHUB_EVENT_PATH: join(temp, 'event.json'),
    GITHUB_STEP_SUMMARY: join(temp, 'summary.md'),
  };
  await writeFile(files.GITHUB_EVENT_PATH, JSON.stringify(use.event.payload));
  await writeFile(files.GITHUB_STEP_SUMMARY, '');
  const github = { token: use.token, event: use.event.payload };
  const defaults = Object.entries(file.inputs).map(([name, input]) => [
    name,
    expand(input.default ?? '', { github }),
  ]);
  const inputs = { ...(Object.fromEntries(defaults) as Values), ...use.inputs };
  const steps: Record<string, { outputs: Values }> = {};
  const context = { inputs, github, steps, runner: { os: 'Linux' } };
  const used: [string, Context][] = [];
  let [code, stdout, stderr] = [0, '', ''];
  for (const step of file.runs.steps) {
    if (step.uses !== undefined) {
      const given = Object.entries(step.with ?? {});
      used.push([
        step.uses,
        Object.fromEntries(given.map(([key, value]) => [key, expand(String(value), context)])),
      ]);
      continue;
    }
    const script = join(temp, 'step.sh');
    const outputFile = join(temp, 'output');
    await writeFile(script, step.run ?? '');
    await writeFile(outputFile, '');
    const own = Object.entries(step.env ?? {}).map(([key, value]) => [key, expand(value, context)]);
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: use.workspace,
      env: {
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        HOME: temp,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTION_PATH: action,
        GITHUB_API_URL: use.api,
        GITHUB_EVENT_NAME: use.event.name,
        GITHUB_OUTPUT: outputFile,
        GITHUB_REPOSITORY: 'acme/fleet',
        GITHUB_WORKSPACE: use.workspace,
        RUNNER_TEMP: temp,
        ...files,
        ...(Object.fromEntries(own) as Values),
      },
    });
    const exit = new Promise<number>((done) => {
      child.once('exit', (value) => {
        done(value ?? 1);
      });
    });
    const [out, err, ended] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    [code, stdout, stderr] = [ended, stdout + out, stderr + err];
    if (step.id !== undefined) {
      steps[step.id] = { outputs: readOutputs(await readFile(outputFile, 'utf8')) };
    }
    if (code !== 0) break;
  }
  const outputs = Object.entries(file.outputs).map(([name, { value }]) => [
    name,
    expand(value, context),
  ]);
  return {
    ...{ code, stdout, stderr, used },
    outputs: Object.fromEntries(outputs) as Values,
    summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8'),
    npm: await readFile(log, 'utf8'),
  };
}

/** `name=value`, a line each: the form with a delimiter is not used here. */
function readOutputs(content: string): Values {
  const lines = content.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** A text with its expressions evaluated. */
export function expand(template: string, context: Context): string {
  return template.replaceAll(/\$\{\{(.*?)\}\}/gs, (_whole, expression: string) => {
    const { tokens } = new Lexer(expression).lex();
    const parsed = new Parser(tokens, Object.keys(context), []).parse();
    const value = new Evaluator(parsed, toData(context) as data.Dictionary).evaluate();
    return value.coerceString();
  });
}

function toData(value: unknown): data.ExpressionData {
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (typeof value !== 'object' || value === null) return new data.Null();
  const pairs = Object.entries(value).map(([key, one]) => ({ key, value: toData(one) }));
  return new data.Dictionary(...pairs);
}
