import { expect } from 'chai';
import { loadConfig } from '../../src/config/config.ts';
import type { GivenFlags } from '../../src/config/flag-reader.ts';
import { ConfigError } from '../../src/errors/errors.ts';

const SOURCE = 'https://git.example/acme/fleet';

function authOf(flags: GivenFlags): unknown {
  return loadConfig({ source: SOURCE, ...flags }, {}, { read: () => 'content' }).source?.auth;
}

function refusedFlags(flags: GivenFlags): unknown {
  try {
    authOf(flags);
  } catch (error) {
    if (error instanceof ConfigError) return error.details['flags'];
    throw error;
  }
  return undefined;
}

describe('The credential for the Git server', () => {
  it('is none by default', () => {
    expect(authOf({})).to.equal(undefined);
  });

  it('is a token, as a password or as a bearer', () => {
    const token = { kind: 'token', tokenFile: 'token', username: undefined };

    expect(authOf({ gitTokenFile: 'token' })).to.deep.equal({ ...token, scheme: 'basic' });
    expect(authOf({ gitTokenFile: 'token', gitAuth: 'bearer' })).to.deep.equal({
      ...token,
      scheme: 'bearer',
    });
  });

  it('is a GitHub App, by number or client ID', () => {
    const app = {
      kind: 'github-app',
      keyFile: 'key',
      installationId: undefined,
      apiUrl: undefined,
    };

    expect(authOf({ gitAppId: '4711', gitAppKeyFile: 'key' })).to.deep.equal({
      ...app,
      appId: '4711',
    });
    expect(
      authOf({
        gitAppId: 'Iv23abc',
        gitAppKeyFile: 'key',
        gitAppInstallationId: '99',
        gitAppApiUrl: 'https://github.example/api/v3',
      }),
    ).to.deep.equal({
      ...app,
      appId: 'Iv23abc',
      installationId: '99',
      apiUrl: new URL('https://github.example/api/v3'),
    });
  });

  describe('is refused', () => {
    const app = { gitAppId: '1', gitAppKeyFile: 'key' };
    const cases: readonly { name: string; flags: GivenFlags; want: string }[] = [
      { name: 'a way without a token', flags: { gitAuth: 'bearer' }, want: 'git-auth' },
      {
        name: 'a way that there is not',
        flags: { gitTokenFile: 'token', gitAuth: 'digest' },
        want: 'git-auth',
      },
      {
        name: 'a user beside a bearer token',
        flags: { gitTokenFile: 'token', gitAuth: 'bearer', gitUsername: 'x' },
        want: 'git-username',
      },
      { name: 'a token and an app', flags: { ...app, gitTokenFile: 'token' }, want: 'git-app-id' },
      { name: 'an app without a key', flags: { gitAppId: '1' }, want: 'git-app-id' },
      { name: 'a key without an app', flags: { gitAppKeyFile: 'key' }, want: 'git-app-key-file' },
      {
        name: 'an installation without an app',
        flags: { gitAppInstallationId: '1' },
        want: 'git-app-installation-id',
      },
      {
        name: 'an API without an app',
        flags: { gitAppApiUrl: 'https://github.example/api/v3' },
        want: 'git-app-api-url',
      },
      { name: 'an app that is no ID', flags: { ...app, gitAppId: 'my app' }, want: 'git-app-id' },
      {
        name: 'an installation that is no number',
        flags: { ...app, gitAppInstallationId: '../1' },
        want: 'git-app-installation-id',
      },
      ...[
        'github.example',
        'ftp://github.example',
        'https://a:b@github.example/',
        'https://g/?a',
      ].map((gitAppApiUrl) => ({
        name: `an API at ${gitAppApiUrl}`,
        flags: { ...app, gitAppApiUrl },
        want: 'git-app-api-url',
      })),
    ];
    for (const { name, flags, want } of cases) {
      it(name, () => {
        expect(String(refusedFlags(flags)).split(' ')).to.include(want);
      });
    }
  });
});
