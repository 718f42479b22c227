import { OUTPUT_FORMATS } from '../model/output-format.ts';
import { BOTH, type FlagCommand, type FlagDefinition, RECONCILE } from './flag-definition.ts';
import { REPORT_FLAGS } from './report-flags.ts';
import { SOURCE_FLAGS } from './source-flags.ts';

/** One flag of the command line, as `--help` shows it. */
export interface Flag {
  /** Without the leading dashes. */
  readonly name: FlagName;
  /** The environment variable that stands in where the flag is not given. */
  readonly env: string;
  /** What the value is, for `--flag <argument>`; a flag without one is either given or not. */
  readonly argument: string | undefined;
  readonly default: string | undefined;
  readonly description: string;
  readonly commands: readonly FlagCommand[];
}

const DEFINITIONS = {
  ...SOURCE_FLAGS,
  'data-dir': {
    argument: 'folder',
    description: 'keeps the last good revision over restarts',
    commands: BOTH,
  },
  kubeconfig: {
    argument: 'file',
    description: 'main cluster; by default KUBECONFIG, else the cluster that the service runs in',
    commands: BOTH,
  },
  context: {
    argument: 'name',
    description: 'context within the kubeconfig; by default its current one',
    commands: BOTH,
  },
  namespace: {
    argument: 'name',
    default: 'liqo-shortcuts',
    description: 'namespace of the installation on the main cluster',
    commands: BOTH,
  },
  installation: {
    argument: 'name',
    description: 'name of this installation; by default the Liqo cluster ID of the main cluster',
    commands: BOTH,
  },
  'leader-elect': {
    argument: 'true|false',
    default: 'true',
    description:
      'write only while holding the Lease "liqo-shortcuts": at most one of several replicas does',
    commands: BOTH,
  },
  once: { description: 'one pass, then exit', commands: RECONCILE },
  offline: { description: 'contact no cluster', commands: RECONCILE },
  'dry-run': {
    description: 'read the clusters, print the plan, write nothing',
    commands: RECONCILE,
  },
  apply: { description: 'write, also in the job of a pull request', commands: RECONCILE },
  wait: { description: 'wait until every shortcut is ready', commands: RECONCILE },
  timeout: {
    argument: 'duration',
    default: '120s',
    description: 'how long to wait',
    commands: RECONCILE,
  },
  poll: {
    argument: 'duration',
    default: '30s',
    description: 'how often to look at the Git repository',
    commands: BOTH,
  },
  resync: {
    argument: 'duration',
    default: '10m',
    description: 'how often to look at everything again, changed or not',
    commands: BOTH,
  },
  http: {
    argument: 'host:port',
    default: '0.0.0.0:8080',
    description: 'where the API and the dashboard listen',
    commands: BOTH,
  },
  'http-rate-limit': {
    argument: 'count',
    default: '6000',
    description: 'requests that one address may send in a minute; 0: as many as it likes',
    commands: BOTH,
  },
  'http-token-file': {
    argument: 'file',
    description: 'file with the bearer token that the API asks for',
    commands: BOTH,
  },
  'webhook-secret-file': {
    argument: 'file',
    description:
      'file with the secret of the Git webhook, or several, a line for each; without it there is no webhook',
    commands: BOTH,
  },
  ...REPORT_FLAGS,
  'max-deletions': {
    argument: 'number',
    default: '5',
    description: 'hold back a commit that deletes more resources of one kind',
    commands: BOTH,
  },
  'max-deletions-percent': {
    argument: 'number',
    default: '30',
    description: 'hold back a commit that deletes a larger share of one kind, of ten or more',
    commands: BOTH,
  },
  'allow-deletions-at': {
    argument: 'commit',
    description: 'the commit whose deletions somebody has looked at, at least 7 digits',
    commands: BOTH,
  },
  output: {
    argument: 'format',
    default: 'text',
    description: OUTPUT_FORMATS.join(', '),
    commands: RECONCILE,
  },
  'output-file': {
    argument: 'file',
    description: 'write the report there instead of standard output',
    commands: RECONCILE,
  },
  'output-also': {
    argument: 'form=file,…',
    description: 'write the same report in further forms, each to its file',
    commands: RECONCILE,
  },
  'detailed-exitcode': { description: 'exit with 4 when changes are pending', commands: RECONCILE },
  'log-level': {
    argument: 'level',
    default: 'info',
    description: 'trace, debug, info, warn, error, fatal or silent',
    commands: BOTH,
  },
} as const satisfies Readonly<Record<string, FlagDefinition>>;

export type FlagName = keyof typeof DEFINITIONS;

/** Flags that have a value whether somebody gives one or not. */
export type DefaultedFlagName = {
  [Name in FlagName]: (typeof DEFINITIONS)[Name] extends { readonly default: string }
    ? Name
    : never;
}[FlagName];

/** The text that a flag has where nobody gives one. */
export function defaultOf(name: DefaultedFlagName): string {
  return DEFINITIONS[name].default;
}

/** `SHORTCUTS_<FLAG>`, the variable of a flag (DESIGN section 4). */
export function environmentVariableOf(name: FlagName): string {
  return `SHORTCUTS_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Every flag of `run` and `reconcile`, in the order of `--help`. */
export const FLAGS: readonly Flag[] = Object.entries<FlagDefinition>(DEFINITIONS).map(
  ([key, { argument, default: preset, description, commands }]) => {
    const name = key as FlagName;
    return {
      name,
      env: environmentVariableOf(name),
      argument,
      default: preset,
      description,
      commands,
    };
  },
);
