import { expect } from 'chai';
import { ClusterUnreachableError, NotFoundError } from '../../src/errors/errors.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { writeStatus } from '../../src/status/write-status.ts';
import { createMainServer, createShortcut } from '../reconcile/main-server.ts';
import { without } from './without.ts';

const { signal } = new AbortController();
const ref = { kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-milan' };

describe('writeStatus', () => {
  let server: ApiServer;
  let stored: KubeObject;

  beforeEach(async () => {
    server = await createMainServer();
    stored = await createShortcut(server);
    server.requests.reset();
  });

  function write(status: Readonly<Record<string, unknown>>, object = stored) {
    const writer = server.client({ outside: true });
    return writeStatus({ writer, kind: SHORTCUT, object, status, signal });
  }

  it('writes a status and returns what is stored', async () => {
    const written = await write({ phase: 'Progressing', key: 'milan--rome' });

    expect(written?.['status']).to.deep.equal({ phase: 'Progressing', key: 'milan--rome' });
    expect(await server.client().get(ref, { signal })).to.deep.equal(written);
  });

  it('sends nothing when the status is there already', async () => {
    const written = await write({ phase: 'Ready', serverReason: undefined });
    server.requests.reset();

    const again = await write({ phase: 'Ready', serverReason: undefined }, written);

    expect(again).to.equal(written);
    expect(server.requests.snapshot().total).to.equal(0);
  });

  it('sends nothing for an empty status where there is none', async () => {
    expect(await write({})).to.equal(stored);
    expect(server.requests.snapshot().total).to.equal(0);
  });

  it('takes away what the new status does not say', async () => {
    const written = await write({ phase: 'Ready', key: 'milan--rome' });

    const again = await write({ key: 'milan--rome' }, written);

    expect(again?.['status']).to.deep.equal({ key: 'milan--rome' });
  });

  it('leaves the spec alone', async () => {
    const written = await write({ phase: 'Ready' });

    expect(written?.['spec']).to.deep.equal(stored['spec']);
    expect(written?.metadata.generation).to.equal(stored.metadata.generation);
  });

  it('takes an object that is gone for what it is: no error, and nothing is made again', async () => {
    const metadata = without(stored.metadata, 'uid');
    await server.client().delete(ref, { signal });

    expect(await write({ phase: 'Ready' }, { ...stored, metadata })).to.equal(undefined);
    const { items } = await server.client().list(SHORTCUT, { signal });
    expect(items).to.be.empty;
  });

  it('does not take another object of the same name for the one it was asked to write on', async () => {
    await server.client().delete(ref, { signal });
    await createShortcut(server);

    expect(await write({ phase: 'Ready' })).to.equal(undefined);
  });

  it('does not take a 404 that names no object for its absence', async () => {
    const error = new NotFoundError('the kind is missing', { details: { kindMissing: true } });
    const writer = { ...server.client(), apply: () => Promise.reject(error) };

    const status = { phase: 'Ready' };
    const thrown: unknown = await writeStatus({
      ...{ writer, kind: SHORTCUT, object: stored, status, signal },
    }).catch((caught: unknown) => caught);

    expect(thrown).to.equal(error);
  });

  it('throws what else goes wrong', async () => {
    server.faults.down(true);

    const error: unknown = await write({ phase: 'Ready' }).catch((thrown: unknown) => thrown);

    expect(error).to.be.instanceOf(ClusterUnreachableError);
  });
});
