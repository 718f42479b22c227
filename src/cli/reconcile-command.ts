import { readFileSync } from 'node:fs';

import { loadConfig, type Config } from '../config/config.ts';
import type { GivenFlags } from '../config/flag-reader.ts';
import { isAbort, toOperatorError } from '../errors/classify.ts';
import { ConfigError, TimeoutError } from '../errors/errors.ts';
import type { ReconcileReport } from '../model/generated/report.ts';
import { buildReport } from '../reconcile/build-report.ts';
import { checkOffline, type Check } from '../reconcile/check.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { showPlainly } from '../report/show-plainly.ts';
import type { CommandContext } from './command-context.ts';
import { createCommandLogger } from './create-command-logger.ts';
import { runCommand } from './run-command.ts';
import { writeReport } from './write-report.ts';

interface Run {
  readonly config: Config;
  readonly context: CommandContext;
  readonly logger: Logger;
}

interface Reported {
  readonly report: ReconcileReport;
  /** Name of the installation that the report is about; where no cluster tells it, its namespace stands for it. */
  readonly installation: string;
}

/**
 * `reconcile`: one pass with `--once`, else the same as `run`. Offline with `--offline`, and where no main cluster is
 * configured. Resolves with the exit code (DESIGN section 4).
 */
export async function reconcileCommand(
  flags: GivenFlags,
  context: CommandContext,
): Promise<number> {
  const config = loadConfig(flags, context.env, { read: (path) => readFileSync(path, 'utf8') });
  if (!config.once) return runCommand(flags, context);
  const level = flags['logLevel'] === undefined ? 'warn' : config.logLevel;
  const logger = await createCommandLogger(level, context);
  const startedAt = systemClock.now();
  const { report, installation } = await reportOnce({ config, context, logger }).catch(inWords);
  const timing = {
    startedAt: new Date(startedAt).toISOString(),
    durationMs: systemClock.now() - startedAt,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
  await writeReport({ ...report, timing }, installation, { config, context });
  return report.exitCode;
}

/** What was called off has not come to its end, and must not look as if it had. */
function inWords(error: unknown): never {
  if (!isAbort(error)) throw error;
  throw new TimeoutError('called off before the end: run it again to see how things stand');
}

/** First what needs no cluster: an invalid desired state is told even when the clusters are out of reach. */
async function reportOnce(run: Run): Promise<Reported> {
  const { config, context } = run;
  const check = await checkSource(run);
  if (check.baseFailure !== undefined) tell(check.baseFailure, context);
  if (isAtItsEnd(run, check)) return offlineReport(run, check);
  try {
    const reported = await clusterReport(run, check);
    if (reported === undefined && config.needsCluster) throw noCluster();
    return reported ?? offlineReport(run, check);
  } catch (error) {
    const isAllWell = check.desired.complete && check.plan.guards.length === 0;
    if (isAbort(error) || isAllWell) throw error;
    tell(error, context);
    return offlineReport(run, check);
  }
}

async function checkSource({ config, context }: Run): Promise<Check> {
  const { source } = config;
  if (source === undefined) {
    throw new ConfigError('reconcile --once needs a source: leave out "--source none"');
  }
  const { composeSource, SOURCE_NAME } = await import('../app/compose-source.ts');
  return checkOffline({
    source: composeSource(source, config),
    ...(source.base === undefined ? {} : { base: composeSource(source, config, source.base) }),
    sourceName: SOURCE_NAME,
    namespace: config.namespace,
    guard: config.guard,
    signal: context.signal,
  });
}

function noCluster(): ConfigError {
  return new ConfigError(
    'there is no main cluster to write to: give --kubeconfig or set KUBECONFIG, or leave out --apply and --wait',
  );
}

/** For what the report, which weighs more, does not say. */
function tell(error: unknown, { stderr }: CommandContext): void {
  stderr.write(`error: ${showPlainly(toOperatorError(error).message)}\n`);
}

/** Of a commit that is not taken nothing is carried to a cluster. */
function isAtItsEnd({ config }: Run, { isRefused }: Check): boolean {
  return config.mode === 'offline' || isRefused;
}

function sourceOf({ config }: Run, check: Check): ReconcileReport['source'] {
  const { location = '', ref = '' } = config.source ?? {};
  return { location, ref, revision: check.revision, base: check.baseRevision };
}

function offlineReport(run: Run, check: Check): Reported {
  const { installation, namespace, detailedExitcode } = run.config;
  const report = buildReport({
    mode: 'offline',
    source: sourceOf(run, check),
    desired: check.desired,
    mirrorPlan: check.plan,
    plans: [],
    outlook: check.outlook,
    results: [],
    isEnvironmentBroken: false,
    detailedExitCode: detailedExitcode,
  });
  return { report, installation: installation ?? namespace };
}

/** Undefined when no main cluster is configured. */
async function clusterReport(run: Run, check: Check): Promise<Reported | undefined> {
  const { config, context, logger } = run;
  const { source, mode } = config;
  const { connectMain, composeOnce } = await import('../app/compose.ts');
  const { createIdentity } = await import('../app/compose-election.ts');
  const { applyOnce, dryRunOnce } = await import('../reconcile/once.ts');
  const { signal } = context;
  const composition = {
    config,
    environment: context.env,
    identity: createIdentity(),
    logger,
    signal,
  };
  const client = await connectMain(composition);
  if (client === undefined || source === undefined || mode === 'offline') return undefined;
  const once = await composeOnce(client, source, composition);
  const options = {
    engine: once.engine,
    mirror: once.mirror,
    clock: systemClock,
    timeoutMs: config.timeoutMs,
    onProgress: (line: string) => context.stderr.write(`${showPlainly(line)}\n`),
    signal,
  };
  try {
    const { mirrored, plans, outlook, results } =
      mode === 'apply'
        ? await applyOnce({ ...options, wait: config.wait, elector: once.elector })
        : await dryRunOnce(options);
    const report = buildReport({
      mode,
      source: sourceOf(run, check),
      desired: mirrored.desired ?? check.desired,
      mirrorPlan: mirrored.plan,
      plans,
      outlook,
      results,
      isEnvironmentBroken:
        mirrored.results.some(({ result }) => result.kind === 'failed') ||
        results.some(({ ready }) => ready === 'Unknown' || (config.wait && ready === 'False')),
      detailedExitCode: config.detailedExitcode,
    });
    return { report, installation: once.installation };
  } finally {
    await once.stop();
    await client.close();
  }
}
