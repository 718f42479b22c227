import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import type { ProxyConfig } from '../../../src/config/proxy-config.ts';
import {
  CredentialInvalidError,
  GitAuthError,
  GitUnreachableError,
} from '../../../src/errors/errors.ts';
import type { CreateSourceOptions } from '../../../src/git/create-source.ts';
import { createFileTokenSource } from '../../../src/git/auth/file-token-source.ts';
import { GIT_LIMITS } from '../../../src/git/git-limits.ts';
import type { Source } from '../../../src/git/source.ts';
import { type FakeProxy, startFakeProxy } from '../../support/fake-proxy.ts';
import { type GitServer, startGitServer } from '../../support/git-server.ts';
import { HOST_CERTIFICATE, HOST_KEY } from '../../support/host-certificate.ts';
import { createTempGit, makeTempDir, type TempGit } from '../../support/temp-git.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../support/test-certificate.ts';
import { open, pathsOf, readNow, rejection, signal } from '../read-source.ts';

describe('a repository behind a proxy', () => {
  let temp: TempGit;
  let folder: string;
  let caFile: string;
  let server: GitServer;
  let proxy: FakeProxy;
  /** Those of one test alone. */
  let others: { stop(): Promise<void> }[];

  beforeEach(async () => {
    [temp, folder] = await Promise.all([createTempGit(), makeTempDir()]);
    await temp.commit({ 'a.yaml': 'a' });
    caFile = join(folder, 'ca.pem');
    await writeFile(caFile, HOST_CERTIFICATE);
    server = await startGitServer(temp.root, { cert: HOST_CERTIFICATE, key: HOST_KEY });
    proxy = await startFakeProxy(portOf(server.url));
    others = [];
  });

  afterEach(async () => {
    for (const other of [...others, proxy, server]) await other.stop();
    await Promise.all([temp.remove(), rm(folder, { recursive: true, force: true })]);
  });

  function portOf(url: string): number {
    return Number(new URL(url).port);
  }

  function through(url: string, more: Partial<ProxyConfig> = {}): ProxyConfig {
    return { http: url, https: url, file: undefined, noProxy: '', ...more };
  }

  function remote(use: ProxyConfig, options: Partial<CreateSourceOptions> = {}): Source {
    return open('https://git.example/.git', { network: { caFile, proxy: use }, ...options });
  }

  it('is reached by a tunnel, in which the CA file counts', async () => {
    expect(pathsOf(await readNow(remote(through(proxy.url))))).to.deep.equal(['a.yaml']);
    expect(new Set(proxy.requests)).to.deep.equal(new Set(['CONNECT git.example:443']));
    expect(server.requests).to.have.length(4);
  });

  it('is not trusted only because there is a proxy', async () => {
    await writeFile(caFile, TEST_CERTIFICATE);

    const error = await rejection(readNow(remote(through(proxy.url))));

    expect(error).to.be.instanceOf(GitUnreachableError);
    expect(error).to.have.property('message').that.contains('--git-ca-file');
    expect(server.requests).to.deep.equal([]);
  });

  it('is reached in plain by way of the proxy where its address is http', async () => {
    const plain = await startGitServer(temp.root);
    const other = await startFakeProxy(portOf(plain.url));
    others.push(other, plain);
    const source = open('http://git.example/.git', { network: { proxy: through(other.url) } });

    const checkout = await readNow(source);

    expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
    expect(other.requests[0]).to.match(/^GET http:\/\/git\.example\/\.git\/info\/refs/);
  });

  it('is reached through a proxy over TLS whose authority is in the CA file', async () => {
    const secure = await startFakeProxy(portOf(server.url), {
      cert: TEST_CERTIFICATE,
      key: TEST_KEY,
    });
    others.push(secure);
    const trustsNone = await rejection(readNow(remote(through(secure.url))));
    await writeFile(caFile, HOST_CERTIFICATE + TEST_CERTIFICATE);

    const checkout = await readNow(remote(through(secure.url)));

    expect(trustsNone).to.be.instanceOf(GitUnreachableError);
    expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
  });

  it('gives its token to the server alone, and that of the proxy to the proxy alone', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 's3cret');
    server.credential = 'git:s3cret';
    const url = proxy.url.replace('//', '//user:hunter2@');
    const auth = { tokens: createFileTokenSource({ file: tokenFile, flag: '--git-token-file' }) };

    const checkout = await readNow(remote(through(url), { auth }));

    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
    expect(new Set(proxy.credentialsSeen)).to.deep.equal(new Set([basic('user:hunter2')]));
    expect(new Set(server.credentialsSeen)).to.deep.equal(new Set([basic('git:s3cret')]));
  });

  it('takes the proxy from a file, read at every use', async () => {
    const file = join(folder, 'proxy');
    const source = remote({ http: undefined, https: undefined, file, noProxy: '' });
    const missing = await rejection(readNow(source));
    await writeFile(file, 'no proxy at all, but hunter2');
    const broken = await rejection(readNow(source));
    await writeFile(file, `${proxy.url}\n`);

    const checkout = await readNow(source);

    for (const error of [missing, broken]) {
      expect(error).to.be.instanceOf(CredentialInvalidError);
      expect(inspect(error)).to.contain('--git-proxy-file').and.not.to.contain('hunter2');
    }
    expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
  });

  for (const noProxy of ['git.example', '.example', '*', 'a.example, git.example:443']) {
    it(`is reached without the proxy where NO_PROXY is ${noProxy}`, async () => {
      const error = await rejection(readNow(remote(through(proxy.url, { noProxy }))));

      // Nobody has this name, and only the proxy knows where it leads.
      expect(error).to.be.instanceOf(GitUnreachableError);
      expect(proxy.requests).to.deep.equal([]);
    });
  }

  it('is reached without the proxy on this machine itself', async () => {
    const plain = await startGitServer(temp.root);
    others.push(plain);

    const source = open(`${plain.url}/.git`, { network: { proxy: through(proxy.url) } });
    const checkout = await readNow(source);

    expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
    expect(proxy.requests).to.deep.equal([]);
  });

  it('uses a proxy for https only where one is given', async () => {
    const error = await rejection(readNow(remote(through(proxy.url, { https: undefined }))));

    expect(error).to.be.instanceOf(GitUnreachableError);
    expect(proxy.requests).to.deep.equal([]);
  });

  describe('says what the proxy says', () => {
    for (const scheme of ['https', 'http']) {
      it(`when it wants a credential, to an ${scheme} address`, async () => {
        proxy.refusal = 407;
        const url = proxy.url.replace('//', '//user:hunter2@');

        const network = { caFile, proxy: through(url) };
        const error = await rejection(readNow(open(`${scheme}://git.example/.git`, { network })));

        expect(error).to.be.instanceOf(GitAuthError);
        expect(inspect(error, { depth: 10 })).to.contain('--git-proxy-file');
        expect(inspect(error, { depth: 10 })).not.to.match(/hunter2|secret-looking/);
      });
    }

    it('when it opens no way', async () => {
      proxy.refusal = 403;

      const error = await rejection(readNow(remote(through(proxy.url))));

      expect(error).to.be.instanceOf(GitUnreachableError);
      expect(error).to.have.nested.property('details.status', 403);
      expect(inspect(error, { depth: 10 })).not.to.contain('secret-looking');
    });

    it('when it says nothing', async () => {
      proxy.refusal = 'silence';
      const limits = { ...GIT_LIMITS, silenceMs: 100 };
      const source = open('https://git.example/.git', {
        network: { caFile, proxy: through(proxy.url), limits },
      });

      expect(await rejection(readNow(source))).to.be.instanceOf(GitUnreachableError);
    });

    it('when it is not there', async () => {
      const { url } = proxy;
      await proxy.stop();
      const error = await rejection(readNow(remote(through(url.replace('//', '//u:hunter2@')))));

      expect(error).to.be.instanceOf(GitUnreachableError);
      expect(error).to.have.nested.property('details.proxy', new URL(url).host);
      expect(inspect(error, { depth: 10 })).not.to.contain('hunter2');
    });

    it('when we call off while it is silent', async () => {
      proxy.refusal = 'silence';
      const controller = new AbortController();
      const pending = rejection(remote(through(proxy.url)).resolve({ signal: controller.signal }));
      controller.abort();

      expect(await pending).to.have.property('name', 'AbortError');
    });
  });

  it('says that a name has no address', async () => {
    const error = await rejection(open('https://git.invalid/x').resolve({ signal }));

    expect(error).to.be.instanceOf(GitUnreachableError);
    expect(error).to.have.property('message').that.contains('DNS');
  });
});
