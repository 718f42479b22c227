import { fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '../../../src/main.js');
const PROBE = join(import.meta.dirname, 'probe.ts');

/** What the service's process has used since it began. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  /** Largest resident set so far. */
  readonly peakMiB: number;
}

/** The program as users start it, in a process of its own. */
export interface ServiceProcess {
  usage(): Promise<Usage>;
  /** Tells of a commit as a Git host does, by webhook. */
  hint(): Promise<void>;
  /** Lines of the log at level `warn` and above, so far. */
  readonly warnings: readonly string[];
  /** SIGTERM, and the end of the process. */
  stop(): Promise<void>;
}

export interface ServiceProcessOptions {
  readonly args: readonly string[];
  readonly webhookSecret: string;
  /** Folder for a CPU profile, written when the process ends. */
  readonly profileDir?: string;
}

const WARN = 40;

/** Resolves when the service listens. */
export async function startServiceProcess(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const { args, webhookSecret, profileDir } = options;
  const { PATH, HOME } = process.env;
  const profile = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const child = fork(MAIN, ['run', ...args], {
    execArgv: [...profile, '--import', PROBE],
    env: { PATH, HOME, GIT_CONFIG_GLOBAL: '/dev/null' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const ended = once(child, 'exit');
  const warnings: string[] = [];
  const listening = Promise.withResolvers<string>();
  ended.then(
    () => listening.reject(new Error(`the service ended: ${warnings.join('\n')}`)),
    () => 0,
  );

  createInterface({ input: child.stderr ?? process.stdin }).on('line', (line) => {
    const entry = parseLine(line);
    if (entry === undefined || entry.level >= WARN) warnings.push(line);
    if (entry?.msg === 'Listening' && entry.url !== undefined) listening.resolve(entry.url);
  });
  const url = await listening.promise;

  return {
    warnings,
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

/** A line of the log; undefined for what is none, e.g. a stack trace. */
function parseLine(line: string): LogEntry | undefined {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return undefined;
  }
}
