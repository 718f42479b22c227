import { EventEmitter } from 'node:events';

import { runProgram } from '../../src/cli/program.ts';

/** What a run of the program left. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** All of it: nothing of our own environment is seen. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the program as SIGTERM does. */
  readonly until?: (soFar: string) => boolean;
}

/** The program in this process. */
export async function runInProcess(
  args: readonly string[],
  { env = {}, until }: RunOptions = {},
): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const streamTo = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
      if (until?.(written.stderr) === true) process.emit('SIGTERM');
    },
  });
  const process = Object.assign(new EventEmitter(), {
    env,
    // After a signal the program gives itself some seconds; by then the test is over.
    exit: () => undefined,
    stdout: streamTo('stdout'),
    stderr: streamTo('stderr'),
  });
  const code = await runProgram(args, process as unknown as NodeJS.Process);
  return { code, ...written };
}
