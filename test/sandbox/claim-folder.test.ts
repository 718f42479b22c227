import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { ConfigError } from '../../src/errors/errors.ts';
import { claimFolder } from '../../src/sandbox/claim-folder.ts';

describe('claimFolder', () => {
  const { signal } = new AbortController();
  let dir: string;
  let server: Server | undefined;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'claim-'));
  });

  afterEach(async () => {
    server?.close();
    server = undefined;
    await rm(dir, { recursive: true, force: true });
  });

  async function refusal(folder = dir): Promise<unknown> {
    return claimFolder(folder, signal).catch((error: unknown) => error);
  }

  async function leaveAddress(url: string): Promise<void> {
    await writeFile(join(dir, 'control.json'), JSON.stringify({ url, token: 't' }));
  }

  async function listen(status: number): Promise<string> {
    const answering = createServer((_request, response) => response.writeHead(status).end());
    server = answering;
    await new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(answering.address() as AddressInfo).port}`;
  }

  it('makes a folder that is not there', async () => {
    expect(await refusal(join(dir, 'a/b'))).to.equal(undefined);
  });

  it('takes the folder of an earlier world', async () => {
    for (const name of ['repository', 'state', 'kubeconfig']) await mkdir(join(dir, name));

    expect(await refusal()).to.equal(undefined);
  });

  it('refuses the folder of a world that runs: two would overwrite each other', async () => {
    await leaveAddress(await listen(200));

    expect(await refusal())
      .to.be.instanceOf(ConfigError)
      .with.property(
        'message',
        `a sandbox runs in "${dir}" already: stop that one, or take another --dir`,
      );
  });

  it('takes the folder of a world that was killed, whoever has its port now', async () => {
    const url = await listen(401);
    await leaveAddress(url);
    expect(await refusal()).to.equal(undefined);

    await leaveAddress('http://127.0.0.1:1');
    expect(await refusal()).to.equal(undefined);
  });

  for (const name of ['repository', 'data', 'state']) {
    it(`refuses a folder with "${name}" that no world has made: starting over would delete it`, async () => {
      await mkdir(join(dir, name));

      expect(await refusal()).to.be.instanceOf(ConfigError);
    });
  }

  it('says when there can be no such folder', async () => {
    const file = join(dir, 'file');
    await writeFile(file, 'text');

    expect(await refusal(file)).to.be.instanceOf(ConfigError);
    expect(await readFile(file, 'utf8')).to.equal('text');
  });
});
