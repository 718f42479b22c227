import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** A program that runs until it is stopped; it ends with this process, unless that is killed by SIGKILL. */
export interface BackgroundProgram {
  /** Holds it, as a machine that stands still would, or lets it go on. */
  hold(on: boolean): void;
  /** Throws an Error with the end of its log when it has ended by itself. */
  assertRunning(): Promise<void>;
  /** Kills it; resolves when it is gone. */
  stop(): Promise<void>;
}

const LOG_TAIL = 2_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
// These two would end the process without an 'exit'; mocha itself takes care of SIGINT.
for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => process.exit(code));
}

/** Starts a program that writes what it has to say to a file. Throws when there is no such program. */
export async function startBackgroundProgram(
  command: string,
  args: readonly string[],
  logFile: string,
): Promise<BackgroundProgram> {
  const log = openSync(logFile, 'w', 0o600);
  const child = spawn(command, args, { stdio: ['ignore', log, log] });
  running.add(child);
  const ended = once(child, 'exit').finally(() => running.delete(child));
  closeSync(log);
  ended.catch(() => undefined);
  await once(child, 'spawn');
  return {
    hold(on) {
      child.kill(on ? 'SIGSTOP' : 'SIGCONT');
    },
    async assertRunning() {
      if (child.exitCode === null && child.signalCode === null) return;
      const tail = (await readFile(logFile, 'utf8')).slice(-LOG_TAIL);
      throw new Error(`${command} has ended: ${tail}`);
    },
    async stop() {
      // Nothing of theirs is worth an orderly end, which takes an API server half a minute.
      child.kill('SIGKILL');
      await ended;
    },
  };
}
