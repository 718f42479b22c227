import { expect } from 'chai';
import type { KubeClient } from '../../../src/kube/kube-client.ts';
import { CONFIG_MAP, NAMESPACE, SECRET } from '../../../src/model/kinds.ts';
import type { KubeObject } from '../../../src/model/kube-object.ts';
import type { ApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { addNamespace, rejection, signal, toyServer, until } from './toy-server.ts';
import { aWidget, CRD, WIDGET } from './widgets.ts';

let server: ApiServer;
let client: KubeClient;

async function start(options: object = {}): Promise<void> {
  server = await toyServer(options);
  client = server.client();
}

function named(name: string) {
  return { kind: WIDGET, namespace: 'toys', name };
}
function make(name: string, metadata: object = {}): Promise<KubeObject> {
  return client.create(WIDGET, aWidget({}, { name, ...metadata }), { signal });
}
function ownedBy(...owners: readonly KubeObject[]): object {
  return {
    ownerReferences: owners.map(({ apiVersion, kind, metadata }) => ({
      apiVersion,
      kind,
      name: metadata.name,
      uid: metadata.uid,
      blockOwnerDeletion: true,
    })),
  };
}
async function names(): Promise<readonly string[]> {
  const { items } = await client.list(WIDGET, { signal });
  return items.map(({ metadata }) => metadata.name);
}
function untilNames(...wanted: readonly string[]): Promise<void> {
  return until(
    `only ${wanted.join()} are left`,
    async () => (await names()).join() === wanted.join(),
  );
}

describe('garbage collection', () => {
  afterEach(() => server.stop());

  it('follows owners, and owners of owners', async () => {
    await start();
    const a = await make('a');
    const b = await make('b', ownedBy(a));
    await make('c', ownedBy(b));
    await make('d');

    await client.delete(named('a'), { signal });

    await untilNames('d');
  });

  it('keeps what still has an owner, and drops the reference to the other', async () => {
    await start();
    const [a, b] = [await make('a'), await make('b')];
    await make('c', ownedBy(a, b));

    await client.delete(named('a'), { signal });

    await until('the reference is gone', async () => {
      const { metadata } = await client.get(named('c'), { signal });
      return metadata.ownerReferences?.length === 1;
    });
    expect(await names()).to.deep.equal(['b', 'c']);
  });

  it('tells owners by UID: one of the same name is another one', async () => {
    await start();
    const a = await make('a');
    await client.delete(named('a'), { signal });
    await make('a');

    await make('b', ownedBy(a));

    await untilNames('a');
  });

  it('takes an owner from another namespace for absent', async () => {
    await start();
    await addNamespace(client, 'elsewhere');
    const a = await make('a', { namespace: 'elsewhere' });

    await make('b', ownedBy(a));

    await untilNames('a');
  });

  it('waits for dependants of owners deleted in the foreground', async () => {
    await start();
    const a = await make('a');
    await make('b', { ...ownedBy(a), finalizers: ['x.io/hold'] });

    await client.delete(named('a'), { signal, propagationPolicy: 'Foreground' });
    await until('the dependant is going', async () => {
      const { metadata } = await client.get(named('b'), { signal });
      return metadata.deletionTimestamp !== undefined;
    });
    const waiting = await names();
    await client.patch(named('b'), { metadata: { finalizers: [] } }, { signal });

    expect(waiting).to.deep.equal(['a', 'b']);
    await untilNames();
  });

  it('lets go of dependants of orphaning owners', async () => {
    await start();
    const a = await make('a', { finalizers: ['orphan', 'x.io/hold'] });
    await make('b', ownedBy(a));

    await client.delete(named('a'), { signal, propagationPolicy: 'Orphan' });
    await until('it let go', async () => {
      const { metadata } = await client.get(named('b'), { signal });
      return metadata.ownerReferences === undefined;
    });
    await client.patch(named('a'), { metadata: { finalizers: [] } }, { signal });

    await untilNames('b');
  });

  it('does nothing while it is stopped, and catches up afterwards', async () => {
    await start({ collectGarbage: false });
    await make('b', ownedBy(await make('a')));
    await client.delete(named('a'), { signal });
    for (let turn = 0; turn < 10; turn++) await names();
    const before = await names();

    server.faults.garbageCollection(true);

    expect(before).to.deep.equal(['b']);
    await untilNames();
  });

  it('can be slow', async () => {
    const clock = new FakeClock();
    await start({ clock, collectGarbage: false });
    server.faults.garbageCollection({ delayMs: 5000 });
    await until('it waits', () => clock.sleeping === 1);
    await make('b', ownedBy(await make('a')));
    await client.delete(named('a'), { signal });
    const before = await names();

    await clock.advance(5000);

    expect(before).to.deep.equal(['b']);
    await untilNames();
  });

  it('pauses before each single deletion when it is slow', async () => {
    const clock = new FakeClock();
    await start({ clock, collectGarbage: false });
    const a = await make('a');
    for (const name of ['b', 'c']) await make(name, ownedBy(a));
    await client.delete(named('a'), { signal });
    server.faults.garbageCollection({ delayMs: 5000 });

    for (const left of [['c'], []]) {
      await until('it waits', () => clock.sleeping === 1);
      await clock.advance(5000);
      await untilNames(...left);
    }
  });

  it('leaves one resource alone when told to, and takes it later', async () => {
    await start();
    const a = await make('a');
    await make('b', ownedBy(a));
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'toys', ...ownedBy(a) },
    };
    await client.create(SECRET, secret, { signal });
    const secrets = async () => (await client.list(SECRET, { signal })).items.length;
    server.faults.garbageCollection({ except: 'secrets' });
    await client.delete(named('a'), { signal });
    await untilNames();
    expect(await secrets()).to.equal(1);

    server.faults.garbageCollection(true);

    await until('it is gone', async () => (await secrets()) === 0);
  });
});

