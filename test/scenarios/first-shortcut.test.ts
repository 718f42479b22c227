import { execFile } from 'node:child_process';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

import type { Snapshot } from '../../src/status/snapshot.ts';
import { runPage, withoutVolatile } from '../support/run-page.ts';
import { type ProgramProcess, startProgramIn } from '../support/scenario-process.ts';
import { eventually, signal } from '../support/scenario-wait.ts';
import { makeTempDir } from '../support/temp-git.ts';

const PAGE = resolve('docs/your-first-shortcut.md');
/** What a checkout has that the page uses. */
const PARTS = ['package.json', 'node_modules', 'src', 'schemas', 'examples'];

/** The page is followed to the letter; `UPDATE_PAGES=1` writes what really came of it into the page. */
describe('the page on the first shortcut', function () {
  this.timeout(180_000);
  let dir: string;
  let sandbox: ProgramProcess;

  before(async () => {
    dir = await makeTempDir();
    for (const part of PARTS) await symlink(resolve(part), join(dir, part));
    sandbox = startProgramIn(dir, 'sandbox', '--poll', '1s', '--http', '127.0.0.1:0');
    const dashboard = await sandbox.printed(/(http:\/\/127\.0\.0\.1:\d+\/)/);
    // A reader comes later than what the sandbox starts with.
    await eventually('two connections', async () => {
      const response = await fetch(new URL('/api/v1/status', dashboard), { signal });
      const { counts } = (await response.json()) as Snapshot;
      return counts.ready === 2 ? { done: counts } : { seen: counts };
    });
  });
  after(async () => {
    sandbox.kill('SIGKILL');
    await sandbox.ended;
    await rm(dir, { recursive: true, force: true });
  });

  it('says what happens', async () => {
    const hasKubectl = await promisify(execFile)('kubectl', ['version', '--client']).then(
      () => true,
      () => false,
    );
    const env = {
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOME: dir,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
    };

    const { written, real } = await runPage(PAGE, {
      cwd: dir,
      env,
      isRunnable: (command) => hasKubectl || !command.startsWith('kubectl'),
    });

    const isSame = withoutVolatile(real) === withoutVolatile(written);
    if (process.env['UPDATE_PAGES'] === '1') {
      if (!isSame) await writeFile(PAGE, real);
    } else {
      expect(withoutVolatile(real)).to.equal(withoutVolatile(written));
    }
  });
});
