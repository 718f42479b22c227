import { expect } from 'chai';

import { TimeoutError, WriteConflictError } from '../../src/errors/errors.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { createWriteFence, type WriteFence } from '../../src/kube/write-fence.ts';
import { CONFIG_MAP } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { type ApiServer, createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { signal } from '../support/scenario-wait.ts';

const OBJECT: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default' },
};
const REF = { kind: CONFIG_MAP, namespace: 'default', name: 'a' };
describe('write fence', () => {
  let server: ApiServer;
  let clock: FakeClock;
  let mayWrite: boolean;
  let fence: WriteFence;
  let client: KubeClient;

  beforeEach(() => {
    clock = new FakeClock();
    server = createApiServer({ name: 'main' });
    mayWrite = true;
    fence = createWriteFence({
      mayWrite: () => mayWrite,
      clock,
      steadyNow: () => clock.now(),
    });
    client = fence.guard(server.client({ outside: true }));
  });
  afterEach(() => server.stop());

  const writes: Readonly<Record<string, () => Promise<unknown>>> = {
    create: () => client.create(CONFIG_MAP, OBJECT, { signal }),
    apply: () => client.apply(CONFIG_MAP, OBJECT, { force: true, signal }),
    patch: () => client.patch(REF, { data: { a: 'b' } }, { signal }),
    delete: () => client.delete(REF, { signal }),
  };

  it('is closed at first', async () => {
    for (const write of Object.values(writes))
      expect(await outcomeOf(write())).to.equal('AbortError');
    expect(server.requests.snapshot().total).to.equal(0);
  });

  it('lets everything pass while it is open', async () => {
    fence.open();
    for (const write of Object.values(writes)) expect(await outcomeOf(write())).to.equal('done');
  });

  it('asks before each write', async () => {
    fence.open();
    mayWrite = false;
    for (const write of Object.values(writes))
      expect(await outcomeOf(write())).to.equal('AbortError');
    expect(server.requests.snapshot().total).to.equal(0);
  });

  it('lets reads and questions pass while it is closed', async () => {
    expect(await outcomeOf(client.get(REF, { signal }))).to.equal('NotFoundError');
    expect(await outcomeOf(client.list(CONFIG_MAP, { signal }))).to.equal('done');
    const right = { verb: 'get', kind: CONFIG_MAP } as const;
    expect(await outcomeOf(client.isAllowed(right, { signal }))).to.equal('done');
  });

  it('lets what is under way end when it is closed', async () => {
    fence.open();
    const writing = outcomeOf(client.create(CONFIG_MAP, OBJECT, { signal }));
    fence.close();

    expect(await fence.drained(1_000)).to.equal(true);
    expect(await writing).to.equal('done');
  });

  it('calls off what is under way when it is cut, and tells that it may still arrive', async () => {
    fence.open();
    server.faults.hang(true);
    const writing = outcomeOf(client.create(CONFIG_MAP, OBJECT, { signal }));
    fence.cut();

    expect(await writing).to.equal('AbortError');
    expect(await fence.drained(1_000)).to.equal(false);
  });

  it('waits no longer than it may', async () => {
    fence.open();
    server.faults.hang(true);
    const writing = outcomeOf(client.create(CONFIG_MAP, OBJECT, { signal }));
    const draining = fence.drained(1_000);
    await clock.advance(1_000);

    expect(await draining).to.equal(false);
    fence.cut();
    await writing;
  });

  const ends = [
    { error: new TimeoutError('late'), isClean: false, what: 'one that was not answered in time' },
    { error: new WriteConflictError('no'), isClean: true, what: 'one that was refused' },
  ];
  for (const { error, isClean, what } of ends) {
    it(`${isClean ? 'forgets' : 'remembers for the time of a lease'} ${what}`, async () => {
      const failing = { ...client, create: () => Promise.reject(error) };
      const guarded = fence.guard(failing);
      fence.open();
      await outcomeOf(guarded.create(CONFIG_MAP, OBJECT, { signal }));

      expect(await fence.drained(1_000)).to.equal(isClean);
      await clock.advance(15_000);
      expect(await fence.drained(1_000)).to.equal(true);
    });
  }
});

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: unknown) => (error as Error).name,
  );
}