describe('namespaces', () => {
  beforeEach(() => start());
  afterEach(() => server.stop());

  it('are there from the beginning', async () => {
    const { items } = await client.list(NAMESPACE, { signal });

    expect(items.map(({ metadata }) => metadata.name)).to.deep.equal([
      'default',
      'kube-public',
      'kube-system',
      'toys',
    ]);
    expect(items[3]).to.deep.include({
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    expect(items[3]!.metadata.labels).to.deep.equal({ 'kubernetes.io/metadata.name': 'toys' });
  });

  it('take their content with them', async () => {
    await make('a');
    await client.create(
      CONFIG_MAP,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'toys' } },
      { signal },
    );
    const ref = { kind: NAMESPACE, name: 'toys' };

    await client.delete(ref, { signal });

    await until('it is gone', async () => {
      const { items } = await client.list(NAMESPACE, { signal });
      return items.length === 3;
    });
    expect(await names()).to.deep.equal([]);
  });

  it('wait for content that a finalizer holds, and take nothing new meanwhile', async () => {
    await make('a', { finalizers: ['x.io/hold'] });
    await client.patch(
      { kind: NAMESPACE, name: 'toys' },
      { metadata: { finalizers: ['x.io/ns'] } },
      { signal },
    );
    await client.delete({ kind: NAMESPACE, name: 'toys' }, { signal });

    const going = await client.get({ kind: NAMESPACE, name: 'toys' }, { signal });
    const error = await rejection(make('b'));
    await until('the content is going', async () => {
      const { metadata } = await client.get(named('a'), { signal });
      return metadata.deletionTimestamp !== undefined;
    });
    await client.patch(named('a'), { metadata: { finalizers: [] } }, { signal });
    await untilNames();
    await until('it waits for its own finalizer only', async () => {
      const namespace = await client.get({ kind: NAMESPACE, name: 'toys' }, { signal });
      return Object.keys(namespace['spec'] as object).length === 0;
    });
    await client.patch(
      { kind: NAMESPACE, name: 'toys' },
      { metadata: { finalizers: [] } },
      { signal },
    );

    expect(going['status']).to.deep.equal({ phase: 'Terminating' });
    expect(error.details).to.include({ status: 403 });
    expect(
      (await rejection(client.get({ kind: NAMESPACE, name: 'toys' }, { signal }))).code,
    ).to.equal('API_NOT_FOUND');
  });
});

describe('definitions', () => {
  const definition = { kind: CRD, name: 'widgets.example.org' };

  beforeEach(() => start());
  afterEach(() => server.stop());

  async function untilGone(): Promise<void> {
    await until('the definition is gone', async () => {
      const { items } = await client.list(CRD, { signal });
      return items.length === 0;
    });
  }

  it('take their objects with them, and wait for those that a finalizer holds', async () => {
    await make('a');
    await make('b', { finalizers: ['x.io/hold'] });

    await client.delete(definition, { signal });
    await untilNames('b');
    const going = await client.get(definition, { signal });
    await client.patch(named('b'), { metadata: { finalizers: [] } }, { signal });
    await untilGone();

    expect(going.metadata.deletionTimestamp).to.be.a('string');
    const error = await rejection(client.get(named('b'), { signal }));
    expect(error.details).to.include({ kindMissing: true });
  });

  it('end the watches of their kind', async () => {
    const { resourceVersion } = await client.list(WIDGET, { signal });
    const seen: unknown[] = [];
    const watching = (async () => {
      for await (const event of client.watch(WIDGET, { resourceVersion, signal })) seen.push(event);
    })();

    await client.delete(definition, { signal });
    await watching;

    expect(seen).to.deep.equal([]);
  });

  it('go together with a namespace that holds objects of theirs', async () => {
    await make('a');
    await client.delete(definition, { signal });
    await client.delete({ kind: NAMESPACE, name: 'toys' }, { signal });

    await untilGone();
    await until('the namespace is gone', async () => {
      const { items } = await client.list(NAMESPACE, { signal });
      return items.length === 3;
    });
  });
});
