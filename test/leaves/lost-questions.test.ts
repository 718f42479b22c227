import { expect } from 'chai';
import { ClusterUnreachableError } from '../../src/errors/errors.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { createLeaf, type Leaf } from '../../src/leaves/leaf.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { aLeafCluster } from '../support/builders/a-leaf-cluster.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { grantRights, type LeafGrant } from '../support/leaf-rights.ts';
import { createLeafServer } from './leaf-server.ts';

const RESYNC_MS = 600_000;
/** A lost question is asked again after a second, then after two more, and so on. */
const SOON_MS = 40_000;

describe('questions to a leaf that get lost on the way', () => {
  let server: ApiServer;
  let clock: FakeClock;
  let leaf: Leaf;
  let asked: number;
  /** Says of each question, counted from 1, whether it gets lost. */
  let isLost: (question: number) => boolean;

  beforeEach(async () => {
    server = await createLeafServer('rome');
    server.addUser('liqo-shortcuts');
    clock = new FakeClock();
    asked = 0;
    isLost = () => false;
  });

  afterEach(() => leaf.stop());

  function lossy(client: KubeClient): KubeClient {
    const pass = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
      asked += 1;
      if (isLost(asked)) throw new ClusterUnreachableError('the answer got lost');
      return ask();
    };
    const isAllowed = client.isAllowed.bind(client);
    const get = client.get.bind(client);
    client.isAllowed = (right, options) => pass(() => isAllowed(right, options));
    client.get = (ref, options) =>
      ref.kind === NAMESPACE ? pass(() => get(ref, options)) : get(ref, options);
    return client;
  }

  async function start(grant: LeafGrant): Promise<void> {
    await grantRights(server.client(), { peers: ['milan'], ...grant });
    leaf = createLeaf({
      leafCluster: aLeafCluster(),
      credentials: { server: 'https://rome.example', fingerprint: 'f-1' },
      connect: () =>
        Promise.resolve(lossy(server.client({ outside: true, user: 'liqo-shortcuts' }))),
      clock,
      random: () => 1,
      logger: silentLogger,
      resyncMs: RESYNC_MS,
      onChange: () => undefined,
      onStateChange: () => undefined,
    });
    leaf.setPeers([{ id: 'milan' }]);
    leaf.start();
  }

  /** Lets time pass in small steps, each with room for what goes on without it. */
  async function soon(what: string, isSo: () => boolean): Promise<void> {
    for (let ms = 0; ms < SOON_MS; ms += 500) {
      for (let turn = 0; turn < 30; turn += 1) await settle();
      if (isSo()) return;
      await clock.advance(500);
    }
    throw new Error(`did not happen in time: ${what}`);
  }

  function untilClear(peer = 'milan'): Promise<void> {
    return soon(`${peer} can be told`, () => {
      const sight = leaf.sightOf(peer);
      return sight.kind === 'clear' && sight.missing.length === 0 && leaf.state().kind === 'known';
    });
  }

  for (const scope of ['cluster', 'strict', 'namespaced'] as const) {
    it(`are all that is asked again, in the scope ${scope}`, async () => {
      isLost = (question) => question % 5 === 0;
      await start({ scope });

      await untilClear();
      expect(leaf.permissionsMissing()).to.deep.equal([]);
    });
  }

  it('do not hold up those about a new peer, when everything is asked again', async () => {
    await start({ scope: 'strict', peers: ['milan', 'turin'] });
    await untilClear();

    isLost = (question) => question % 5 === 0;
    await clock.advance(RESYNC_MS);
    leaf.setPeers([{ id: 'milan' }, { id: 'turin' }]);

    await untilClear('turin');
  });

  it('are not forgotten when they were asked because a write was refused', async () => {
    await start({ scope: 'cluster' });
    await untilClear();
    await grantRights(server.client(), {
      scope: 'cluster',
      without: ({ verb }) => verb === 'delete',
    });

    const before = asked;
    isLost = (question) => question === before + 1;
    leaf.doubtRights();

    const right = 'delete gatewayservers.networking.liqo.io';
    await soon('it is told', () => leaf.permissionsMissing().includes(right));
  });

  it('are not forgotten when they were about a tenant namespace', async () => {
    await start({ scope: 'namespaced', without: ({ resource }) => resource === 'namespaces' });
    await soon('milan is refused', () => leaf.sightOf('milan').kind === 'refused');

    await grantRights(server.client(), { scope: 'namespaced', peers: ['milan'] });
    const before = asked;
    isLost = (question) => question < before + 3;

    await untilClear();
  });
});
