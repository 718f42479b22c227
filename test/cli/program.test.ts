import { EventEmitter } from 'node:events';

import { expect } from 'chai';

import { runProgram } from '../../src/cli/program.ts';

describe('the program', () => {
  it('ends after an error that nobody caught, with another code than "invalid", and shows no word of it', async () => {
    const written: string[] = [];
    const codes: number[] = [];
    const stream = { write: (text: string) => written.push(text) };
    const process = Object.assign(new EventEmitter(), {
      env: {},
      stdout: { write: () => true },
      stderr: stream,
      exit: (code: number) => codes.push(code),
    });
    await runProgram(['--version'], process as unknown as NodeJS.Process);

    process.emit(
      'uncaughtException',
      Object.assign(new TypeError('a-secret'), { url: 'a-secret' }),
    );

    expect(codes).to.deep.equal([2]);
    expect(written.join('')).to.include('TypeError').and.include('program.test.ts');
    expect(written.join('')).not.to.include('a-secret');
  });
});
