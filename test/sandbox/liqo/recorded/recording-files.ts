import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../../src/model/kube-object.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/recorded');

/** The text of a recording, e.g. `connect/rome.yaml`. */
export function readRecording(file: string): Promise<string> {
  return readFile(join(FOLDER, file), 'utf8');
}

/** The objects of a recording. */
export async function readRecordedObjects(file: string): Promise<readonly KubeObject[]> {
  const documents = parseAllDocuments(await readRecording(file), { schema: 'core' });
  return documents.map((document) => document.toJS() as KubeObject);
}

/** The lines of a recording that has one JSON value per line. */
export async function readRecordedLines<T>(file: string): Promise<readonly T[]> {
  const text = await readRecording(file);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
