import { expect } from 'chai';
import { ClusterUnreachableError } from '../../src/errors/errors.ts';
import { createLogger, LOG_LEVELS, silentLogger } from '../../src/runtime/logger.ts';

describe('the logger', () => {
  function aLogger() {
    const lines: Record<string, unknown>[] = [];
    const logger = createLogger({
      level: 'info',
      destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
    });
    return { logger, lines };
  }

  it('writes one line of JSON with level, time and fields', () => {
    const { logger, lines } = aLogger();

    logger.info({ cluster: 'rome' }, 'Watch recovered');
    logger.debug('Left out');

    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({ level: 'info', cluster: 'rome', msg: 'Watch recovered' });
    expect(new Date(lines[0]!['time'] as string).getTime()).to.be.within(
      Date.now() - 60_000,
      Date.now(),
    );
  });

  it('writes errors with their causes, and of those that are not ours no word', () => {
    const { logger, lines } = aLogger();
    const cause = new RangeError('a-secret');

    logger.warn({ err: new ClusterUnreachableError('no rome', { cause }) }, 'Failed');

    const err = lines[0]!['err'] as Record<string, unknown>;
    expect(err).to.include({
      type: 'ClusterUnreachableError',
      code: 'CLUSTER_UNREACHABLE',
      message: 'no rome',
    });
    expect(err['cause']).to.include({ type: 'RangeError' });
    expect(JSON.stringify(lines)).not.to.include('a-secret');
  });

  for (const field of [
    'token',
    'authorization',
    'kubeconfig',
    'password',
    'secret',
    'data',
    'privateKey',
    'body',
    'headers',
  ]) {
    it(`never writes ${field}, on any of three levels`, () => {
      const { logger, lines } = aLogger();
      const hidden = { [field]: 'a-secret' };

      logger.info({ ...hidden, one: { ...hidden, two: hidden } }, 'Hidden');

      expect(JSON.stringify(lines)).not.to.include('a-secret');
    });
  }

  it('goes to standard error unless told otherwise, and can say nothing', () => {
    expect(createLogger({ level: 'silent' }).level).to.equal('silent');
    expect(silentLogger.level).to.equal('silent');
    expect(LOG_LEVELS).to.include('silent');
  });
});
