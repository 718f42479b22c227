import { expect } from 'chai';

import { describeError } from '../../src/errors/describe-error.ts';
import { ClusterUnreachableError } from '../../src/errors/errors.ts';

/** What `act` throws. */
function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe('describeError', () => {
  it('shows of our own errors what is ours', () => {
    const error = new ClusterUnreachableError('cannot reach rome', { details: { status: 500 } });

    const shown = describeError(error);

    expect(shown).to.include({
      type: 'ClusterUnreachableError',
      code: 'CLUSTER_UNREACHABLE',
      message: 'cannot reach rome',
    });
    expect(shown.details).to.deep.equal({ status: 500 });
    expect(shown.stack).to.match(/^ {4}at .*describe-error\.test\.ts/);
  });

  for (const [name, act] of [
    ['text that is no JSON', () => JSON.parse('a-secret') as unknown],
    ['an address that is none', () => new URL('a-secret')],
    ['a header that is none', () => new Headers([['x', 'a-secret\n']])],
    ['a number that is none', () => BigInt('a-secret')],
    [
      'several lines, one like a call',
      () => {
        throw new Error('a-secret\n    at a-secret');
      },
    ],
    [
      'fields and a code of its own',
      () => {
        throw Object.assign(new Error('x'), { data: 'a-secret', code: 'a-secret' });
      },
    ],
    [
      'another name',
      () => {
        throw Object.assign(new Error('x'), { name: 'a-secret' });
      },
    ],
    [
      'a message that came later',
      () => {
        throw Object.assign(new Error('a-secret'), { message: 'later' });
      },
    ],
    [
      'no error at all',
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- that is the case
        throw 'a-secret';
      },
    ],
  ] as const) {
    it(`shows no word of another's: ${name}`, () => {
      const error = thrownBy(act);

      const shown = [describeError(error), describeError(new Error('y', { cause: error }))];

      expect(JSON.stringify(shown)).not.to.include('a-secret');
    });
  }

  it("shows of another's the class, a code that is a constant, and the place", () => {
    const { type, code, stack } = describeError(thrownBy(() => new URL('a-secret')));

    expect({ type, code }).to.deep.equal({ type: 'TypeError', code: 'ERR_INVALID_URL' });
    expect(stack).to.include('describe-error.test.ts');
  });

  it('follows causes, but not for ever', () => {
    const error = new Error('x');
    error.cause = error;

    expect(JSON.stringify(describeError(error)).match(/"type"/g)).to.have.lengthOf(5);
  });
});
