import { ConfigError } from '../errors/errors.ts';
import { OUTPUT_FORMATS, type OutputFormat } from '../model/output-format.ts';
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
  isRemote,
  oneOf,
  parseCommit,
  parseFolder,
  parseHostAndPort,
  parseLabelValue,
  parseLocation,
  parseNamespace,
  parseRef,
  parseSecret,
  parseSecrets,
  parseText,
  upTo,
} from './flag-values.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** `offline`: contact no cluster; `dry-run`: read and plan; `apply`: write. */
export type Mode = 'offline' | 'dry-run' | 'apply';

/** The Git source. */
export interface SourceConfig {
  /** A local path, or an https or http URL without credentials. */
  readonly location: string;
  readonly ref: string | undefined;
  readonly path: string;
  readonly worktree: boolean;
  readonly base: string | undefined;
  /** The token file is read at every use, so that it can be rotated. */
  readonly auth: { readonly tokenFile: string; readonly username: string | undefined } | undefined;
  readonly caFile: string | undefined;
}

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
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly namespace: string;
  readonly installation: string | undefined;
  /** False: this process writes without asking whether another one does. */
  readonly leaderElect: boolean;
  readonly poll: Interval;
  readonly resync: Interval;
  /** `token`: what the API asks for. A secret. */
  readonly http: HostAndPort & { readonly token: string | undefined };
  /** The file is read at every use, so that the secret can be changed. */
  readonly webhook: { readonly secretFile: string } | undefined;
  readonly guard: {
    readonly maxDeletions: number;
    readonly maxDeletionsPercent: number;
    readonly allowDeletionsAt: string | undefined;
  };
  readonly dataDir: string | undefined;
  readonly output: OutputFormat;
  readonly outputFile: string | undefined;
  readonly detailedExitcode: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** Reads a file as text; throws where it cannot. */
export interface ConfigFiles {
  read(path: string): string;
}

/**
 * The configuration of `run` and `reconcile`: flags (keys as commander makes them, `dryRun`), else variables, else
 * defaults. Throws one ConfigError that names everything that is wrong, a line for each flag, and shows no secret.
 */
export function loadConfig(flags: GivenFlags, env: Environment, files: ConfigFiles): Config {
  const reader = createFlagReader(flags, env);
  const token = reader.optional('http-token-file', (path) => parseSecret(readFile(files, path)));
  const secretFile = reader.optional('webhook-secret-file', (path) => {
    parseSecrets(readFile(files, path));
    return path;
  });
  const config: Config = {
    source: readSource(reader, files),
    cluster: {
      kubeconfig: reader.optional('kubeconfig', parseText),
      context: reader.optional('context', parseText),
    },
    once: reader.isSet('once'),
    mode: readMode(reader, env),
    wait: reader.isSet('wait'),
    timeoutMs: reader.required('timeout', parseDuration),
    namespace: reader.required('namespace', parseNamespace),
    installation: reader.optional('installation', parseLabelValue),
    leaderElect: reader.required('leader-elect', parseSwitch),
    poll: reader.required('poll', parseInterval),
    resync: reader.required('resync', parseInterval),
    http: { ...reader.required('http', parseHostAndPort), token },
    webhook: secretFile === undefined ? undefined : { secretFile },
    guard: {
      maxDeletions: reader.required('max-deletions', upTo(1_000_000)),
      maxDeletionsPercent: reader.required('max-deletions-percent', upTo(100)),
      allowDeletionsAt: reader.optional('allow-deletions-at', parseCommit),
    },
    dataDir: reader.optional('data-dir', parseText),
    output: reader.required('output', oneOf(OUTPUT_FORMATS)),
    outputFile: reader.optional('output-file', parseText),
    detailedExitcode: reader.isSet('detailed-exitcode'),
    logLevel: reader.required('log-level', oneOf(LOG_LEVELS)),
  };
  reader.finish();
  return config;
}

function readSource(reader: FlagReader, files: ConfigFiles): SourceConfig | undefined {
  const parseReadable = (path: string) => {
    readFile(files, path);
    return path;
  };
  const location = reader.required('source', parseLocation);
  const ref = reader.optional('ref', parseRef);
  const path = reader.required('path', parseFolder);
  const worktree = reader.isSet('worktree');
  const base = reader.optional('base', parseRef);
  const tokenFile = reader.optional('git-token-file', parseReadable);
  const username = reader.optional('git-username', parseText);
  const caFile = reader.optional('git-ca-file', parseReadable);
  if (username !== undefined && tokenFile === undefined) {
    reader.refuse('git-username', 'is of no use without --git-token-file');
  }
  if (worktree && ref !== undefined) reader.refuse('worktree', 'files as they lie have no --ref');
  if (location === 'none') return undefined;
  if (worktree && isRemote(location)) {
    reader.refuse('worktree', 'only the files of a local repository can be read as they lie');
  }
  const auth = tokenFile === undefined ? undefined : { tokenFile, username };
  return { location, ref, path, worktree, base, auth, caFile };
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

function isPullRequest(env: Environment): boolean {
  const { GITHUB_EVENT_NAME: event = '', CI_MERGE_REQUEST_IID: mergeRequest = '' } = env;
  return event.startsWith('pull_request') || mergeRequest !== '';
}

function parseInterval(text: string): Interval {
  const ms = parseDuration(text);
  return { ms, cron: cronExpression(ms) };
}

/** The path is not shown: somebody may have given the secret itself. */
function readFile(files: ConfigFiles, path: string): string {
  try {
    return files.read(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new ConfigError(`the file cannot be read${code}; give the path of a readable file`);
  }
}
