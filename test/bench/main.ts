/**
 * `npm run bench [-- name …]`: counts before seconds. Prints a table and writes `bench.json` where `--json FILE` says.
 * Seconds of one machine say little; compare ratios between two runs on the same machine.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';

import { benchManifests } from './manifests.bench.ts';
import type { Figure } from './figure.ts';
import { benchOneShortcut } from './one-shortcut.bench.ts';
import { benchPlanner } from './planner.bench.ts';
import { benchSandbox } from './sandbox.bench.ts';

const BENCHES: Readonly<Record<string, () => Promise<readonly Figure[]> | readonly Figure[]>> = {
  planner: benchPlanner,
  manifests: benchManifests,
  'one-shortcut': benchOneShortcut,
  sandbox: benchSandbox,
};

/** Columns without lines: easy to read, and to paste. */
const PLAIN = Object.fromEntries(
  ['top', 'bottom', 'mid', 'left', 'right']
    .flatMap((edge) => [edge, `${edge}-mid`, `${edge}-left`, `${edge}-right`])
    .map((part) => [part, '']),
);

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  process.stderr.write(
    `no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exit(2);
}

const results: Record<string, readonly Figure[]> = {};
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  results[name] = await bench();
  const table = new Table({
    head: [name, 'value', ''],
    colAligns: ['left', 'right', 'left'],
    chars: PLAIN,
    style: { head: [], border: [] },
  });
  for (const { name: figure, value, unit } of results[name]) {
    table.push([figure, value.toLocaleString('en-US', { maximumFractionDigits: 2 }), unit]);
  }
  process.stdout.write(`${table.toString()}\n\n`);
}

if (values.json !== undefined) {
  const machine = { node: process.version, cores: cpus().length, memoryBytes: totalmem() };
  writeFileSync(values.json, `${JSON.stringify({ machine, results }, undefined, 2)}\n`);
}
