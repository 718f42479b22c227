import { type ChildProcess, execFile, fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { sleep } from '../bench-world.ts';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'dist/main.js');
const PROBE = join(import.meta.dirname, 'probe.js');

/** What the service's process has used since it began. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssMiB: number;
  /** JavaScript objects that are there, or were until the last garbage collection. */
  readonly heapMiB: number;
  /** What is set aside for them. */
  readonly heapTotalMiB: number;
  /** Buffers outside the heap. */
  readonly externalMiB: number;
  /** Largest resident set so far. */
  readonly peakMiB: number;
}

/** The built program, in a process of its own. */
export interface ServiceProcess {
  usage(): Promise<Usage>;
  /** Tells of a commit as a Git host does, by webhook. */
  hint(): Promise<void>;
  /** How many lines of the log are at level `warn` or above, so far. */
  warnings(): Promise<number>;
  /** SIGTERM, and the end of the process. */
  stop(): Promise<void>;
}

export interface ServiceProcessOptions {
  readonly args: readonly string[];
  readonly webhookSecret: string;
  /** Where its log goes. */
  readonly logFile: string;
  /** Folder for a CPU profile, written when the process ends. */
  readonly profileDir?: string;
}

const WARN = 40;

/** Builds the program: reading TypeScript takes some 40 MiB, which are not the service's. */
export async function buildProgram(): Promise<void> {
  await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: ROOT });
}

/** What `npm start` says about memory: flags for Node, and variables for the C library. */
async function memorySettings(): Promise<{
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}> {
  const text = await readFile(join(ROOT, 'package.json'), 'utf8');
  const { scripts } = JSON.parse(text) as { readonly scripts: { readonly start: string } };
  const words = scripts.start.split(' ');
  const flags = words.filter((word) => word.startsWith('--'));
  const variables = words.filter((word) => /^[A-Z_]+=/.test(word));
  return {
    flags,
    env: Object.fromEntries(variables.map((word) => word.split('=') as [string, string])),
  };
}

/** Resolves when the service listens. `buildProgram` goes before. */
export async function startServiceProcess(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const { args, webhookSecret, logFile, profileDir } = options;
  const { PATH, HOME } = process.env;
  const profile = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const { flags, env } = await memorySettings();
  // A file takes everything at once; a pipe would make the service wait for a reader that has a main cluster to run.
  const log = openSync(logFile, 'a');
  const child = fork(MAIN, ['run', ...args], {
    execArgv: [...flags, ...profile, '--import', PROBE],
    env: { PATH, HOME, GIT_CONFIG_GLOBAL: '/dev/null', ...env },
    stdio: ['ignore', 'ignore', log, 'ipc'],
  });
  closeSync(log);
  const ended = once(child, 'exit');
  const url = await untilListening(child, logFile);

  return {
    warnings: async () => (await readLog(logFile)).filter(({ level }) => level >= WARN).length,
    usage: async () => {
      const answer = once(child, 'message');
      child.send('usage');
      const [usage] = (await answer) as [Usage];
      return usage;
    },
    hint: async () => {
      const signature = createHmac('sha256', webhookSecret).update('').digest('hex');
      const headers = { 'X-Hub-Signature-256': `sha256=${signature}` };
      const { status } = await fetch(new URL('/hooks/git', url), { method: 'POST', headers });
      if (status !== 202) throw new Error(`the webhook was answered with ${status}`);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

interface LogEntry {
  readonly level: number;
  readonly msg: string;
  readonly url?: string;
}

async function untilListening(child: ChildProcess, logFile: string): Promise<string> {
  while (child.exitCode === null && child.signalCode === null) {
    const line = (await readLog(logFile)).find(({ msg }) => msg === 'Listening');
    if (line?.url !== undefined) return line.url;
    await sleep(50);
  }
  throw new Error(`the service ended: ${await readFile(logFile, 'utf8')}`);
}

/** The lines that are complete and no stack trace. */
async function readLog(logFile: string): Promise<readonly LogEntry[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n').slice(0, -1);
  return lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogEntry] : []));
}
