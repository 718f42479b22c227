import { expect } from 'chai';
import { loadConfig } from '../../src/config/config.ts';
import type { Environment, GivenFlags } from '../../src/config/flag-reader.ts';
import type { ProxyConfig } from '../../src/config/proxy-config.ts';
import { ConfigError } from '../../src/errors/errors.ts';

const SOURCE = 'https://git.example/fleet';
const FILES: Readonly<Record<string, string>> = {
  good: 'http://user:hunter2@proxy.example:3128\n',
  bad: 'hunter2 hunter2',
};

function proxyOf(flags: GivenFlags, env: Environment = {}): ProxyConfig | undefined {
  const files = { read: (path: string) => FILES[path] ?? '' };
  return loadConfig({ source: SOURCE, ...flags }, env, files).source?.proxy;
}

function refusal(flags: GivenFlags, env: Environment = {}): ConfigError {
  try {
    proxyOf(flags, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('The proxy to the Git server', () => {
  it('is the flag before all variables, and NO_PROXY counts', () => {
    const env = { HTTPS_PROXY: 'http://other:1', NO_PROXY: 'git.internal' };

    expect(proxyOf({ gitProxy: 'proxy.example:3128' }, env)).to.deep.equal({
      http: 'http://proxy.example:3128/',
      https: 'http://proxy.example:3128/',
      file: undefined,
      noProxy: 'git.internal',
    });
  });

  it('may be in a file, which is not read into the configuration', () => {
    expect(proxyOf({ gitProxyFile: 'good' })).to.deep.equal({
      http: undefined,
      https: undefined,
      file: 'good',
      noProxy: '',
    });
  });

  const environments: readonly { env: Environment; http?: string; https?: string }[] = [
    { env: {} },
    { env: { https_proxy: 'http://a', HTTPS_PROXY: 'http://b' }, https: 'http://a/' },
    { env: { HTTPS_PROXY: 'https://b:8443' }, https: 'https://b:8443/' },
    { env: { HTTP_PROXY: 'a:8080' }, http: 'http://a:8080/' },
    { env: { ALL_PROXY: 'http://a' }, http: 'http://a/', https: 'http://a/' },
    { env: { https_proxy: '', ALL_PROXY: 'http://a' }, http: 'http://a/' },
    { env: { HTTPS_PROXY: 'http://u:p@a' }, https: 'http://u:p@a/' },
  ];
  for (const { env, http, https } of environments) {
    it(`comes from ${JSON.stringify(env)}`, () => {
      const proxy = proxyOf({}, env);

      expect([proxy?.http, proxy?.https]).to.deep.equal([http, https]);
    });
  }

  it('is nothing that a local repository could trip over', () => {
    expect(proxyOf({ source: '.' }, { ALL_PROXY: 'socks5://a' })).to.equal(undefined);
  });

  describe('is refused', () => {
    const cases: readonly { name: string; flags: GivenFlags; want: string }[] = [
      { name: 'with a password', flags: { gitProxy: 'http://u:hunter2@a' }, want: 'git-proxy' },
      { name: 'with a user', flags: { gitProxy: 'http://hunter2@a' }, want: 'git-proxy' },
      { name: 'for another protocol', flags: { gitProxy: 'socks5://hunter2' }, want: 'git-proxy' },
      { name: 'with a path', flags: { gitProxy: 'http://a/hunter2' }, want: 'git-proxy' },
      { name: 'that is no address', flags: { gitProxy: 'hunter2 hunter2' }, want: 'git-proxy' },
      { name: 'from a file of no use', flags: { gitProxyFile: 'bad' }, want: 'git-proxy-file' },
      {
        name: 'twice',
        flags: { gitProxy: 'a:1', gitProxyFile: 'good' },
        want: 'git-proxy-file',
      },
    ];
    for (const { name, flags, want } of cases) {
      it(`${name}, and not shown`, () => {
        const error = refusal(flags);

        expect(error.details).to.deep.equal({ flags: want });
        expect(error.message).not.to.contain('hunter2');
      });
    }

    it('as a variable, which is named', () => {
      const error = refusal({}, { HTTPS_PROXY: 'socks5://u:hunter2@a' });

      expect(error.details).to.deep.equal({ variable: 'HTTPS_PROXY' });
      expect(error.message).not.to.contain('hunter2');
    });
  });
});
