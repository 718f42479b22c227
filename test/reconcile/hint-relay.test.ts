import { expect } from 'chai';
import sinon from 'sinon';
import { CONFIG_MAP } from '../../src/model/kinds.ts';
import { createHintRelay, type HintRelay } from '../../src/reconcile/hint-relay.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { until } from '../leaves/until.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { createMainServer } from './main-server.ts';

const { signal } = new AbortController();
const namespace = 'liqo-shortcuts';

describe('hint relay', () => {
  let server: ApiServer;
  let clock: FakeClock;
  let follower: HintRelay;
  let leader: HintRelay;
  let onHint: sinon.SinonSpy;

  function relay(): HintRelay {
    const client = server.client({ outside: true });
    return createHintRelay({ client, namespace, clock, random: () => 0.5, logger: silentLogger });
  }

  beforeEach(async () => {
    server = await createMainServer();
    clock = new FakeClock();
    onHint = sinon.spy();
    [follower, leader] = [relay(), relay()];
    leader.start(onHint);
    follower.start(() => undefined);
    await until('both watch', () => server.requests.snapshot().watchesOpenNow === 2);
  });
  afterEach(async () => {
    await Promise.all([follower.stop(), leader.stop()]);
    await server.stop();
  });

  function writes(): number {
    return server.requests.snapshot().writes;
  }

  it('tells of each hint', async () => {
    for (const times of [1, 2, 3]) {
      follower.send();
      await until(`told ${times} times`, () => onHint.callCount === times);
    }
  });

  it('tells of many at once as of one that is told and one that waits', async () => {
    const before = writes();
    for (let hint = 0; hint < 50; hint += 1) follower.send();
    await until('told', () => onHint.callCount === 2);

    expect(writes() - before).to.equal(2);
  });

  it('tells later what the main cluster does not take now', async () => {
    server.faults.forbidden(true);
    const before = server.requests.snapshot().total;
    follower.send();
    await until('it was tried', () => server.requests.snapshot().total > before);
    expect(onHint.called).to.be.false;

    server.faults.forbidden(false);
    await clock.advance(500);
    await until('told', () => onHint.called);
  });

  it('does not mind what else lies in the namespace', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'liqo-shortcuts' };
    const metadata = { namespace, name: 'somebody', labels };
    await server
      .client()
      .create(CONFIG_MAP, { apiVersion: 'v1', kind: 'ConfigMap', metadata }, { signal });
    follower.send();
    await until('told', () => onHint.called);

    expect(onHint.calledOnceWithExactly()).to.be.true;
  });

  it('does not take it for a hint that the hints are cleared away', async () => {
    follower.send();
    await until('told', () => onHint.callCount === 1);
    const name = 'liqo-shortcuts-hint';
    await server.client().delete({ kind: CONFIG_MAP, namespace, name }, { signal });
    follower.send();
    await until('told', () => onHint.callCount === 2);
    await settle();

    expect(onHint.callCount).to.equal(2);
  });
});
