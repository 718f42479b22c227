import { ConfigError } from '../errors/errors.ts';
import {
  type DefaultedFlagName,
  defaultOf,
  environmentVariableOf,
  type FlagName,
} from './flags.ts';

/** Flags as commander hands them over: `dryRun` for `--dry-run`. */
export type GivenFlags = Readonly<Record<string, string | boolean | undefined>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Makes a value of a text, or throws a ConfigError that says what is wrong and what is allowed, and never quotes. */
export type Parse<Value> = (text: string) => Value;

/** Reads flags, else their variables, and gathers everything that is wrong with them. */
export interface FlagReader {
  /** Undefined where it is not given, or not valid. */
  optional<Value>(name: FlagName, parse: Parse<Value>): Value | undefined;
  /** The default where it is not given, or not valid. */
  required<Value>(name: DefaultedFlagName, parse: Parse<Value>): Value;
  isSet(name: FlagName): boolean;
  /** Something that is wrong with a flag beside others; of no account where its own text is wrong. */
  refuse(name: FlagName, problem: string): void;
  /** Throws one ConfigError with a line for each problem; `details.flags` names the flags. */
  finish(): void;
}

/** A reader over one command line and environment. A variable that is empty counts as not set. */
export function createFlagReader(flags: GivenFlags, env: Environment): FlagReader {
  const problems: { readonly name: FlagName; readonly problem: string }[] = [];

  function optional<Value>(name: FlagName, parse: Parse<Value>): Value | undefined {
    const variable = env[environmentVariableOf(name)];
    const text = flags[keyOf(name)] ?? (variable === '' ? undefined : variable);
    if (text === undefined) return undefined;
    try {
      return parse(String(text));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push({ name, problem: error.message });
      return undefined;
    }
  }

  return {
    optional,
    required: (name, parse) => optional(name, parse) ?? parse(defaultOf(name)),
    isSet: (name) => optional(name, parseSwitch) ?? false,
    refuse: (name, problem) => {
      if (!problems.some((known) => known.name === name)) problems.push({ name, problem });
    },
    finish: () => {
      if (problems.length === 0) return;
      const lines = problems.map(
        ({ name, problem }) => `--${name} (${environmentVariableOf(name)}): ${problem}`,
      );
      throw new ConfigError(`the configuration is not valid\n${lines.join('\n')}`, {
        details: { flags: problems.map(({ name }) => name).join(' ') },
      });
    },
  };
}

function keyOf(name: FlagName): string {
  return name.replaceAll(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());
}

/** `true` or `1`, `false` or `0`. */
export function parseSwitch(text: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new ConfigError('must be true or false');
}
