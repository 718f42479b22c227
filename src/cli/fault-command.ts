import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ConfigError } from '../errors/errors.ts';
import type { ControlAddress } from '../sandbox/control.ts';
import { FAULTS } from '../sandbox/faults.ts';
import type { CommandContext } from './command-context.ts';

export interface FaultCommandOptions {
  /** Folder of the running sandbox. */
  readonly dir: string;
  readonly leaf: string | undefined;
  readonly fault: string | undefined;
  /** `name=value`, as the fault takes them. */
  readonly args: readonly string[];
  readonly isOff: boolean;
}

/** `sandbox fault`: tells a running sandbox to make something go wrong. Resolves with the exit code. */
export async function faultCommand(
  options: FaultCommandOptions,
  context: CommandContext,
): Promise<number> {
  const { dir, leaf, fault, args, isOff } = options;
  if (leaf === undefined || fault === undefined) {
    context.stdout.write(listFaults());
    return leaf === undefined ? 0 : 2;
  }
  const { url, token } = await readControl(dir);
  const body = JSON.stringify({ leaf, fault, on: !isOff, args: parseArguments(args) });
  const response = await fetch(`${url}/fault`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
    signal: context.signal,
  }).catch((error: unknown) => {
    context.signal.throwIfAborted();
    throw noSandbox(dir, error);
  });
  if (!response.ok) {
    const { error, message } = (await response.json()) as { error?: string; message?: string };
    throw new ConfigError(error ?? message ?? `the sandbox answered ${response.status}`);
  }
  context.stdout.write(`${leaf}: ${fault} ${isOff ? 'off' : 'on'}\n`);
  return 0;
}

function listFaults(): string {
  const lines = Object.entries(FAULTS).map(
    ([name, { description }]) => `  ${name.padEnd(26)} ${description}`,
  );
  return `Usage: npm run sandbox -- fault <leaf> <fault> [name=value …] [--off]\n\n${lines.join('\n')}\n`;
}

async function readControl(dir: string): Promise<ControlAddress> {
  try {
    return JSON.parse(await readFile(join(dir, 'control.json'), 'utf8')) as ControlAddress;
  } catch (error) {
    throw noSandbox(dir, error);
  }
}

function noSandbox(dir: string, cause: unknown): ConfigError {
  return new ConfigError(`no sandbox runs in "${dir}": start one with "npm run sandbox"`, {
    cause,
  });
}

function parseArguments(args: readonly string[]): Readonly<Record<string, string | number>> {
  const entries = args.map((argument): [string, string | number] => {
    const [name = '', value] = argument.split('=');
    if (value === undefined) throw new ConfigError(`"${argument}" is not of the form name=value`);
    return [name, name === 'ms' ? Number(value) : value];
  });
  return Object.fromEntries(entries);
}
