import { expect } from 'chai';
import fc from 'fast-check';
import { CredentialInvalidError } from '../../../src/errors/errors.ts';
import {
  fingerprintOf,
  hasAuthority,
  isRevoked,
  keysOf,
  parseKnownHosts,
} from '../../../src/git/ssh/known-hosts.ts';

// Made by ssh-keygen, and hashed by ssh-keygen -H.
const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGT2v3ULL4gq80xgCeJ/NpcPZZNFeYOA7ZHuvgfFpfRu';
const ECDSA =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFDTX57qM82G9kw3i4vIsqyPk32aGWjUmrnS29hfF+UUKEv/sX91UpYvKZN3ilkGLeysF0qNQPKpfVrPEte62HQ=';
const HASHED = `
|1|dwPXi81B/S6VMjRrWLRW5q/Pcc4=|5j8Vn5nkK/lanDuss4Mhafrn7DA= ${ED25519}
|1|3ZHG/AD5ZQ0efaz7iHHCzb6+7KQ=|jifVugg6jjOFu664LWbMKhOQlcw= ${ECDSA}
`;
const key = (line: string): Buffer => Buffer.from(line.split(' ')[1]!, 'base64');

/** The types of the keys that a host may show. */
function typesOf(text: string, host: string, port = 22): readonly string[] {
  return keysOf({ host, port }, parseKnownHosts(text)).map(({ type }) => type);
}

describe('A known_hosts file', () => {
  const cases = [
    { name: 'a name', hosts: 'git.example', host: 'git.example', found: true },
    { name: 'another name', hosts: 'git.example', host: 'xgit.example', found: false },
    { name: 'a name below', hosts: 'git.example', host: 'a.git.example', found: false },
    { name: 'capitals', hosts: 'Git.Example', host: 'git.example', found: true },
    { name: 'an address', hosts: 'git.example,10.0.0.1', host: '10.0.0.1', found: true },
    { name: 'an IPv6 address', hosts: '::1', host: '::1', found: true },
    { name: 'a wildcard', hosts: '*.example', host: 'git.example', found: true },
    { name: 'one character', hosts: 'git?.example', host: 'git2.example', found: true },
    { name: 'not one character', hosts: 'git?.example', host: 'git.example', found: false },
    { name: 'a dot that is a dot', hosts: 'git.example', host: 'gitxexample', found: false },
    { name: 'an exception', hosts: '*.example,!git.example', host: 'git.example', found: false },
    { name: 'no exception', hosts: '!git.example,*.example', host: 'x.example', found: true },
    { name: 'nothing but an exception', hosts: '!git.example', host: 'x.example', found: false },
    { name: 'a port', hosts: '[git.example]:2222', host: 'git.example', port: 2222, found: true },
    {
      name: 'another port',
      hosts: '[git.example]:2222',
      host: 'git.example',
      port: 1,
      found: false,
    },
    {
      name: 'a port where none is',
      hosts: '[git.example]:2222',
      host: 'git.example',
      found: false,
    },
    {
      name: 'none where a port is',
      hosts: 'git.example',
      host: 'git.example',
      port: 2222,
      found: false,
    },
  ];
  for (const { name, hosts, host, port = 22, found } of cases) {
    it(`${found ? 'knows' : 'does not know'} a host by ${name}`, () => {
      expect(typesOf(`${hosts} ${ED25519}`, host, port)).to.have.length(found ? 1 : 0);
    });
  }

  it('may hold hashed names, with and without a port', () => {
    expect(typesOf(HASHED, 'git.example')).to.deep.equal(['ssh-ed25519']);
    expect(typesOf(HASHED, 'git.example', 2222)).to.deep.equal(['ecdsa-sha2-nistp256']);
    expect(typesOf(HASHED, 'git.example', 2223)).to.deep.equal([]);
    expect(typesOf(HASHED, 'git.exampl')).to.deep.equal([]);
  });

  it('may have several keys for a host, comments, empty lines and the line ends of Windows', () => {
    const text = `# ours\r\n\r\ngit.example ${ED25519} a comment\r\n git.example\t${ECDSA}\r\n`;

    expect(typesOf(text, 'git.example')).to.deep.equal(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
  });

  it('takes a key out of use, wherever the line stands and on every port', () => {
    for (const hosts of ['*', 'git.example', '[git.example]:2222']) {
      const lines = parseKnownHosts(`git.example ${ED25519}\n@revoked ${hosts} ${ED25519}`);

      expect(isRevoked({ host: 'git.example', port: 2222 }, key(ED25519), lines)).to.equal(true);
      expect(isRevoked({ host: 'git.example', port: 2222 }, key(ECDSA), lines)).to.equal(false);
      expect(keysOf({ host: 'git.example', port: 22 }, lines)).to.have.length(1);
    }
  });

  it('does not make a host of what is revoked, nor of a certificate authority', () => {
    const text = `@revoked git.example ${ED25519}\n@cert-authority *.example ${ECDSA}`;

    expect(typesOf(text, 'git.example')).to.deep.equal([]);
    expect(hasAuthority({ host: 'git.example', port: 22 }, parseKnownHosts(text))).to.equal(true);
    expect(hasAuthority({ host: 'git.other', port: 22 }, parseKnownHosts(text))).to.equal(false);
  });

  const broken = [
    ['a marker that nobody knows', `@rewoked git.example ${ED25519}`],
    ['no key', 'git.example ssh-ed25519'],
    ['a key of another type', `git.example ${ED25519.replace('ssh-ed25519', 'ssh-rsa')}`],
    ['a key that is none', 'git.example ssh-ed25519 AAAA'],
    ['the form of the first version of SSH', 'git.example 1024 35 1234567890'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
  ] as const;
  for (const [name, line] of broken) {
    it(`is refused as a whole for ${name}, with the number of the line`, () => {
      expect(() => parseKnownHosts(`other.example ${ECDSA}\n\n${line}`))
        .to.throw(CredentialInvalidError)
        .with.nested.property('details.line', 3);
    });
  }

  it('shows a key as ssh-keygen does', () => {
    expect(fingerprintOf(key(ED25519))).to.equal(
      'SHA256:YH2HHIJgHx7jvJFsf8zUnCvjqBFQW2KPXMwKGr7WX0E',
    );
  });

  it('means by a pattern what a regular expression would', () => {
    const letter = fc.constantFrom('a', 'b', '.', '*', '?');
    fc.assert(
      fc.property(
        fc.array(letter, { minLength: 1, maxLength: 8 }),
        fc.array(fc.constantFrom('a', 'b', '.'), { minLength: 1, maxLength: 8 }),
        (pattern, name) => {
          const meant = pattern
            .join('')
            .replaceAll('.', '\\.')
            .replaceAll('*', '.*')
            .replaceAll('?', '.');

          expect(typesOf(`${pattern.join('')} ${ED25519}`, name.join(''))).to.have.length(
            new RegExp(`^${meant}$`).test(name.join('')) ? 1 : 0,
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('does not take long for a pattern that is made to', () => {
    expect(typesOf(`${'*a'.repeat(120)}*b ${ED25519}`, 'a'.repeat(250))).to.deep.equal([]);
  });
});
