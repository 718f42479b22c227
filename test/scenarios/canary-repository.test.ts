import { readFile, stat } from 'node:fs/promises';

import { expect } from 'chai';
import { stringify } from 'yaml';

import { OUTPUT_FORMATS } from '../../src/model/output-format.ts';
import { aKubeconfig } from '../support/builders/a-kubeconfig.ts';
import { type CanaryWorld, startCanaryWorld } from '../support/canary-world.ts';
import { expectNoSecret, expectSilence } from '../support/expect-silence.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { shortcutFile } from '../support/scenario-files.ts';

const GOOD = shortcutFile('a', { clusters: ['milan', 'hostile'] });

const FILES: readonly (readonly [string, string, (secret: string) => string])[] = [
  ['a Secret', 'inline-credential', (s) => stringify({ kind: 'Secret', data: { token: s } })],
  ['a kubeconfig', 'inline-credential', (s) => aKubeconfig({ user: { token: s } })],
  ['a token', 'inline-credential', (s) => `${GOOD}token: ${s}\n`],
  ['a password in a field of a field', 'inline-credential', (s) => `${GOOD}x: {password: ${s}}\n`],
  ['broken YAML', 'yaml-parse-error', (s) => `password: [${s}\n  ${s}: {`],
  ['a tab', 'yaml-parse-error', (s) => `password:\n\t${s}: ${s}`],
  ['a quote without an end', 'yaml-parse-error', (s) => `password: "${s}`],
  ['a doubled key', 'duplicate-key', (s) => `token: ${s}\ntoken: ${s}\n`],
  ['an alias', 'yaml-alias', (s) => `token: &a ${s}\nother: *a\n`],
];

describe('a secret in a file of the repository', function () {
  this.timeout(120_000);
  let world: CanaryWorld;

  before(async () => {
    world = await startCanaryWorld();
  });
  after(() => world.stop());
  afterEach(async () => {
    await world.scenario.commit({
      'shortcuts/a.yaml': GOOD,
    });
    await world.untilSource(undefined);
  });

  it('is kept in the data folder as the repository holds it, for nobody else to read', async () => {
    const { mode } = await stat(world.dataDir);

    expect(mode & 0o077).to.equal(0);
  });

  for (const [name, code, content] of FILES) {
    it(`is not quoted, by the service and in no format: ${name}`, async () => {
      const { scenario, canaries, url } = world;
      await scenario.commit({ 'shortcuts/a.yaml': content(canaries.plant(name)) });

      await world.untilSource(code);
      await expectSilence(world, { files: false });
      for (const format of OUTPUT_FORMATS) {
        const args = ['reconcile', '--once', '--offline', '--source', url, '--output', format];
        const flags = ['--git-token-file', world.path('git'), '--log-level', 'trace'];
        const shown = await runInProcess([...args, ...flags]);
        await runInProcess([...args, ...flags, '--output-file', world.path('report')]);
        expect(shown.code).to.equal(1);
        expect(shown.stdout).to.include(code);
        expectNoSecret(world, `${format} report`, shown.stdout + shown.stderr);
        expectNoSecret(world, `file with the report`, await readFile(world.path('report'), 'utf8'));
      }
    });
  }
});
