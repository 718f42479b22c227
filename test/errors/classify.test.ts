import { expect } from 'chai';
import { exitCodeOf, isAbort, reasonOf, toOperatorError } from '../../src/errors/classify.ts';
import * as errors from '../../src/errors/errors.ts';
import type { Reason } from '../../src/model/condition.ts';

describe('isAbort', () => {
  const cases = [
    {
      name: 'an AbortError of the platform',
      error: new DOMException('off', 'AbortError'),
      want: true,
    },
    { name: 'the reason of an aborted signal', error: AbortSignal.abort().reason, want: true },
    { name: 'a time-out', error: new DOMException('late', 'TimeoutError'), want: false },
    { name: 'one of our errors', error: new errors.TimeoutError('late'), want: false },
    { name: 'an object that only looks like one', error: { name: 'AbortError' }, want: false },
    { name: 'nothing', error: undefined, want: false },
  ] satisfies readonly { name: string; error: unknown; want: boolean }[];

  for (const { name, error, want } of cases) {
    it(`says ${String(want)} of ${name}`, () => {
      expect(isAbort(error)).to.equal(want);
    });
  }
});

describe('toOperatorError', () => {
  it('leaves one of ours as it is', () => {
    const error = new errors.NotFoundError('gone');

    expect(toOperatorError(error)).to.equal(error);
  });

  it('takes an error that nobody mapped for a bug, and keeps it as the cause', () => {
    const cause = new RangeError('with a secret in it');

    const error = toOperatorError(cause);

    expect(error).to.be.instanceOf(errors.InvariantError);
    expect(error.cause).to.equal(cause);
    expect(error.message).to.include('RangeError').and.not.include('secret');
  });

  it('names the type of what is not even an error', () => {
    expect(toOperatorError('oops').message).to.include('string');
  });
});

describe('reasonOf', () => {
  const table: readonly (readonly [keyof typeof errors, Reason])[] = [
    ['ConfigError', 'InvalidSpec'],
    ['GitUnreachableError', 'InternalError'],
    ['GitAuthError', 'InternalError'],
    ['GitHostKeyError', 'InternalError'],
    ['GitRefNotFoundError', 'InternalError'],
    ['GitPathNotFoundError', 'InternalError'],
    ['GitSourceInvalidError', 'InternalError'],
    ['UnverifiedCommitError', 'InternalError'],
    ['CredentialInvalidError', 'CredentialInvalid'],
    ['UnknownClusterError', 'LeafUnknown'],
    ['LiqoMissingError', 'LiqoMissing'],
    ['ClusterIDMismatchError', 'ClusterIDMismatch'],
    ['ClusterUnreachableError', 'LeafUnreachable'],
    ['ClusterForbiddenError', 'LeafForbidden'],
    ['ClusterUnauthorizedError', 'CredentialInvalid'],
    ['NotFoundError', 'LiqoMissing'],
    ['AlreadyExistsError', 'Progressing'],
    ['ExpiredError', 'Progressing'],
    ['RejectedByApiError', 'Rejected'],
    ['ThrottledError', 'LeafUnreachable'],
    ['WriteConflictError', 'Progressing'],
    ['ForgeUnreachableError', 'InternalError'],
    ['ForgeRefusedError', 'InternalError'],
    ['ForgeRejectedError', 'InternalError'],
    ['ForgeThrottledError', 'InternalError'],
    ['UnsafePlanError', 'DeletionBlocked'],
    ['TimeoutError', 'LeafUnreachable'],
    ['InvariantError', 'InternalError'],
  ];

  for (const [name, reason] of table) {
    it(`shows ${name} as ${reason}`, () => {
      expect(reasonOf(new errors[name]('x'))).to.equal(reason);
    });
  }

  it('has a row for every class', () => {
    expect(table.map(([name]) => name)).to.have.members(Object.keys(errors));
  });
});

describe('exitCodeOf', () => {
  it('is 3 for what a guard refused', () => {
    expect(exitCodeOf(new errors.UnsafePlanError('too many'))).to.equal(3);
    expect(exitCodeOf(new errors.UnverifiedCommitError('not signed'))).to.equal(3);
  });

  it('is 2 for everything else', () => {
    expect(exitCodeOf(new errors.ConfigError('no such flag'))).to.equal(2);
    expect(exitCodeOf(new errors.InvariantError('bug'))).to.equal(2);
  });
});
