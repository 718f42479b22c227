import { expect } from 'chai';
import { NotFoundError } from '../../src/errors/errors.ts';
import { createKeyReader, type KeyReader } from '../../src/leaves/key-reader.ts';
import { NAMESPACE, SECRET } from '../../src/model/kinds.ts';
import { type ApiServer, createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { FakeClock } from '../support/fake-clock.ts';

const { signal } = new AbortController();
const ref = { kind: SECRET, namespace: 'liqo-tenant-milan', name: 'gw-milan' };
const PUBLIC = Buffer.alloc(32, 1).toString('base64');
const PRIVATE = Buffer.alloc(32, 2).toString('base64');
const first = { gatewayUID: 'gateway-1', trusted: true, signal };

describe('key reader', () => {
  let leaf: ApiServer;
  let clock: FakeClock;
  let keys: KeyReader;
  let refusals: number;

  beforeEach(async () => {
    // The gateway that owns the Secret is only a UID here.
    leaf = createApiServer({ name: 'rome', collectGarbage: false });
    clock = new FakeClock();
    refusals = 0;
    keys = createKeyReader({
      client: leaf.client({ outside: true }),
      clock,
      onRefusal: () => (refusals += 1),
    });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ref.namespace } };
    await leaf.client().create(NAMESPACE, namespace, { signal });
  });

  async function store(
    data: Readonly<Record<string, string>> | undefined = { publicKey: PUBLIC, privateKey: PRIVATE },
  ) {
    return leaf.client().create(
      SECRET,
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: ref.name,
          namespace: ref.namespace,
          ownerReferences: [
            { apiVersion: 'v1', kind: 'WgGatewayServer', name: 'milan', uid: 'wg-1' },
          ],
        },
        ...(Object.keys(data).length === 0 ? {} : { data }),
      },
      { signal },
    );
  }

  function reads(): number {
    return leaf.requests.snapshot().total;
  }

  it('reads the public half, and whose Secret it is', async () => {
    const { metadata } = await store();

    expect(await keys.read(ref, first)).to.deep.equal({
      kind: 'present',
      name: 'gw-milan',
      uid: metadata.uid,
      ownerUIDs: ['wg-1'],
      publicKey: PUBLIC,
    });
  });

  it('never hands out the private key', async () => {
    await store();

    expect(JSON.stringify(await keys.read(ref, first))).not.to.include(PRIVATE);
  });

  it('has an empty key for a Secret that holds none yet', async () => {
    await store({});

    expect(await keys.read(ref, first)).to.include({ kind: 'present', publicKey: '' });
  });

  it('names no owner where there is none, and asks for nothing but the one Secret', async () => {
    const plain = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: ref.name, namespace: ref.namespace },
    };
    await leaf.client().create(SECRET, plain, { signal });

    expect(await keys.read(ref, first)).to.deep.include({ ownerUIDs: [] });
    expect(leaf.requests.snapshot().byRequest).to.deep.equal({ 'get secrets admin': 1 });
  });

  it('keeps a key as long as its gateway lives: an unchanged world costs no read', async () => {
    await store();
    const found = await keys.read(ref, first);
    await clock.advance(3_600_000);

    expect(await keys.read(ref, first)).to.equal(found);
    expect(reads()).to.equal(1);
  });

  it('looks again for a gateway that was made anew', async () => {
    await store();
    await keys.read(ref, first);

    await keys.read(ref, { ...first, gatewayUID: 'gateway-2' });

    expect(reads()).to.equal(2);
  });

  it('looks again when something says that the key may have changed', async () => {
    await store();
    await keys.read(ref, first);
    await clock.advance(40);

    await keys.read(ref, { ...first, trusted: false });

    expect(reads()).to.equal(2);
  });

  it('believes a key that it saw a moment ago, however many events come in', async () => {
    await store();
    const found = await keys.read(ref, first);
    await clock.advance(39);

    expect(await keys.read(ref, { ...first, trusted: false })).to.equal(found);
    expect(reads()).to.equal(1);
  });

  describe('where there is no gateway', () => {
    const none = { ...first, gatewayUID: undefined };

    it('believes that there is no Secret until there is a gateway', async () => {
      expect(await keys.read(ref, none)).to.deep.equal({ kind: 'absent' });
      await clock.advance(3_600_000);

      expect(await keys.read(ref, none)).to.deep.equal({ kind: 'absent' });
      expect(reads()).to.equal(1);

      await store();
      expect(await keys.read(ref, first)).to.include({ kind: 'present' });
    });

    it('looks again for one that was left until it is gone', async () => {
      await store();
      expect(await keys.read(ref, none)).to.include({ kind: 'present' });
      await clock.advance(39);
      expect(await keys.read(ref, none)).to.include({ kind: 'present' });
      expect(reads()).to.equal(1);
      await leaf.client().delete(ref, { signal });
      await clock.advance(1);

      expect(await keys.read(ref, none)).to.deep.equal({ kind: 'absent' });
    });
  });

  it('says that there is none when it has just looked', async () => {
    expect(await keys.read(ref, first)).to.deep.equal({ kind: 'absent' });
  });

  it('never says so from memory', async () => {
    await keys.read(ref, first);
    await clock.advance(39);

    expect(await keys.read(ref, first)).to.deep.equal({ kind: 'unread' });
    expect(reads()).to.equal(1);
  });

  it('finds a key that comes late', async () => {
    await keys.read(ref, first);
    await store();
    await clock.advance(40);

    expect(await keys.read(ref, first)).to.include({ kind: 'present' });
  });

  describe('when a read fails', () => {
    it('concludes nothing, and says which right is missing', async () => {
      leaf.faults.forbidden(true);

      expect(await keys.read(ref, first)).to.deep.equal({ kind: 'unread' });
      expect(keys.refused()).to.deep.equal({ verb: 'get', ...ref });
      expect(refusals).to.equal(1);
    });

    it('does not fall back on what it knew', async () => {
      await store();
      await keys.read(ref, first);
      await clock.advance(40);
      leaf.faults.down(true);

      expect(await keys.read(ref, { ...first, trusted: false })).to.deep.equal({ kind: 'unread' });
      expect(keys.refused()).to.equal(undefined);
      expect(refusals).to.equal(0);
    });

    it('takes a 404 that names no Secret for no word about it', async () => {
      const error = new NotFoundError('the kind is missing', { details: { kindMissing: true } });
      const client = { ...leaf.client(), get: () => Promise.reject(error) };
      const between = createKeyReader({ client, clock, onRefusal: () => undefined });

      expect(await between.read(ref, first)).to.deep.equal({ kind: 'unread' });
    });

    it('forgets the refusal with the next read that succeeds', async () => {
      leaf.faults.forbidden(true);
      await keys.read(ref, first);
      leaf.faults.forbidden(false);

      expect(await keys.read(ref, first)).to.deep.equal({ kind: 'absent' });
      expect(keys.refused()).to.equal(undefined);
    });

    it('throws when it is called off', async () => {
      const error: unknown = await keys
        .read(ref, { ...first, signal: AbortSignal.abort() })
        .catch((thrown: unknown) => thrown);

      expect(error).to.have.property('name', 'AbortError');
      expect(keys.refused()).to.equal(undefined);
    });
  });
});
