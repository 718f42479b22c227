import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { ConfigError } from '../errors/errors.ts';
import type { GivenLeaf } from '../import/given-leaf.ts';
import { buildImportReport, type ImportFindings } from '../import/import-report.ts';
import { parseWishes, WISHES_SIZE_LIMIT } from '../import/parse-wishes.ts';
import { renderFiles, renderImport } from '../import/render-import.ts';
import { secretHints } from '../import/secret-hints.ts';
import { writeFiles } from '../import/write-files.ts';
import type { ClusterCredentials } from '../kube/credentials.ts';
import { loadPersonCredentials } from '../kube/load-person.ts';
import { KUBECONFIG_SIZE_LIMIT } from '../kube/parse-kubeconfig.ts';
import { toSafeJson } from '../report/render-json.ts';
import type { CommandContext } from './command-context.ts';
import { type ImportFlags, type ImportOptions, readImportOptions } from './import-options.ts';

/**
 * `import`: writes YAML for connections that exist. What was found goes to standard error, the YAML (or the report as
 * JSON, or with `--to` a line for each file) to standard output. Resolves with the exit code (DESIGN section 4).
 */
export async function importCommand(flags: ImportFlags, context: CommandContext): Promise<number> {
  const options = readImportOptions(flags, context.env);
  const findings = await look(options, context);
  const { to: folder, force, output, namespace, leaves } = options;
  const { files } = findings.plan;
  const written = folder === undefined ? [] : await writeFiles(files, { folder, force });
  const report = buildImportReport(findings, written);
  context.stderr.write(renderImport(report));
  context.stderr.write(secretHints(report, { namespace, leaves }));
  if (output === 'json') context.stdout.write(toSafeJson(report));
  else if (folder === undefined) context.stdout.write(files.map(({ text }) => text).join('---\n'));
  else context.stdout.write(renderFiles(report));
  return report.exitCode;
}

async function look(options: ImportOptions, context: CommandContext): Promise<ImportFindings> {
  const { from, leaves, namespace, liqoNamespace } = options;
  const wishes =
    from === undefined ? undefined : parseWishes(readGiven(from, '--from', WISHES_SIZE_LIMIT));
  const given = leaves.map(({ name, file, context: inFile }): GivenLeaf => ({
    name,
    kubeconfig: readGiven(file, '--leaf', KUBECONFIG_SIZE_LIMIT),
    context: inFile,
  }));
  const credentials = await mainCredentials(options, context);
  if (credentials === undefined && given.length === 0 && wishes === undefined) {
    throw new ConfigError(
      'there is nothing to look at: name the main cluster with --kubeconfig, leaves with --leaf, or a file with --from',
    );
  }
  const { findImports } = await import('../app/compose-import.ts');
  const { signal } = context;
  return findImports({ credentials, given, wishes, namespace, liqoNamespace, signal });
}

async function mainCredentials(
  { kubeconfig, context, isOffline }: ImportOptions,
  { env }: CommandContext,
): Promise<ClusterCredentials | undefined> {
  if (isOffline) return undefined;
  return loadPersonCredentials({
    cluster: 'main',
    environment: env,
    home: env['HOME'] ?? homedir(),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  });
}

/** The path is not shown: somebody may have given the content itself. */
function readGiven(path: string, flag: string, limit: number): string {
  try {
    const { size } = statSync(path);
    if (size <= limit) return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${flag}: the file cannot be read`, { cause: error });
  }
  throw new ConfigError(`${flag}: the file is larger than ${limit} bytes`);
}
