import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

describe('a call that is called off', function () {
  this.timeout(60_000);

  it('takes nothing else along, whenever that happens, and neither does closing the connection', async () => {
    const script = join(import.meta.dirname, 'call-off.child.ts');

    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 40_000 });

    expect(stdout).to.include('all calls ended\n');
  });
});
