import { spawn } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../src/main.js');

/** What the program says with exit code 2: something of the environment is wrong, not the desired state. */
export const ENVIRONMENT = 2;

/**
 * Runs this checkout's `liqo-shortcuts`, without a shell, so that no argument is more than a text. It writes to this
 * process's own standard output and error. Answers with its exit code.
 */
export function runProgram(args: readonly string[]): Promise<number> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'inherit' });
    child.once('error', failed);
    child.once('exit', (code) => {
      done(code ?? ENVIRONMENT);
    });
  });
}
