import { expect } from 'chai';
import * as errors from '../../src/errors/errors.ts';
import { type ErrorCode, OperatorError, type Retry } from '../../src/errors/operator-error.ts';

/** Every error of ours: its code, and what a loop does after it (ARCHITECTURE.md, Errors). */
const TABLE: readonly (readonly [keyof typeof errors, ErrorCode, Retry])[] = [
  ['ConfigError', 'CONFIG_INVALID', 'never'],
  ['GitUnreachableError', 'GIT_UNREACHABLE', 'backoff'],
  ['GitAuthError', 'GIT_AUTH', 'wait'],
  ['GitHostKeyError', 'GIT_HOST_KEY', 'wait'],
  ['GitRefNotFoundError', 'GIT_REF_NOT_FOUND', 'wait'],
  ['GitPathNotFoundError', 'GIT_PATH_NOT_FOUND', 'wait'],
  ['GitSourceInvalidError', 'GIT_SOURCE_INVALID', 'wait'],
  ['UnverifiedCommitError', 'GIT_UNVERIFIED', 'wait'],
  ['CredentialInvalidError', 'CREDENTIAL_INVALID', 'wait'],
  ['UnknownClusterError', 'CLUSTER_UNKNOWN', 'wait'],
  ['LiqoMissingError', 'LIQO_MISSING', 'backoff'],
  ['ClusterIDMismatchError', 'CLUSTER_ID_MISMATCH', 'wait'],
  ['ClusterUnreachableError', 'CLUSTER_UNREACHABLE', 'backoff'],
  ['ClusterForbiddenError', 'CLUSTER_FORBIDDEN', 'wait'],
  ['ClusterUnauthorizedError', 'CLUSTER_UNAUTHORIZED', 'wait'],
  ['NotFoundError', 'API_NOT_FOUND', 'wait'],
  ['AlreadyExistsError', 'API_ALREADY_EXISTS', 'backoff'],
  ['ExpiredError', 'API_EXPIRED', 'backoff'],
  ['RejectedByApiError', 'API_REJECTED', 'never'],
  ['ThrottledError', 'API_THROTTLED', 'backoff'],
  ['WriteConflictError', 'WRITE_CONFLICT', 'backoff'],
  ['ForgeUnreachableError', 'FORGE_UNREACHABLE', 'backoff'],
  ['ForgeRefusedError', 'FORGE_REFUSED', 'wait'],
  ['ForgeRejectedError', 'FORGE_REJECTED', 'never'],
  ['ForgeThrottledError', 'FORGE_THROTTLED', 'backoff'],
  ['UnsafePlanError', 'PLAN_UNSAFE', 'never'],
  ['TimeoutError', 'TIMEOUT', 'backoff'],
  ['InvariantError', 'BUG', 'backoff'],
];

describe('errors', () => {
  it('has a row in the table for every class', () => {
    expect(TABLE.map(([name]) => name)).to.have.members(Object.keys(errors));
  });

  for (const [name, code, retry] of TABLE) {
    it(`${name} is an OperatorError with code ${code} and retry "${retry}"`, () => {
      const error: OperatorError = new errors[name]('said once');

      expect(error).to.be.instanceOf(OperatorError).and.instanceOf(Error);
      expect(error).to.include({ name, code, retry, message: 'said once' });
      expect(error.details).to.deep.equal({});
    });
  }

  it('keeps details and cause', () => {
    const cause = new Error('socket hang up');

    const error = new errors.TimeoutError('too late', { details: { cluster: 'rome' }, cause });

    expect(error.details).to.deep.equal({ cluster: 'rome' });
    expect(error.cause).to.equal(cause);
  });

  it('has no cause where none was given', () => {
    expect(new errors.TimeoutError('too late')).not.to.have.property('cause');
  });
});
