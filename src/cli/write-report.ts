import { appendFileSync, writeFileSync } from 'node:fs';

import { VERSION } from '../app/version.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../errors/errors.ts';
import type { ReconcileReport } from '../model/generated/report.ts';
import { renderReport } from '../report/render-report.ts';
import { type CommandContext, hasColor } from './command-context.ts';

/**
 * Writes the report where it was asked for: in the form of `--output`, to `--output-file` or standard output; in those
 * of `--output-also` to their files; and as Markdown to the summary of the step in a job of GitHub Actions
 * (`GITHUB_STEP_SUMMARY`), which never fails the run.
 *
 * @throws ConfigError when `--output-file` or a file of `--output-also` cannot be written.
 */
export async function writeReport(
  report: ReconcileReport,
  installation: string,
  { config, context }: { readonly config: Config; readonly context: CommandContext },
): Promise<void> {
  const { output, outputFile, outputAlso } = config;
  const color = outputFile === undefined && hasColor(context);
  const options = { color, installation, version: VERSION };
  const { GITHUB_STEP_SUMMARY: summaryFile = '' } = context.env;
  if (summaryFile !== '') {
    appendSummary(summaryFile, await renderReport(report, 'markdown', options), context);
  }
  const text = await renderReport(report, output, options);
  if (outputFile === undefined) context.stdout.write(text);
  else writeOutput('--output-file', outputFile, text);
  const plain = { ...options, color: false };
  for (const { format, file } of outputAlso) {
    writeOutput(`--output-also ${format}`, file, await renderReport(report, format, plain));
  }
}

function writeOutput(flag: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new ConfigError(`${flag}: the file cannot be written`, { cause: error });
  }
}

/** Others may have written to it without a line break at the end. */
function appendSummary(file: string, markdown: string, { stderr }: CommandContext): void {
  try {
    appendFileSync(file, `\n${markdown}`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    stderr.write(`warning: the file that GITHUB_STEP_SUMMARY names cannot be written${code}\n`);
  }
}
