import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { useServers } from '../support/scenario-servers.ts';
import { createRealServer } from './real-servers.ts';

const FOLDER = join(import.meta.dirname, '../scenarios');

/** Scenarios that say nothing about a real API server, by file, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'slow-collector.test.ts':
    'a real collector can be stopped, but not slowed down or kept from one kind',
};

/** By itself, or by something that wraps it. */
const STARTS_SCENARIO = /startScenario\(|new \w+Scenario\(|support\/describe-/;

useServers(createRealServer);
// Every scenario as it is, on real API servers.
for (const file of (await readdir(FOLDER)).filter((name) => name.endsWith('.test.ts')).sort()) {
  const isScenario = STARTS_SCENARIO.test(await readFile(join(FOLDER, file), 'utf8'));
  const why = LEFT_OUT[file];
  if (why !== undefined) console.warn(`!! SKIPPED on real API servers: ${file}: ${why}`);
  else if (isScenario) await import(join(FOLDER, file));
}
