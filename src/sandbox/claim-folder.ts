import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../errors/errors.ts';
import type { ControlAddress } from './control.ts';

/** What a world makes before anything else. */
const FIRST_MADE = ['kubeconfig', 'state'];

/** What starting over takes away. */
const KEPT = [...FIRST_MADE, 'repository', 'data'];

/**
 * Makes sure that a folder may become an embedded world: that it can be made, that no other world lives there, and
 * that it is empty or was one before, since starting over takes folders away.
 *
 * @throws ConfigError that says which of these is not so.
 */
export async function claimFolder(dir: string, signal: AbortSignal): Promise<void> {
  const entries = await openFolder(dir);
  if (entries.includes('control.json') && (await isAnswering(dir, signal))) {
    throw new ConfigError(
      `a sandbox runs in "${dir}" already: stop that one, or take another --dir`,
    );
  }
  const isWorld = FIRST_MADE.every((name) => entries.includes(name));
  if (!isWorld && KEPT.some((name) => entries.includes(name))) {
    throw new ConfigError(`"${dir}" holds other things than a sandbox: take another --dir`);
  }
}

async function openFolder(dir: string): Promise<readonly string[]> {
  try {
    await mkdir(dir, { recursive: true });
    return await readdir(dir);
  } catch (error) {
    throw new ConfigError(`--dir: there can be no folder "${dir}"`, { cause: error });
  }
}

/** A world that was killed leaves its address behind, where nobody answers, or somebody else. */
async function isAnswering(dir: string, signal: AbortSignal): Promise<boolean> {
  try {
    const text = await readFile(join(dir, 'control.json'), 'utf8');
    const { url, token } = JSON.parse(text) as ControlAddress;
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${url}/world`, { headers, signal })).ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
