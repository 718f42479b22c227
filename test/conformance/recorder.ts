import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { CASES_FOLDER, type ConformanceAnswer } from './conformance-case.ts';

/** Writes answers into a table, by the names of their cases; everything else in it stays as it is. */
export function recordAnswers(file: string, answers: ReadonlyMap<string, ConformanceAnswer>): void {
  const path = join(CASES_FOLDER, file);
  const table = parseDocument(readFileSync(path, 'utf8'));
  const names = (table.toJS() as readonly { readonly name: string }[]).map(({ name }) => name);
  names.forEach((name, index) => {
    const answer = answers.get(name);
    if (answer !== undefined) table.setIn([index, 'answer'], table.createNode(answer));
  });
  writeFileSync(path, table.toString({ lineWidth: 0 }));
}
