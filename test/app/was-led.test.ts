import { expect } from 'chai';

import { wasLed } from '../../src/app/was-led.ts';
import { ClusterForbiddenError } from '../../src/errors/errors.ts';
import { LEAF_CLUSTER } from '../../src/model/kinds.ts';
import { FINALIZER } from '../../src/model/names.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { createMainServer, createShortcut } from '../reconcile/main-server.ts';
import { signal } from '../support/scenario-wait.ts';

const namespace = 'liqo-shortcuts';

describe('wasLed', () => {
  let server: ApiServer;

  beforeEach(async () => {
    server = await createMainServer();
  });
  afterEach(() => server.stop());

  async function look(): Promise<boolean> {
    return wasLed(server.client({ outside: true }), namespace, { signal });
  }

  it('says no where there are wishes only', async () => {
    await createShortcut(server);

    expect(await look()).to.equal(false);
  });

  it('says yes where a shortcut has a finalizer of ours', async () => {
    await createShortcut(server, { metadata: { finalizers: [FINALIZER] } });

    expect(await look()).to.equal(true);
  });

  it('says yes where a leaf has a status', async () => {
    const { apiVersion, kind } = LEAF_CLUSTER;
    const metadata = { namespace, name: 'rome' };
    const spec = { kubeconfigSecretRef: { name: 'rome-kubeconfig' } };
    const client = server.client();
    await client.create(LEAF_CLUSTER, { apiVersion, kind, metadata, spec }, { signal });
    const ref = { kind: LEAF_CLUSTER, ...metadata, subresource: 'status' as const };
    await client.patch(ref, { status: { shortcuts: 0 } }, { signal });

    expect(await look()).to.equal(true);
  });

  it('says nothing where it may not look', async () => {
    server.faults.forbidden(true);

    const error = await look().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ClusterForbiddenError);
  });
});
