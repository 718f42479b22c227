import { expect } from 'chai';

import { loadConfig } from '../../src/config/config.ts';
import type { GivenFlags } from '../../src/config/flag-reader.ts';

const GITHUB = { source: 'https://github.com/fleet/shortcuts', reportTo: 'github' };
const APP = { gitAppId: '7', gitAppKeyFile: 'key' };

function load(flags: GivenFlags) {
  return loadConfig(flags, {}, { read: () => 'a-token' });
}

describe('the flags of reporting back', () => {
  it('need no more than the host and a token where the source tells the rest', () => {
    expect(load({ ...GITHUB, reportTokenFile: 'token' }).report).to.deep.equal({
      kind: 'github',
      apiUrl: 'https://api.github.com',
      repository: 'fleet/shortcuts',
      tokenFile: 'token',
      comment: true,
      publicUrl: undefined,
    });
  });

  it('need no token beside a GitHub App', () => {
    expect(load({ ...GITHUB, ...APP }).report?.tokenFile).to.equal(undefined);
  });

  const REFUSED: readonly (readonly [string, GivenFlags, string])[] = [
    ['no token', GITHUB, 'report-token-file'],
    ['a local source', { reportTo: 'gitea', reportTokenFile: 't' }, 'report-url report-repository'],
    [
      'no source',
      { ...GITHUB, source: 'none', reportTokenFile: 't' },
      'report-to report-url report-repository',
    ],
    ['an unknown host', { ...GITHUB, reportTo: 'bitbucket' }, 'report-to'],
    ['a URL without TLS', { ...full(), reportUrl: 'http://git.example/api/v1' }, 'report-url'],
    ['a URL with a password', { ...full(), reportUrl: 'https://a:b@git.example' }, 'report-url'],
    ['a URL with a query', { ...full(), publicUrl: 'https://git.example/?token=x' }, 'public-url'],
    ['a repository without owner', { ...full(), reportRepository: 's' }, 'report-repository'],
    ['a repository that climbs', { ...full(), reportRepository: 'a/../b' }, 'report-repository'],
    ['a switch that is none', { ...full(), reportComment: 'maybe' }, 'report-comment'],
    ['a token without a host', { reportTokenFile: 't' }, 'report-token-file'],
    ['a page without a host', { publicUrl: 'https://git.example' }, 'public-url'],
  ];

  function full(): GivenFlags {
    return { ...GITHUB, reportTokenFile: 'token' };
  }

  for (const [what, flags, names] of REFUSED) {
    it(`refuse ${what}`, () => {
      expect(() => load(flags))
        .to.throw()
        .with.nested.property('details.flags', names);
    });
  }
});
