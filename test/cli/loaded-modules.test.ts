import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

const MAIN = join(import.meta.dirname, '../../src/main.js');

/** Writes the address of every module that is loaded to standard error, a line each. */
const HOOKS = `import { registerHooks } from 'node:module';
import { writeSync } from 'node:fs';
registerHooks({ load(url, context, next) { writeSync(2, url + '\\n'); return next(url, context); } });`;

/** What a run of the program loads: the packages, and the rooms of `src/`. */
async function loadedBy(
  ...args: readonly string[]
): Promise<{ readonly packages: ReadonlySet<string>; readonly rooms: ReadonlySet<string> }> {
  const hooks = ['--import', `data:text/javascript,${encodeURIComponent(HOOKS)}`];
  const { PATH } = process.env;
  const options = { env: { PATH } };
  const { stderr } = await promisify(execFile)(
    process.execPath,
    [...hooks, MAIN, ...args],
    options,
  );
  const names = (pattern: RegExp) =>
    new Set([...stderr.matchAll(pattern)].map(([, name = '']) => name));
  return {
    packages: names(/\/node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\/[^\n]*$/gm),
    rooms: names(/\/src\/([a-z]+)\/[^\n]*\.ts$/gm),
  };
}

/** What only clusters, servers, signatures and people at a terminal need. */
const HEAVY: ReadonlySet<string> = new Set([
  ...[
    '@kubernetes/client-node',
    'undici',
    'fastify',
    'prom-client',
    'node-cron',
    'ssh2',
    'openpgp',
  ],
  ...['pino-pretty', 'cli-table3', '@xmldom/xmldom'],
]);
const CLUSTER_ROOMS: ReadonlySet<string> = new Set([
  ...['kube', 'leaves', 'apply', 'status', 'http', 'forge', 'sandbox'],
]);

/** Counts rather than seconds: what is not loaded costs nothing on any machine. */
describe('what the program loads', function () {
  this.timeout(60_000);

  it('is for an offline check neither the Kubernetes client nor anything of clusters and servers', async () => {
    const { packages, rooms } = await loadedBy(
      ...['reconcile', '--once', '--offline', '--worktree', '--path', 'examples'],
    );

    expect([...packages]).to.include.members(['commander', 'isomorphic-git', 'yaml', 'ajv']);
    expect([...packages].filter((name) => HEAVY.has(name))).to.deep.equal([]);
    expect([...rooms].filter((name) => CLUSTER_ROOMS.has(name))).to.deep.equal([]);
  });

  it('is for --help next to nothing', async () => {
    const { packages } = await loadedBy('reconcile', '--help');

    expect([...packages]).to.deep.equal(['commander']);
  });
});
