import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A block of a page: commands with what they print, or a file that the reader writes. */
const BLOCK = /^```(console|yaml file=(\S+))\n(.*?)^```$/gms;

/** What is another at each run, and the width of columns that follows it. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8,40}\b/g, '<hash>'],
  [/\b(\d+h)?(\d+m)?\d+(\.\d+)?(ms|m|s)\b/g, '<time>'],
  [/(?<=\S) +/g, ' '],
  [/ +$/gm, ''],
  // A latency that is not measured yet.
  [/( <time>)+/g, ' <time>'],
];

/** What a page says, and what came of it. */
export interface PageRun {
  readonly written: string;
  readonly real: string;
}

/**
 * Runs the `console` blocks of a page in order, each as one script of bash, and writes the files that it shows. Answers
 * with the page and with the page as it would be with the real output; `isRunnable` leaves commands out, whose output
 * stays as it is written.
 */
export async function runPage(
  page: string,
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly isRunnable: (command: string) => boolean;
  },
): Promise<PageRun> {
  const written = await readFile(page, 'utf8');
  let real = '';
  let end = 0;
  let lastCode = 0;
  for (const match of written.matchAll(BLOCK)) {
    const [whole, , file, content = ''] = match;
    real += written.slice(end, match.index);
    end = match.index + whole.length;
    if (file !== undefined) {
      const path = join(options.cwd, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      real += whole;
      continue;
    }
    const lines: string[] = [];
    for (const { command, output } of commandsOf(content)) {
      lines.push(`$ ${command}`);
      if (!options.isRunnable(command)) {
        lines.push(...output);
        continue;
      }
      const ended = await runCommand(command, lastCode, options);
      lastCode = ended.code;
      if (ended.output !== '') lines.push(ended.output);
    }
    real += `\`\`\`console\n${lines.join('\n')}\n\`\`\``;
  }
  return { written, real: real + written.slice(end) };
}

/** A text without what differs from run to run. */
export function withoutVolatile(text: string): string {
  return VOLATILE.reduce((masked, [pattern, word]) => masked.replaceAll(pattern, word), text);
}

function commandsOf(block: string): readonly { command: string; output: string[] }[] {
  const commands: { command: string; output: string[] }[] = [];
  for (const line of block.trimEnd().split('\n')) {
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), output: [] });
    else commands.at(-1)?.output.push(line);
  }
  return commands;
}

/** `$?` is what the command before it ended with. */
function runCommand(
  command: string,
  lastCode: number,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<{ code: number; output: string }> {
  const script = `exec 2>&1; (exit ${lastCode}); ${command}`;
  return new Promise((done) => {
    execFile('bash', ['-c', script], { cwd, env }, (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      done({ code, output: stdout.trimEnd() });
    });
  });
}
