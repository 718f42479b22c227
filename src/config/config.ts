import { OUTPUT_FORMATS, type OutputFile, type OutputFormat } from '../model/output-format.ts';
import { type ConfigFiles, readConfigFile } from './config-files.ts';
import { cronExpression } from './cron.ts';
import { parseDuration } from './duration.ts';
import {
  createFlagReader,
  type Environment,
  type FlagReader,
  type GivenFlags,
  parseSwitch,
} from './flag-reader.ts';
import {
  type HostAndPort,
  oneOf,
  parseCommit,
  parseHostAndPort,
  parseLabelValue,
  parseNamespace,
  parseOutputFiles,
  parseSecret,
  parseSecrets,
  parseText,
  upTo,
} from './flag-values.ts';
import { type ReportConfig, readReport } from './report-config.ts';
import { readSource, type SourceConfig } from './source-config.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** `offline`: contact no cluster; `dry-run`: read and plan; `apply`: write. */
export type Mode = 'offline' | 'dry-run' | 'apply';

/** Something that happens every `ms` milliseconds, also as a node-cron expression. */
export interface Interval {
  readonly ms: number;
  readonly cron: string;
}

/** Everything that flags and environment decide (DESIGN section 4), valid. Durations in milliseconds. */
export interface Config {
  /** Undefined for `--source none`. */
  readonly source: SourceConfig | undefined;
  /** As given; `KUBECONFIG` and the service account are looked at where neither is. */
  readonly cluster: {
    readonly kubeconfig: string | undefined;
    readonly context: string | undefined;
  };
  readonly once: boolean;
  readonly mode: Mode;
  /** Wait for what was written. */
  readonly wait: boolean;
  /** Somebody asked for writes, so that without a cluster there is nothing to be content with. */
  readonly needsCluster: boolean;
  readonly timeoutMs: number;
  readonly namespace: string;
  readonly installation: string | undefined;
  /** False: this process writes without asking whether another one does. */
  readonly leaderElect: boolean;
  readonly poll: Interval;
  readonly resync: Interval;
  /** `token`: what the API asks for. A secret. */
  readonly http: HostAndPort & {
    readonly token: string | undefined;
    /** Requests that one address may send in a minute; 0: no limit. */
    readonly rateLimit: number;
  };
  /** The file is read at every use, so that the secret can be changed. */
  readonly webhook: { readonly secretFile: string } | undefined;
  /** Undefined: nothing is reported to a Git host. */
  readonly report: ReportConfig | undefined;
  readonly guard: {
    readonly maxDeletions: number;
    readonly maxDeletionsPercent: number;
    readonly allowDeletionsAt: string | undefined;
  };
  readonly dataDir: string | undefined;
  readonly output: OutputFormat;
  readonly outputFile: string | undefined;
  /** Further forms of the same report. */
  readonly outputAlso: readonly OutputFile[];
  readonly detailedExitcode: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/**
 * The configuration of `run` and `reconcile`: flags (keys as commander makes them, `dryRun`), else variables, else
 * defaults. Throws one ConfigError that names everything that is wrong, a line for each flag, and shows no secret.
 */
export function loadConfig(flags: GivenFlags, env: Environment, files: ConfigFiles): Config {
  const reader = createFlagReader(flags, env);
  const token = reader.optional('http-token-file', (path) =>
    parseSecret(readConfigFile(files, path)),
  );
  const secretFile = reader.optional('webhook-secret-file', (path) => {
    parseSecrets(readConfigFile(files, path));
    return path;
  });
  const mode = readMode(reader, env);
  const wait = mode === 'apply' && reader.isSet('wait');
  const source = readSource(reader, env, files);
  const config: Config = {
    source,
    cluster: {
      kubeconfig: reader.optional('kubeconfig', parseText),
      context: reader.optional('context', parseText),
    },
    once: reader.isSet('once'),
    mode,
    wait,
    needsCluster: wait || reader.isSet('apply'),
    timeoutMs: reader.required('timeout', parseDuration),
    namespace: reader.required('namespace', parseNamespace),
    installation: reader.optional('installation', parseLabelValue),
    leaderElect: reader.required('leader-elect', parseSwitch),
    poll: reader.required('poll', parseInterval),
    resync: reader.required('resync', parseInterval),
    http: {
      ...reader.required('http', parseHostAndPort),
      token,
      rateLimit: reader.required('http-rate-limit', upTo(1_000_000)),
    },
    webhook: secretFile === undefined ? undefined : { secretFile },
    report: readReport(reader, source, files),
    guard: {
      maxDeletions: reader.required('max-deletions', upTo(1_000_000)),
      maxDeletionsPercent: reader.required('max-deletions-percent', upTo(100)),
      allowDeletionsAt: reader.optional('allow-deletions-at', parseCommit),
    },
    dataDir: reader.optional('data-dir', parseText),
    output: reader.required('output', oneOf(OUTPUT_FORMATS)),
    outputFile: reader.optional('output-file', parseText),
    outputAlso: reader.optional('output-also', parseOutputFiles) ?? [],
    detailedExitcode: reader.isSet('detailed-exitcode'),
    logLevel: reader.required('log-level', oneOf(LOG_LEVELS)),
  };
  reader.finish();
  return config;
}

/** In the job of a pull request nothing is written, unless somebody says so. */
function readMode(reader: FlagReader, env: Environment): Mode {
  const isApply = reader.isSet('apply');
  const isDryRun = reader.isSet('dry-run');
  const isOffline = reader.isSet('offline');
  if (isDryRun || isOffline) {
    if (reader.isSet('wait')) {
      reader.refuse('wait', 'waits for what is written: --dry-run and --offline write nothing');
    }
    if (isApply) reader.refuse('apply', 'contradicts --dry-run and --offline; give one of them');
  }
  if (isOffline) return 'offline';
  if (isDryRun) return 'dry-run';
  return isPullRequest(env) && !isApply ? 'dry-run' : 'apply';
}

/** Also what waits in a merge queue is not merged yet. */
function isPullRequest(env: Environment): boolean {
  const { GITHUB_EVENT_NAME: event = '', CI_MERGE_REQUEST_IID: mergeRequest = '' } = env;
  const { CI_EXTERNAL_PULL_REQUEST_IID: external = '' } = env;
  return /^(pull_request|merge_group)/.test(event) || mergeRequest !== '' || external !== '';
}

function parseInterval(text: string): Interval {
  const ms = parseDuration(text);
  return { ms, cron: cronExpression(ms) };
}
