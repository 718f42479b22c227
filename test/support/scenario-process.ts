import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { eventually } from './scenario-wait.ts';

const MAIN = join(import.meta.dirname, '../../src/main.js');

/** How a process ended: its exit code, or the signal that killed it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The program in a process of its own. */
export interface ProgramProcess {
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until standard output matches; answers with the first group, or all that matched. */
  printed(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<ProcessEnd>;
}

/** Starts `liqo-shortcuts` with these arguments, deaf to the environment of whoever runs the tests. */
export function startProgram(...args: readonly string[]): ProgramProcess {
  return startProgramIn(undefined, ...args);
}

/** Starts it in a folder. */
export function startProgramIn(
  cwd: string | undefined,
  ...args: readonly string[]
): ProgramProcess {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH, HOME, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  return {
    stdout,
    stderr,
    printed: (pattern) =>
      eventually(`the program prints ${String(pattern)}`, () => {
        const match = pattern.exec(stdout());
        if (match !== null) return Promise.resolve({ done: match[1] ?? match[0] });
        if (hasEnded(child)) throw new Error(`the program ended: ${stderr()}`);
        return Promise.resolve({ seen: stdout() + stderr() });
      }),
    kill: (signal) => {
      child.kill(signal);
    },
    ended: once(child, 'exit').then(() => {
      const { exitCode: code, signalCode: signal } = child;
      return { code, signal };
    }),
  };
}

/** Runs it to its end. */
export function runProgram(...args: readonly string[]): ReturnType<typeof runProgramIn> {
  return runProgramIn(undefined, ...args);
}

/** Runs it to its end in a folder. */
export async function runProgramIn(
  cwd: string | undefined,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const program = startProgramIn(cwd, ...args);
  const { code } = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
