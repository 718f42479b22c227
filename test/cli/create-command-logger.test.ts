import { expect } from 'chai';
import { createCommandLogger } from '../../src/cli/create-command-logger.ts';

describe('createCommandLogger', () => {
  it('writes JSON in which a CI runner finds no command, and the data is the same', async () => {
    const file = '##[error]x \u202e\n::add-mask::y';
    let written = '';
    const stderr = { write: (text: string) => (written += text) };
    const { signal } = new AbortController();
    const logger = await createCommandLogger('warn', { env: {}, stdout: stderr, stderr, signal });

    logger.warn({ file }, 'Reading a file');

    expect(written).not.to.match(/##|\u202e|^\s*::/m);
    expect(JSON.parse(written)).to.include({ file, msg: 'Reading a file' });
  });
});
