import { expect } from 'chai';
import fc from 'fast-check';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/errors/errors.ts';
import type { Environment, GivenFlags } from '../../src/config/flag-reader.ts';

const FILES: Readonly<Record<string, string>> = {
  token: 'correct-horse\n',
  empty: ' \n',
  sentence: 'two words',
  secrets: 'older\r\n newer \n\n',
  sentences: 'older\ntwo words',
  ca: '-----BEGIN CERTIFICATE-----',
};

function load(flags: GivenFlags = {}, env: Environment = {}): Config {
  return loadConfig(flags, env, {
    read: (path) => {
      const content = FILES[path];
      if (content === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return content;
    },
  });
}

function refusal(flags: GivenFlags, env: Environment = {}): ConfigError {
  try {
    load(flags, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('Configuration', () => {
  describe('of signatures', () => {
    const wanted = { verifySignatures: true, allowedSignersFile: 'token' };

    it('takes one file of the two', () => {
      const { source } = load(wanted);

      expect(source?.signatures).to.deep.equal({
        allowedSignersFile: 'token',
        gpgKeyringFile: undefined,
      });
    });

    const refused: readonly (readonly [string, GivenFlags, string])[] = [
      ['the switch alone', { verifySignatures: true }, 'verify-signatures'],
      ['a list alone', { allowedSignersFile: 'token' }, 'allowed-signers-file'],
      ['a keyring alone', { gpgKeyringFile: 'ca' }, 'gpg-keyring-file'],
      ['a work tree', { ...wanted, worktree: true }, 'verify-signatures'],
      ['no source', { ...wanted, source: 'none' }, 'verify-signatures'],
      ['a file that is not there', { ...wanted, gpgKeyringFile: 'gone' }, 'gpg-keyring-file'],
    ];
    for (const [name, flags, flag] of refused) {
      it(`refuses ${name}`, () => {
        expect(refusal(flags).details).to.deep.equal({ flags: flag });
      });
    }
  });

  it('stands on its own without any flag', () => {
    expect(load()).to.deep.equal({
      source: {
        location: '.',
        ref: undefined,
        path: '.',
        worktree: false,
        base: undefined,
        auth: undefined,
        caFile: undefined,
        proxy: undefined,
        ssh: undefined,
        signatures: undefined,
      },
      cluster: { kubeconfig: undefined, context: undefined },
      once: false,
      mode: 'apply',
      wait: false,
      needsCluster: false,
      timeoutMs: 120_000,
      namespace: 'liqo-shortcuts',
      installation: undefined,
      leaderElect: true,
      poll: { ms: 30_000, cron: '*/30 * * * * *' },
      resync: { ms: 600_000, cron: '0 */10 * * * *' },
      http: { host: '0.0.0.0', port: 8080, token: undefined, rateLimit: 6000 },
      webhook: undefined,
      report: undefined,
      guard: { maxDeletions: 5, maxDeletionsPercent: 30, allowDeletionsAt: undefined },
      dataDir: undefined,
      output: 'text',
      outputFile: undefined,
      outputAlso: [],
      detailedExitcode: false,
      logLevel: 'info',
    });
  });

  it('takes a source over SSH with its files', () => {
    const source = 'git@git.example:fleet.git';
    const needed = { source, gitSshKeyFile: 'token', gitKnownHostsFile: 'ca' };

    expect(load(needed).source?.ssh).to.deep.equal({
      keyFile: 'token',
      passphraseFile: undefined,
      knownHostsFile: 'ca',
    });
    expect(load({ ...needed, gitSshPassphraseFile: 'secrets' }).source).to.deep.include({
      location: source,
      ssh: { keyFile: 'token', passphraseFile: 'secrets', knownHostsFile: 'ca' },
    });
  });

  it('takes every flag', () => {
    const config = load({
      source: 'https://git.example/fleet.git',
      ref: 'refs/heads/release-1.0',
      path: 'clusters/prod',
      base: 'origin/main',
      gitTokenFile: 'token',
      gitUsername: 'robot',
      gitAuth: 'basic',
      gitCaFile: 'ca',
      gitProxy: 'proxy.example:3128',
      verifySignatures: true,
      allowedSignersFile: 'token',
      gpgKeyringFile: 'ca',
      kubeconfig: '/etc/main.yaml',
      context: 'admin@main',
      once: true,
      apply: true,
      wait: true,
      timeout: '1h30m',
      namespace: 'connections',
      installation: 'Torino_1',
      leaderElect: 'false',
      poll: '1m',
      resync: '1h',
      http: '[::1]:0',
      httpTokenFile: 'token',
      webhookSecretFile: 'secrets',
      reportTo: 'gitea',
      reportUrl: 'https://forge.example/git/api/v1/',
      reportRepository: 'fleet/shortcuts',
      reportTokenFile: 'token',
      reportComment: 'false',
      publicUrl: 'https://shortcuts.example/',
      maxDeletions: '0',
      maxDeletionsPercent: '100',
      allowDeletionsAt: '0123abc',
      dataDir: '/var/lib/shortcuts',
      output: 'json',
      outputFile: 'report.json',
      outputAlso: 'junit=out/junit.xml,code-quality=a=b.json',
      detailedExitcode: true,
      logLevel: 'debug',
    });

    expect(config).to.deep.equal({
      source: {
        location: 'https://git.example/fleet.git',
        ref: 'refs/heads/release-1.0',
        path: 'clusters/prod',
        worktree: false,
        base: 'origin/main',
        auth: { kind: 'token', tokenFile: 'token', scheme: 'basic', username: 'robot' },
        caFile: 'ca',
        proxy: {
          http: 'http://proxy.example:3128/',
          https: 'http://proxy.example:3128/',
          file: undefined,
          noProxy: '',
        },
        ssh: undefined,
        signatures: { allowedSignersFile: 'token', gpgKeyringFile: 'ca' },
      },
      cluster: { kubeconfig: '/etc/main.yaml', context: 'admin@main' },
      once: true,
      mode: 'apply',
      wait: true,
      needsCluster: true,
      timeoutMs: 5_400_000,
      namespace: 'connections',
      installation: 'Torino_1',
      leaderElect: false,
      poll: { ms: 60_000, cron: '0 */1 * * * *' },
      resync: { ms: 3_600_000, cron: '0 0 */1 * * *' },
      http: { host: '::1', port: 0, token: 'correct-horse', rateLimit: 6000 },
      webhook: { secretFile: 'secrets' },
      report: {
        kind: 'gitea',
        apiUrl: 'https://forge.example/git/api/v1',
        repository: 'fleet/shortcuts',
        tokenFile: 'token',
        comment: false,
        publicUrl: 'https://shortcuts.example',
      },
      guard: { maxDeletions: 0, maxDeletionsPercent: 100, allowDeletionsAt: '0123abc' },
      dataDir: '/var/lib/shortcuts',
      output: 'json',
      outputFile: 'report.json',
      outputAlso: [
        { format: 'junit', file: 'out/junit.xml' },
        { format: 'code-quality', file: 'a=b.json' },
      ],
      detailedExitcode: true,
      logLevel: 'debug',
    });
  });

  it('waits for nothing in the job of a pull request, where nothing is written', () => {
    const env = { GITHUB_EVENT_NAME: 'pull_request' };

    expect(load({ wait: true }, env)).to.deep.include({ wait: false, needsCluster: false });
    expect(load({ wait: true, apply: true }, env)).to.deep.include({ wait: true });
  });

  it('takes a variable where the flag is not given, and lets the flag win', () => {
    const env = { SHORTCUTS_POLL: '10s', SHORTCUTS_MAX_DELETIONS: '7', SHORTCUTS_ONCE: '1' };

    expect(load({}, env)).to.deep.include({ poll: { ms: 10_000, cron: '*/10 * * * * *' } });
    expect(load({ poll: '20s' }, env).poll.ms).to.equal(20_000);
    expect(load({ poll: '20s' }, env).guard.maxDeletions).to.equal(7);
    expect(load({}, env).once).to.be.true;
    expect(load({ once: false }, env).once).to.be.false;
  });

  it('takes an empty variable for none, as CI systems leave them', () => {
    expect(load({}, { SHORTCUTS_REF: '', SHORTCUTS_POLL: '' })).to.deep.equal(load());
  });

  it('knows no source when somebody else delivers the CRs', () => {
    expect(load({ source: 'none' }).source).to.be.undefined;
  });

  describe('mode', () => {
    const github = { GITHUB_EVENT_NAME: 'pull_request' };
    for (const { name, flags, env, want } of [
      { name: 'applies by itself', flags: {}, env: {}, want: 'apply' },
      { name: 'only plans with --dry-run', flags: { dryRun: true }, env: {}, want: 'dry-run' },
      { name: 'stays offline', flags: { offline: true }, env: {}, want: 'offline' },
      {
        name: 'is the stricter of --offline and --dry-run',
        flags: { offline: true, dryRun: true },
        env: {},
        want: 'offline',
      },
      { name: 'only plans in a pull request', flags: {}, env: github, want: 'dry-run' },
      {
        name: 'only plans in a pull request from a fork',
        flags: {},
        env: { GITHUB_EVENT_NAME: 'pull_request_target' },
        want: 'dry-run',
      },
      {
        name: 'only plans in a merge request',
        flags: {},
        env: { CI_MERGE_REQUEST_IID: '7' },
        want: 'dry-run',
      },
      {
        name: 'only plans in a merge queue, before the merge',
        flags: {},
        env: { GITHUB_EVENT_NAME: 'merge_group' },
        want: 'dry-run',
      },
      {
        name: 'only plans in a pull request that GitLab builds for GitHub',
        flags: {},
        env: { CI_EXTERNAL_PULL_REQUEST_IID: '7' },
        want: 'dry-run',
      },
      {
        name: 'stays offline in a pull request',
        flags: { offline: true },
        env: github,
        want: 'offline',
      },
      {
        name: 'applies in a pull request when told so',
        flags: { apply: true },
        env: github,
        want: 'apply',
      },
      {
        name: 'applies after a push',
        flags: {},
        env: { GITHUB_EVENT_NAME: 'push', CI_MERGE_REQUEST_IID: '' },
        want: 'apply',
      },
    ]) {
      it(name, () => {
        expect(load(flags, env).mode).to.equal(want);
      });
    }
  });

  for (const { text, host, port } of [
    { text: '127.0.0.1:8080', host: '127.0.0.1', port: 8080 },
    { text: ':9090', host: '0.0.0.0', port: 9090 },
    { text: 'localhost:65535', host: 'localhost', port: 65_535 },
    { text: '[::]:80', host: '::', port: 80 },
  ]) {
    it(`listens on ${host} port ${port} for --http ${text}`, () => {
      expect(load({ http: text }).http).to.include({ host, port });
    });
  }

  describe('refuses', () => {
    for (const { flag, key = flag, values } of [
      {
        flag: 'source',
        values: [
          '',
          'ftp://a/b',
          'ssh://a/b',
          'git@-a:b',
          'https://',
          'https://a/?t=1',
          'https://a/#x',
        ],
      },
      { flag: 'ref', values: ['', '-x', 'a b', 'a..\u0007', 'a~1'] },
      { flag: 'base', values: ['--upload-pack=x'] },
      { flag: 'path', values: ['', '/etc', '..', 'a/../../b'] },
      { flag: 'kubeconfig', values: [''] },
      { flag: 'namespace', values: ['', 'Big', '-a', 'a-', 'a'.repeat(64), 'a.b'] },
      { flag: 'installation', values: ['', 'a b', '.a', 'a'.repeat(64)] },
      { flag: 'timeout', values: ['soon', '0s'] },
      { flag: 'poll', values: ['7s', '500ms', 'often'] },
      { flag: 'resync', values: ['7m', '25h'] },
      { flag: 'http', values: ['', '8080', 'a:b', '127.0.0.1:65536', '::1:80', 'http://a:80'] },
      {
        flag: 'max-deletions',
        key: 'maxDeletions',
        values: ['-1', '1.5', 'many', '', '1e3', '1000001'],
      },
      { flag: 'max-deletions-percent', key: 'maxDeletionsPercent', values: ['101', '30%'] },
      {
        flag: 'allow-deletions-at',
        key: 'allowDeletionsAt',
        values: ['012345', 'main', 'a'.repeat(41)],
      },
      { flag: 'output', values: ['yaml', 'JSON'] },
      {
        flag: 'output-also',
        key: 'outputAlso',
        values: ['', 'junit', 'junit=', 'yaml=a', 'junit=a,', 'junit=a,junit=b'],
      },
      { flag: 'log-level', key: 'logLevel', values: ['loud'] },
      { flag: 'once', values: ['maybe'] },
      { flag: 'http-token-file', key: 'httpTokenFile', values: ['none', 'empty', 'sentence'] },
      {
        flag: 'webhook-secret-file',
        key: 'webhookSecretFile',
        values: ['none', 'empty', 'sentence', 'sentences'],
      },
      { flag: 'git-token-file', key: 'gitTokenFile', values: ['none'] },
      { flag: 'git-ca-file', key: 'gitCaFile', values: ['none'] },
      { flag: 'git-ssh-key-file', key: 'gitSshKeyFile', values: ['none'] },
      { flag: 'git-ssh-passphrase-file', key: 'gitSshPassphraseFile', values: ['none'] },
      { flag: 'git-known-hosts-file', key: 'gitKnownHostsFile', values: ['none'] },
      { flag: 'git-username', key: 'gitUsername', values: ['robot'] },
    ]) {
      for (const value of values) {
        it(`--${flag} ${JSON.stringify(value)}`, () => {
          expect(refusal({ [key]: value }).details).to.deep.equal({ flags: flag });
        });
      }
    }

    it('a source over SSH without a key, or without known hosts', () => {
      const source = 'ssh://git@git.example/x.git';

      expect(refusal({ source }).details).to.deep.equal({
        flags: 'git-ssh-key-file git-known-hosts-file',
      });
      expect(refusal({ source, gitSshKeyFile: 'token' }).details).to.deep.equal({
        flags: 'git-known-hosts-file',
      });
      expect(
        refusal({ source, gitSshKeyFile: 'none', gitKnownHostsFile: 'ca' }).details,
      ).to.deep.equal({ flags: 'git-ssh-key-file' });
    });

    it('a work tree of a remote repository, or at a ref', () => {
      const remote = refusal({ worktree: true, source: 'https://git.example/fleet' });
      const atRef = refusal({ worktree: true, ref: 'main' });

      expect(remote.details).to.deep.equal({ flags: 'worktree' });
      expect(atRef.details).to.deep.equal({ flags: 'worktree' });
    });

    for (const other of ['dryRun', 'offline']) {
      it(`--wait beside ${other}: there is nothing to wait for`, () => {
        expect(refusal({ wait: true, [other]: true }).details).to.deep.equal({ flags: 'wait' });
      });
      it(`--apply beside ${other}, also when one comes from the environment`, () => {
        expect(refusal({ apply: true, [other]: true }).details).to.deep.equal({ flags: 'apply' });
        expect(refusal({ [other]: true }, { SHORTCUTS_APPLY: 'true' }).details).to.deep.equal({
          flags: 'apply',
        });
      });
    }

    it('everything at once, a line for each flag, with its variable', () => {
      const error = refusal({ poll: '7s', output: 'yaml' }, { SHORTCUTS_NAMESPACE: 'Big' });

      const [, ...lines] = error.message.split('\n');
      expect(error.details).to.deep.equal({ flags: 'namespace poll output' });
      expect(lines.map((line) => line.slice(0, line.indexOf(':')))).to.deep.equal([
        '--namespace (SHORTCUTS_NAMESPACE)',
        '--poll (SHORTCUTS_POLL)',
        '--output (SHORTCUTS_OUTPUT)',
      ]);
    });

    it('without showing what may be a secret', () => {
      const errors = [
        refusal({ source: 'https://user:hunter2@git.example/fleet' }),
        refusal({ source: 'https://git.example/fleet?token=hunter2' }),
        refusal({ source: 'https://hunter2@git.example/fleet' }),
        refusal({ source: 'https://:hunter2@git.example/fleet' }),
        refusal({ source: 'ssh://hunter2:hunter2@git.example/fleet' }),
        refusal({ source: 'git@git.example:fleet\nhunter2' }),
        refusal({
          httpTokenFile: 'hunter2',
          webhookSecretFile: 'hunter2',
          gitTokenFile: 'hunter2',
        }),
        refusal({ httpTokenFile: 'sentence', gitUsername: 'hunter2' }),
      ];

      for (const error of errors) {
        expect(`${error.message} ${JSON.stringify(error.details)}`).not.to.match(
          /hunter2|two words/,
        );
        expect(error.cause).to.be.undefined;
      }
    });
  });

  it('never ends otherwise than with a configuration or a ConfigError', () => {
    const names = ['source', 'ref', 'path', 'http', 'poll', 'timeout', 'maxDeletions', 'output'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (flags) => {
        try {
          load(flags);
        } catch (error) {
          expect(error).to.be.instanceOf(ConfigError);
        }
      }),
    );
  });

  it('passes on what is no matter of the configuration', () => {
    const poll = {
      toString: () => {
        throw new RangeError('a bug');
      },
    };

    expect(() => load({ poll: poll as never })).to.throw(RangeError);
  });
});
