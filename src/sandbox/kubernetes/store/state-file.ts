import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KubeObject } from '../../../model/kube-object.ts';
import type { ServerCertificate } from '../http/certificate.ts';
import type { User } from '../access/users.ts';

/** What a server remembers across restarts. */
export interface SavedState {
  readonly port: number;
  readonly version: number;
  readonly certificate?: ServerCertificate;
  readonly users: readonly User[];
  readonly objects: readonly (readonly [storage: string, object: KubeObject])[];
}

/** Reads what an earlier run saved; undefined when there is no file. Throws when it cannot be read. */
export function readState(file: string): SavedState | undefined {
  // Written by writeState only, as a whole: its shape is taken at its word.
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SavedState) : undefined;
}

/** Saves the state: wholly or not at all, readable by its owner only, since it holds tokens and a private key. */
export async function writeState(file: string, state: SavedState): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.unfinished`;
  await writeFile(unfinished, JSON.stringify(state), { mode: 0o600 });
  await rename(unfinished, file);
}
