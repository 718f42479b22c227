import { expect } from 'chai';
import { loadConfig } from '../../src/config/config.ts';
import { FLAGS } from '../../src/config/flags.ts';

/** Files that are only looked for: their content counts when it is used. */
const READ_AT_USE: readonly string[] = [
  'git-token-file',
  'git-ca-file',
  'git-ssh-key-file',
  'git-ssh-passphrase-file',
  'git-known-hosts-file',
  'allowed-signers-file',
  'gpg-keyring-file',
];

describe('Flags', () => {
  it('each have a variable, a description and a command', () => {
    for (const { name, env, description, commands } of FLAGS) {
      expect(name).to.match(/^[a-z]+(-[a-z]+)*$/);
      expect(env).to.equal(`SHORTCUTS_${name.toUpperCase().replaceAll('-', '_')}`);
      expect(description, name).not.to.equal('');
      expect(commands, name).to.include('reconcile');
    }
  });

  it('have defaults that are valid values', () => {
    const flags = FLAGS.flatMap(({ env, default: preset }) =>
      preset === undefined ? [] : [[env, preset] as const],
    );

    const given = loadConfig({}, Object.fromEntries(flags), { read: () => '' });

    expect(given).to.deep.equal(loadConfig({}, {}, { read: () => '' }));
  });

  for (const { name, env, argument } of FLAGS) {
    // `--apply` is the mode without any flag as well: it makes a difference in a pull request.
    const job: Record<string, string> =
      name === 'apply' ? { GITHUB_EVENT_NAME: 'pull_request' } : {};
    const load = (variables: Record<string, string>) =>
      loadConfig({}, { ...job, ...variables }, { read: () => '' });

    if (name === 'verify-signatures') {
      it('go together: --verify-signatures is refused without a file', () => {
        expect(() => load({ [env]: 'true' }))
          .to.throw()
          .with.nested.property('details.flags', name);
      });
    } else if (argument === undefined) {
      it(`make a difference: --${name}`, () => {
        expect(load({ [env]: 'true' })).not.to.deep.equal(load({}));
      });
    } else if (!READ_AT_USE.includes(name)) {
      it(`are looked at: --${name} is refused when it is blank`, () => {
        expect(() => load({ [env]: ' ' }))
          .to.throw()
          .with.nested.property('details.flags', name);
      });
    }
  }
});
