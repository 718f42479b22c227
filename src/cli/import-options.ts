import { type Environment, createFlagReader, type GivenFlags } from '../config/flag-reader.ts';
import { oneOf, parseNamespace, parseText } from '../config/flag-values.ts';
import { ConfigError } from '../errors/errors.ts';

/** Flags as commander hands them over; only `--leaf` may be given more than once. */
export type ImportFlags = Readonly<
  Record<string, string | boolean | readonly string[] | undefined>
>;

/** One `--leaf`. */
export interface LeafFlag {
  readonly name: string;
  readonly file: string;
  readonly context: string | undefined;
}

export interface ImportOptions {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string;
  readonly isOffline: boolean;
  readonly leaves: readonly LeafFlag[];
  readonly liqoNamespace: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly force: boolean;
  readonly output: 'yaml' | 'json';
}

/** A cluster name as the schema of a LeafCluster has it. */
const LEAF = /^([a-z0-9]+(?:-[a-z0-9]+)*)=([^#]+)(?:#(.+))?$/;
const MAX_NAME_LENGTH = 63;

/**
 * Reads the flags of `import`; those that other commands have as well also from their variables.
 *
 * @throws ConfigError, which quotes no value.
 */
export function readImportOptions(flags: ImportFlags, env: Environment): ImportOptions {
  const { leaf = [], ...single } = flags;
  const reader = createFlagReader(single as GivenFlags, env);
  const kubeconfig = reader.optional('kubeconfig', parseText);
  const context = reader.optional('context', parseText);
  const namespace = reader.required('namespace', parseNamespace);
  const isOffline = reader.isSet('offline');
  reader.finish();
  const options: ImportOptions = {
    kubeconfig,
    context,
    namespace,
    isOffline,
    leaves: (leaf as readonly string[]).map(parseLeaf),
    liqoNamespace: parseNamespace(String(single['liqoNamespace'] ?? 'liqo')),
    from: textOf(single['from']),
    to: textOf(single['to']),
    force: single['force'] === true,
    output: parseOutput(textOf(single['output']) ?? 'yaml'),
  };
  refuseContradictions(options);
  return options;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function parseOutput(text: string): ImportOptions['output'] {
  try {
    return oneOf(['yaml', 'json'] as const)(text);
  } catch (error) {
    throw new ConfigError('--output: is not one of yaml, json', { cause: error });
  }
}

function parseLeaf(text: string): LeafFlag {
  const [, name, file, context] = LEAF.exec(text) ?? [];
  if (name === undefined || file === undefined || name.length > MAX_NAME_LENGTH) {
    throw new ConfigError(
      '--leaf: is not NAME=FILE or NAME=FILE#CONTEXT, with a name of lower-case letters, digits and single dashes',
    );
  }
  return { name, file, context };
}

function refuseContradictions({ leaves, isOffline, from, to, force }: ImportOptions): void {
  const names = leaves.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigError(`--leaf: "${twice}" is given twice`);
  if (isOffline && leaves.length > 0) {
    throw new ConfigError('--leaf: a leaf cannot be asked with --offline; leave one of them out');
  }
  if (isOffline && from === undefined) {
    throw new ConfigError('--offline: needs --from, since nothing else can be looked at');
  }
  if (force && to === undefined) throw new ConfigError('--force: goes only with --to');
}
