import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceFile } from '../model/source-file.ts';
import {
  restoreEvidence,
  type StoredEvidence,
  storeEvidence,
} from './signatures/store-evidence.ts';
import type { Checkout, Source } from './source.ts';

/** Keeps the last checkout that could be read, so that a restart during an outage has something to stand on. */
export interface LastGood {
  /** What was saved for this very source, or undefined: nothing yet, of another source, or damaged. */
  load(): Promise<Checkout | undefined>;
  /** Replaces what was saved, atomically. Throws the file system's error. */
  save(checkout: Checkout): Promise<void>;
}

/** A checkout as JSON, contents in base64. */
interface StoredCheckout extends Omit<Checkout, 'files' | 'evidence' | 'signer'> {
  readonly evidence?: StoredEvidence;
  readonly files: readonly (Omit<SourceFile, 'bytes'> & { readonly base64?: string })[];
}

/**
 * One file below `dataDir`: a line with the digest of the second line, which is the checkout. Nobody else may read it, for
 * it holds what the repository holds, also what should not have been committed.
 */
export function createLastGood(
  dataDir: string,
  { location, ref, path }: Pick<Source, 'location' | 'ref' | 'path'>,
): LastGood {
  const name = digestOf(JSON.stringify([location, ref, path])).slice(0, 16);
  const file = join(dataDir, `last-good-${name}.json`);
  return {
    load: async () => {
      const text = await readFile(file, 'utf8').catch(() => '');
      const [digest, body = ''] = text.split('\n');
      return digest === digestOf(body) ? toCheckout(JSON.parse(body) as StoredCheckout) : undefined;
    },
    save: async (checkout) => {
      const body = JSON.stringify(toStored(checkout));
      await mkdir(dataDir, { recursive: true, mode: 0o700 });
      await writeFile(`${file}.new`, `${digestOf(body)}\n${body}`, { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Who signed it is not kept: that is asked again. */
function toStored({ revision, commit, path, files, evidence }: Checkout): StoredCheckout {
  return {
    ...{ revision, commit, path },
    ...(evidence === undefined ? {} : { evidence: storeEvidence(evidence) }),
    files: files.map(({ bytes, ...file }) =>
      bytes === undefined ? file : { ...file, base64: Buffer.from(bytes).toString('base64') },
    ),
  };
}

function toCheckout({ files, evidence, ...rest }: StoredCheckout): Checkout {
  return {
    ...rest,
    ...(evidence === undefined ? {} : { evidence: restoreEvidence(evidence) }),
    files: files.map(({ base64, ...file }) =>
      base64 === undefined ? file : { ...file, bytes: Buffer.from(base64, 'base64') },
    ),
  };
}
