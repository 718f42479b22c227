import { expect } from 'chai';
import { ConfigError } from '../../src/errors/errors.ts';
import { open } from './read-source.ts';

describe('createSource', () => {
  const refused = [
    { location: 'https://robot:s3cret@git.example/x.git', reason: 'a credential' },
    { location: 'https://s3cret@git.example/x.git', reason: 'a user' },
    { location: 'https://git.example/x.git?private_token=s3cret', reason: 'a query' },
    { location: 'https://git.example/x.git#s3cret', reason: 'a fragment' },
    { location: 'https://', reason: 'no host' },
    { location: 'ssh://git@git.example/x.git', reason: 'ssh' },
    { location: 'git@git.example:s3cret.git', reason: 'ssh, in short' },
    { location: 'git://git.example/x.git', reason: 'a protocol without authentication' },
    { location: 'file:///srv/x.git', reason: 'a file URL' },
  ];
  for (const { location, reason } of refused) {
    it(`refuses ${reason}, and does not repeat it`, () => {
      expect(() => open(location))
        .to.throw(ConfigError)
        .with.property('message')
        .that.does.not.contain('s3cret');
    });
  }

  for (const location of ['.', '/srv/a@b:c', 'C:odd', 'https://git.example/x.git']) {
    it(`takes ${location}, and says what was configured`, () => {
      const { location: shown, ref, path } = open(location, { ref: 'main', path: 'net' });

      expect({ shown, ref, path }).to.deep.equal({ shown: location, ref: 'main', path: 'net' });
    });
  }

  it('has no ref unless one was given', () => {
    expect(open('.').ref).to.equal('');
  });
});
