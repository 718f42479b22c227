import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Evidence } from '../../src/git/signatures/evidence.ts';

/** What git, ssh-keygen and gpg signed once (test/fixtures/signatures/record.sh): the path of a file of it. */
export function recordedFile(name: string): string {
  return fileURLToPath(new URL(`../fixtures/signatures/${name}`, import.meta.url));
}

/** A short while after the recording. */
export const RECORDED_AT = Date.parse('2026-11-25T18:10:00Z');

/** A recorded commit. */
export function recorded(name: string): Evidence {
  return evidenceOf(readFileSync(recordedFile(`${name}.commit`)));
}

/** A recorded commit with its tag. */
export function recordedTag(name: string): Evidence {
  const object = readFileSync(recordedFile(`${name}.tag`));
  return { ...recorded(name), tag: { id: idOf('tag', object), name, object } };
}

/** A commit under the name that its bytes give it. */
export function evidenceOf(object: Buffer): Evidence {
  return { commit: idOf('commit', object), object };
}

function idOf(type: string, object: Buffer): string {
  return createHash('sha1').update(`${type} ${object.length}\0`).update(object).digest('hex');
}
