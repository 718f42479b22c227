import { readFile, writeFile } from 'node:fs/promises';

import { expect } from 'chai';

import { type CanaryWorld, startCanaryWorld } from '../support/canary-world.ts';
import { expectNoSecret, expectSilence } from '../support/expect-silence.ts';
import type { GitServerFault } from '../support/git-server.ts';
import { runInProcess } from '../support/run-in-process.ts';

const FAULTS: readonly (readonly [string, string, (secret: string) => GitServerFault])[] = [
  ['an error page', 'GIT_UNREACHABLE', (text) => ({ kind: 'text', text, status: 500 })],
  ['a refusal', 'GIT_AUTH', (text) => ({ kind: 'text', text, status: 403 })],
  [
    'something that is not there',
    'GIT_SOURCE_INVALID',
    (t) => ({ kind: 'text', text: t, status: 404 }),
  ],
  ['a page', 'GIT_SOURCE_INVALID', (text) => ({ kind: 'text', text })],
  [
    'an error of its own',
    'GIT_SOURCE_INVALID',
    (text) => ({ kind: 'text', text: pktLine(`ERR ${text}\n`) }),
  ],
  ['bytes that are no HTTP', 'GIT_UNREACHABLE', (text) => ({ kind: 'garbage', text })],
  [
    'a header that is none',
    'GIT_UNREACHABLE',
    (s) => ({ kind: 'garbage', text: `HTTP/1.1 200 OK\r\n${s}\r\n\r\n` }),
  ],
  ['a redirect elsewhere', 'GIT_SOURCE_INVALID', (s) => redirect(`http://u:${s}@localhost:1/${s}`)],
  ['a redirect to nowhere', 'GIT_SOURCE_INVALID', (s) => redirect(`http://u:${s}@:x/${s}`)],
];

function redirect(to: string): GitServerFault {
  return { kind: 'redirect', from: '/repository', to };
}

function pktLine(text: string): string {
  return (text.length + 4).toString(16).padStart(4, '0') + text;
}

describe('a secret for, or of, a Git server', function () {
  this.timeout(120_000);
  let world: CanaryWorld;

  before(async () => {
    world = await startCanaryWorld();
  });
  after(() => world.stop());
  afterEach(async () => {
    world.git.fault = undefined;
    world.scenario.look();
    await world.untilSource(undefined);
    await expectSilence(world);
  });

  const once = () => [
    ...['reconcile', '--once', '--offline', '--source', world.url, '--log-level', 'trace'],
    ...['--data-dir', world.dataDir],
  ];

  for (const [name, code, fault] of FAULTS) {
    for (const on of [/info\/refs/, /\/git-upload-pack$/]) {
      it(`is not repeated: ${name}, in answer to ${String(on)}`, async () => {
        world.git.fault = { on, fault: fault(world.canaries.plant(name)) };
        await world.scenario.commit({ 'README.md': `${name} ${String(on)}` });

        await world.untilSource(code);
        const args = [...once(), '--git-token-file', world.path('git')];
        const { code: exitCode, stdout, stderr } = await runInProcess(args);
        expect(exitCode).to.equal(2);
        expectNoSecret(world, 'what a single pass writes', stdout + stderr);
      });
    }
  }

  for (const [name, content] of [
    ['of somebody else', (secret: string) => secret],
    ['of two lines', (secret: string) => `${secret}\n${secret}`],
    ['of no characters for a header', (secret: string) => `${secret}\u0000é`],
    ['empty', () => ' \n'],
  ] as const) {
    it(`is not shown when the token is refused: ${name}`, async () => {
      const good = await readFile(world.path('git'), 'utf8');
      await writeFile(world.path('git'), content(world.canaries.plant(name)));
      world.scenario.look();

      await world.untilSource(name === 'empty' ? 'CREDENTIAL_INVALID' : 'GIT_AUTH');
      const args = [...once(), '--git-token-file', world.path('git'), '--git-username', 'x'];
      const { code, stdout, stderr } = await runInProcess(args);
      expect(code).to.equal(2);
      expectNoSecret(world, 'what a single pass writes', stdout + stderr);
      await writeFile(world.path('git'), good);
    });
  }

  it('is not shown as the name of the user, nor by the authority that signs the server', async () => {
    const username = world.canaries.plant('user name');
    await writeFile(world.path('ca'), world.canaries.plant('CA file'));

    for (const more of [
      ['--git-username', username],
      ['--git-ca-file', world.path('ca')],
    ]) {
      const args = [...once(), '--git-token-file', world.path('git'), ...more];
      const { stdout, stderr } = await runInProcess(args);
      expectNoSecret(world, more.join(' '), stdout + stderr);
    }
  });
});
