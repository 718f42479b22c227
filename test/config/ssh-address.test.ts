import { expect } from 'chai';
import fc from 'fast-check';
import { isSsh, parseSshAddress } from '../../src/config/ssh-address.ts';
import { ConfigError } from '../../src/errors/errors.ts';

describe('An address over SSH', () => {
  const taken = [
    ['ssh://git@git.example/team/x.git', 'git', 'git.example', 22, '/team/x.git'],
    ['ssh://git@Git.Example:2222/x', 'git', 'git.example', 2222, '/x'],
    ['SSH://git@[2001:db8::1]:2222/x', 'git', '2001:db8::1', 2222, '/x'],
    ['ssh://git@10.0.0.1/~robot/x.git', 'git', '10.0.0.1', 22, '~robot/x.git'],
    ['ssh://git@git.example/a%20b', 'git', 'git.example', 22, '/a b'],
    ['git@git.example:team/x.git', 'git', 'git.example', 22, 'team/x.git'],
    ['git@git.example:/srv/x.git', 'git', 'git.example', 22, '/srv/x.git'],
    ['git@[::1]:x', 'git', '::1', 22, 'x'],
    [
      'APKA-1_2.x@git-codecommit.example:v1/repos/x',
      'APKA-1_2.x',
      'git-codecommit.example',
      22,
      'v1/repos/x',
    ],
  ] as const;
  for (const [location, user, host, port, path] of taken) {
    it(`is ${location}`, () => {
      expect(isSsh(location)).to.equal(true);
      expect(parseSshAddress(location)).to.deep.equal({ user, host, port, path });
    });
  }

  const refused = [
    ['no user', 'ssh://git.example/x'],
    ['a password', 'ssh://git:s3cret@git.example/x'],
    ['no host', 'ssh://git@/x'],
    ['no path', 'ssh://git@git.example'],
    ['nothing but a slash', 'ssh://git@git.example/'],
    ['no such port', 'ssh://git@git.example:65536/x'],
    ['port zero', 'ssh://git@git.example:0/x'],
    ['a port that is none', 'ssh://git@git.example:x/x'],
    ['a query', 'ssh://git@git.example/x?token=s3cret'],
    ['a fragment', 'ssh://git@git.example/x#s3cret'],
    ['wrong percent-encoding', 'ssh://git@git.example/%zz'],
    ['a line break', 'ssh://git@git.example/x%0Ay'],
    ['an option as host', 'ssh://git@-oProxyCommand=touch%20x/x'],
    ['an option as host, without a user', 'ssh://-oProxyCommand=x/x'],
    ['an option as user', 'ssh://-oProxyCommand=x@git.example/x'],
    ['an option as host, in short', 'git@-oProxyCommand=x:y'],
    ['an option as user, in short', '-oProxyCommand=x@git.example:y'],
    ['a dash before the host', 'ssh://git@-x/y'],
    ['a dash before the host, in short', 'git@-x:y'],
    ['a dash before the user', 'ssh://-x@git.example/y'],
    ['a dash before the user, in short', '-x@git.example:y'],
    ['an option as path', 'git@git.example:--upload-pack=x'],
    ['a command in the host', 'ssh://git@$(id)/x'],
    ['a command in the user', 'ssh://`id`@git.example/x'],
    ['a space in the host', 'ssh://git@git example/x'],
    ['a letter that looks like another', 'ssh://git@gіt.example/x'],
  ] as const;
  for (const [reason, location] of refused) {
    it(`has not got ${reason}`, () => {
      expect(() => parseSshAddress(location))
        .to.throw(ConfigError)
        .with.property('message')
        .that.does.not.contain('s3cret');
    });
  }

  for (const location of ['.', '/srv/a@b:c', 'https://git@git.example/x', 'file:///x', 'C:odd']) {
    it(`is not ${location}`, () => {
      expect(isSsh(location)).to.equal(false);
    });
  }

  it('never gives a user or host that could be an option or a command, whatever the text', () => {
    const text = fc.string({ unit: 'binary-ascii', minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom('url', 'short'), text, text, text, (form, user, host, path) => {
        const location =
          form === 'url' ? `ssh://${user}@${host}/${path}` : `${user}@${host}:${path}`;
        try {
          const address = parseSshAddress(location);
          expect(address.user).to.match(/^\w[\w.-]*$/);
          expect(address.host).to.match(/^([a-z0-9][\w.-]*|[0-9a-f:.]+)$/);
          expect(address.path).to.match(/^[^-\p{Cc}][^\p{Cc}]*$/u);
        } catch (error) {
          expect(error).to.be.instanceOf(ConfigError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
