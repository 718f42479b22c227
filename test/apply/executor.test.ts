import { expect } from 'chai';
import { createExecutor, type Executor, type Target } from '../../src/apply/executor.ts';
import {
  AlreadyExistsError,
  ClusterForbiddenError,
  ClusterUnreachableError,
  NotFoundError,
  WriteConflictError,
} from '../../src/errors/errors.ts';
import type { KubeWriter } from '../../src/kube/kube-client.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import type { KubeObject, ObjectRef } from '../../src/model/kube-object.ts';
import type { Action, ActionResult } from '../../src/model/plan.ts';
import { type ApiServer, createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { settle } from '../support/fake-clock.ts';

const { signal } = new AbortController();

function refTo(name: string): ObjectRef {
  return { kind: NAMESPACE, name };
}

function aNamespace(name: string, labels: Record<string, string> = { by: 'us' }): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function anApply(
  name: string,
  overrides: Partial<Extract<Action, { kind: 'apply' }>> = {},
): Action {
  return {
    kind: 'apply',
    cluster: 'rome',
    ref: refTo(name),
    object: aNamespace(name),
    create: true,
    reason: 'is missing',
    drift: false,
    ...overrides,
  };
}

function aPatch(name: string, uid: string, body: Record<string, unknown>): Action {
  return { kind: 'patch', cluster: 'rome', ref: refTo(name), body, uid, reason: 'x', drift: false };
}

function aDelete(name: string, uid: string, optional = false): Action {
  return { kind: 'delete', cluster: 'rome', ref: refTo(name), uid, optional, reason: 'x' };
}

function errorOf(result: ActionResult | undefined): Error | undefined {
  return result?.kind === 'failed' ? result.error : undefined;
}

describe('executor', () => {
  let rome: ApiServer;
  let milan: ApiServer;
  let executor: Executor;
  let remembered: KubeObject[];

  beforeEach(() => {
    rome = createApiServer({ name: 'rome' });
    milan = createApiServer({ name: 'milan' });
    remembered = [];
    const targets = new Map<string, Target>(
      [rome, milan].map((server) => [
        server.name,
        {
          writer: server.client({ outside: true }),
          remember: (_kind, object) => remembered.push(object),
        },
      ]),
    );
    executor = createExecutor((cluster) => targets.get(cluster));
  });

  function read(name: string): Promise<KubeObject> {
    return rome.client().get(refTo(name), { signal });
  }

  it('does nothing for an empty plan', async () => {
    expect(await executor.execute([], { signal })).to.deep.equal([]);
    expect(rome.requests.snapshot().total).to.equal(0);
  });

  it('applies an object, and lets the mirror know at once what is stored', async () => {
    const [result] = await executor.execute([anApply('a')], { signal });

    expect(result).to.deep.equal({ kind: 'done', object: await read('a') });
    expect(remembered).to.deep.equal([await read('a')]);
  });

  it('gives one result per action, in the order of the actions', async () => {
    const actions = [anApply('b'), anApply('a', { cluster: 'milan' }), anApply('c')];

    const results = await executor.execute(actions, { signal });

    const names = results.map((result) => result.kind === 'done' && result.object?.metadata.name);
    expect(names).to.deep.equal(['b', 'a', 'c']);
  });

  it('never takes over the object of somebody else in place of one that it wanted to create', async () => {
    const theirs = rome.client({ fieldManager: 'somebody' });
    await theirs.apply(NAMESPACE, aNamespace('a', { by: 'them' }), { force: false, signal });

    const [result] = await executor.execute([anApply('a')], { signal });

    expect(errorOf(result)).to.be.instanceOf(WriteConflictError);
    expect((await read('a')).metadata.labels).to.include({ by: 'them' });
    expect(remembered).to.be.empty;
  });

  it('puts back what somebody else changed on an object of ours', async () => {
    await executor.execute([anApply('a')], { signal });
    const theirs = rome.client({ fieldManager: 'somebody' });
    await theirs.apply(NAMESPACE, aNamespace('a', { by: 'them' }), { force: true, signal });
    const { uid } = (await read('a')).metadata;

    const again = anApply('a', { create: false, uid: uid!, drift: true });
    const [result] = await executor.execute([again], { signal });

    expect(result?.kind).to.equal('done');
    expect((await read('a')).metadata.labels).to.include({ by: 'us' });
  });

  describe('with the UID of an object that is gone', () => {
    const gone = '00000000-0000-4000-8000-000000000000';

    beforeEach(() => executor.execute([anApply('a')], { signal }));

    for (const action of [
      anApply('a', { create: false, uid: gone, object: aNamespace('a', { by: 'a later us' }) }),
      aPatch('a', gone, { metadata: { labels: { by: 'a later us' } } }),
      aDelete('a', gone),
    ]) {
      it(`does not ${action.kind} the one that was made again meanwhile`, async () => {
        const [result] = await executor.execute([action], { signal });

        expect(errorOf(result)).to.be.instanceOf(WriteConflictError);
        const { metadata } = await read('a');
        expect(metadata.labels).to.include({ by: 'us' });
        expect(metadata).not.to.have.property('deletionTimestamp');
      });
    }
  });

  it('patches an object of ours, metadata included', async () => {
    const [created] = await executor.execute([anApply('a')], { signal });
    const uid = created?.kind === 'done' ? created.object?.metadata.uid : undefined;
    const body = { metadata: { labels: { by: null, touched: 'now' } } };

    const [result] = await executor.execute([aPatch('a', uid!, body)], { signal });

    expect(result).to.deep.equal({ kind: 'done', object: await read('a') });
    expect((await read('a')).metadata.labels)
      .to.include({ touched: 'now' })
      .and.not.have.property('by');
    expect(remembered).to.have.lengthOf(2);
  });

  it('patches what is outside of metadata', async () => {
    await executor.execute([anApply('a')], { signal });
    const { uid } = (await read('a')).metadata;

    const [result] = await executor.execute([aPatch('a', uid!, { spec: { finalizers: [] } })], {
      signal,
    });

    expect(result?.kind).to.equal('done');
  });

  it('deletes in the background', async () => {
    await executor.execute([anApply('a')], { signal });
    const { uid } = (await read('a')).metadata;

    const [result] = await executor.execute([aDelete('a', uid!)], { signal });

    expect(result).to.deep.equal({ kind: 'done' });
    expect(rome.requests.snapshot().byRequest).to.include({ 'delete namespaces admin': 1 });
  });

  it('takes the deletion of what is gone for done already', async () => {
    const [result] = await executor.execute([aDelete('a', 'u-1')], { signal });

    expect(result).to.deep.equal({ kind: 'unchanged' });
  });

  it('does not take a 404 that names no object for the deletion of it', async () => {
    const error = new NotFoundError('the kind is missing', { details: { kindMissing: true } });
    const writer = { ...rome.client(), delete: () => Promise.reject(error) };
    const between = createExecutor(() => ({ writer, remember: () => undefined }));

    const [result] = await between.execute([aDelete('a', 'u-1')], { signal });

    expect(errorOf(result)).to.equal(error);
  });

  describe('where the leaf forbids a deletion', () => {
    beforeEach(async () => {
      await executor.execute([anApply('a')], { signal });
      rome.faults.forbidden(true, { verb: 'delete' });
    });

    it('skips it when it is optional', async () => {
      const { uid } = (await read('a')).metadata;

      const [result] = await executor.execute([aDelete('a', uid!, true)], { signal });

      expect(result).to.have.property('kind', 'skipped');
    });

    it('fails when it is not', async () => {
      const { uid } = (await read('a')).metadata;

      const [result] = await executor.execute([aDelete('a', uid!)], { signal });

      expect(errorOf(result)).to.be.instanceOf(ClusterForbiddenError);
    });
  });

  it('does not skip an optional deletion for any other reason', async () => {
    rome.faults.down(true);

    const [result] = await executor.execute([aDelete('a', 'u-1', true)], { signal });

    expect(errorOf(result)).to.be.instanceOf(ClusterUnreachableError);
  });

  it('does not let one failure stop the others', async () => {
    milan.faults.down(true);
    const actions = [anApply('a', { cluster: 'milan' }), anApply('a'), anApply('b')];

    const results = await executor.execute(actions, { signal });

    expect(results.map(({ kind }) => kind)).to.deep.equal(['failed', 'done', 'done']);
    expect(errorOf(results[0])).to.be.instanceOf(ClusterUnreachableError);
  });

  it('fails an action for a leaf that is not connected', async () => {
    const [result] = await executor.execute([anApply('a', { cluster: 'naples' })], { signal });

    expect(errorOf(result)).to.be.instanceOf(ClusterUnreachableError);
  });

  describe('with a leaf that answers on command', () => {
    let waiting: { readonly name: string; readonly answer: (outcome: unknown) => void }[];
    let slow: Executor;

    beforeEach(() => {
      waiting = [];
      slow = createExecutor((cluster) => ({
        writer: writerThat(
          (object) =>
            new Promise((resolve, reject) => {
              waiting.push({
                name: `${cluster}/${object.metadata.name}`,
                answer: (outcome) => {
                  if (outcome === undefined) resolve(object);
                  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a writer may throw anything
                  else reject(outcome);
                },
              });
            }),
        ),
        remember: () => undefined,
      }));
    });

    it('does not let a slow leaf delay another one', async () => {
      const stuck = slow.execute(numbered(20, 'rome'), { signal });
      await settle();

      const quick = slow.execute([anApply('a', { cluster: 'milan' })], { signal });
      await settle();
      waiting.find(({ name }) => name === 'milan/a')?.answer(undefined);

      expect(await quick).to.have.lengthOf(1);
      await answerAll();
      expect(await stuck).to.have.lengthOf(20);
    });

    it('throws when it is called off, rather than to call that a failure', async () => {
      const running = slow.execute(numbered(2, 'rome'), { signal });
      await settle();
      waiting[0]?.answer(undefined);
      waiting[1]?.answer(new DOMException('off', 'AbortError'));

      const error: unknown = await running.catch((thrown: unknown) => thrown);

      expect(error).to.have.property('name', 'AbortError');
    });

    it('reports even what is thrown without being an error', async () => {
      const running = slow.execute([anApply('a')], { signal });
      await settle();
      waiting[0]?.answer('a plain text');

      expect(errorOf((await running)[0])).to.be.instanceOf(TypeError);
    });

    it('does not take the refusal of a creation for a success', async () => {
      const running = slow.execute([anApply('a')], { signal });
      await settle();
      waiting[0]?.answer(new AlreadyExistsError('a is there'));

      expect(errorOf((await running)[0])).to.be.instanceOf(AlreadyExistsError);
    });

    async function answerAll(): Promise<void> {
      // Answers make room for further writes, which are answered in turn.
      for (const { answer } of waiting) {
        answer(undefined);
        await settle();
      }
    }
  });
});

function numbered(count: number, cluster: string): readonly Action[] {
  return Array.from({ length: count }, (_, index) => anApply(`n-${index}`, { cluster }));
}

function writerThat(apply: (object: KubeObject) => Promise<KubeObject>): KubeWriter {
  function unexpected(): never {
    throw new Error('not expected');
  }
  return {
    apply: (_kind, object) => apply(object),
    create: unexpected,
    patch: unexpected,
    delete: unexpected,
  };
}
