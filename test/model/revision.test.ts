import { expect } from 'chai';
import { commitOf, formatRevision } from '../../src/model/revision.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

describe('revision', () => {
  it('always has the form branch@sha1:commit', () => {
    expect(formatRevision('main', COMMIT)).to.equal(`main@sha1:${COMMIT}`);
  });

  it('tells its commit, whatever the branch is called', () => {
    expect(commitOf(formatRevision('release/v1:2@x', COMMIT))).to.equal(COMMIT);
  });
});
