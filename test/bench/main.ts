/**
 * `npm run bench [-- name …]`: counts before seconds. Prints a table and writes the numbers where `--json FILE` says.
 * Seconds of one machine say little; compare ratios between two runs on the same machine. `fleet` takes minutes and
 * `ssh` needs an OpenSSH client: they run only when they are named; the size of a fleet can be given
 * (`--leaves 200 --shortcuts 2000`).
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';

import { benchGit } from './git.bench.ts';
import { benchHooks } from './hooks.bench.ts';
import { benchCheck } from './check.bench.ts';
import { benchManifests } from './manifests.bench.ts';
import type { Figure } from './figure.ts';
import { benchFleet } from './fleet/fleet.bench.ts';
import { benchOneShortcut } from './one-shortcut.bench.ts';
import { benchPlanner } from './planner.bench.ts';
import { benchSandbox } from './sandbox.bench.ts';
import { benchSsh } from './ssh.bench.ts';

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    leaves: { type: 'string', default: '50' },
    shortcuts: { type: 'string', default: '500' },
    processes: { type: 'string', default: '2' },
    samples: { type: 'string', default: '20' },
    hanging: { type: 'string', default: '10' },
    rest: { type: 'string', default: '30' },
    'cpu-prof': { type: 'string' },
  },
  allowPositionals: true,
});

const BENCHES: Readonly<Record<string, () => Promise<readonly Figure[]> | readonly Figure[]>> = {
  planner: benchPlanner,
  manifests: benchManifests,
  check: benchCheck,
  'one-shortcut': benchOneShortcut,
  hooks: benchHooks,
  git: benchGit,
  sandbox: benchSandbox,
  ssh: benchSsh,
  fleet: () =>
    benchFleet({
      leaves: Number(values.leaves),
      shortcuts: Number(values.shortcuts),
      processes: Number(values.processes),
      samples: Number(values.samples),
      hanging: Number(values.hanging),
      restSeconds: Number(values.rest),
      profileDir: values['cpu-prof'],
      tell: (progress) => process.stderr.write(`fleet: ${progress}\n`),
    }),
};
const ONLY_WHEN_NAMED = new Set(['fleet', 'ssh']);

/** Columns without lines: easy to read, and to paste. */
const PLAIN = Object.fromEntries(
  ['top', 'bottom', 'mid', 'left', 'right']
    .flatMap((edge) => [edge, `${edge}-mid`, `${edge}-left`, `${edge}-right`])
    .map((part) => [part, '']),
);

const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  process.stderr.write(
    `no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exit(2);
}

const results: Record<string, readonly Figure[]> = {};
for (const [name, bench] of Object.entries(BENCHES)) {
  const isDue = positionals.length > 0 ? positionals.includes(name) : !ONLY_WHEN_NAMED.has(name);
  if (!isDue) continue;
  results[name] = await bench();
  const table = new Table({
    head: [name, 'value', '', 'target', ''],
    colAligns: ['left', 'right', 'left', 'left', 'left'],
    chars: PLAIN,
    style: { head: [], border: [] },
  });
  for (const { name: figure, value, unit, target } of results[name]) {
    const verdict = target === undefined ? '' : target.isMet ? 'met' : 'MISSED';
    const text = value.toLocaleString('en-US', { maximumFractionDigits: 2 });
    table.push([figure, text, unit, target?.text ?? '', verdict]);
  }
  process.stdout.write(`${table.toString()}\n\n`);
}

if (values.json !== undefined) {
  const machine = { node: process.version, cores: cpus().length, memoryBytes: totalmem() };
  writeFileSync(values.json, `${JSON.stringify({ machine, results }, undefined, 2)}\n`);
}
