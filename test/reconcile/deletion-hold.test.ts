import { expect } from 'chai';

import { ClusterUnreachableError } from '../../src/errors/errors.ts';
import {
  CUSTOM_RESOURCE_DEFINITION,
  NAMESPACE,
  SHORTCUT_DEFINITION,
} from '../../src/model/kinds.ts';
import { ANNOTATION_CONFIRM_DELETION, FINALIZER } from '../../src/model/names.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import { createDeletionHold } from '../../src/reconcile/deletion-hold.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { createShortcutMemory, type ShortcutMemory } from '../../src/status/shortcut-memory.ts';
import { signal } from '../support/scenario-wait.ts';
import { createMainServer, createShortcut } from './main-server.ts';

const namespace = 'liqo-shortcuts';

describe('deletion hold', () => {
  let server: ApiServer;
  let stored: Shortcut;
  let shortcut: Shortcut;
  let memory: ShortcutMemory;

  beforeEach(async () => {
    server = await createMainServer();
    memory = createShortcutMemory();
    stored = await createShortcut(server, { metadata: { finalizers: [FINALIZER] } });
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    shortcut = { ...stored, metadata: { ...stored.metadata, deletionTimestamp } };
    server.requests.reset();
  });
  afterEach(() => server.stop());

  async function reason(): Promise<string | undefined> {
    const hold = createDeletionHold({ client: server.client({ outside: true }), namespace });
    return hold.reasonFor(shortcut, { memory, signal });
  }

  const removeDefinition = () =>
    server
      .client()
      .delete({ kind: CUSTOM_RESOURCE_DEFINITION, name: SHORTCUT_DEFINITION }, { signal });

  it('lets the deletion of a single one pass, and asks once', async () => {
    expect(await reason()).to.equal(undefined);
    expect(await reason()).to.equal(undefined);

    expect(server.requests.snapshot().reads).to.equal(2);
  });

  it('goes on with what was meant, though the definition goes after it', async () => {
    await reason();
    await removeDefinition();

    expect(await reason()).to.equal(undefined);
  });

  it('asks nothing about a Shortcut that stays', async () => {
    shortcut = stored;

    expect(await reason()).to.equal(undefined);
    expect(server.requests.snapshot().total).to.equal(0);
  });

  it('holds what goes with its definition, and asks once', async () => {
    await removeDefinition();

    const [first, second] = [await reason(), await reason()];

    expect(first).to.include(`CustomResourceDefinition/${SHORTCUT_DEFINITION} is being deleted`);
    expect(second).to.equal(first);
    expect(server.requests.snapshot().reads).to.equal(2);
  });

  it('holds what goes with its namespace', async () => {
    await server.client().delete({ kind: NAMESPACE, name: namespace }, { signal });

    expect(await reason()).to.include(`Namespace/${namespace} is being deleted`);
  });

  it('lets pass what a person confirms', async () => {
    await removeDefinition();
    const annotations = { [ANNOTATION_CONFIRM_DELETION]: 'true' };
    shortcut = { ...shortcut, metadata: { ...shortcut.metadata, annotations } };

    expect(await reason()).to.equal(undefined);
  });

  it('judges the next Shortcut of the name by itself', async () => {
    await reason();
    await removeDefinition();
    shortcut = { ...shortcut, metadata: { ...shortcut.metadata, uid: 'another' } };

    expect(await reason()).to.include('is being deleted');
  });

  it('holds it while it may not look, names what it may not, and asks again', async () => {
    server.faults.forbidden(true, { resource: 'customresourcedefinitions' });
    const held = await reason();
    server.faults.forbidden(false);

    expect(held).to.include(`get CustomResourceDefinition/${SHORTCUT_DEFINITION}`);
    expect(await reason()).to.equal(undefined);
  });

  it('concludes nothing from a look that failed', async () => {
    server.faults.down(true);

    const error = await reason().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ClusterUnreachableError);
    expect(memory.deletion).to.equal(undefined);
  });
});
