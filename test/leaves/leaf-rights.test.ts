import { expect } from 'chai';
import { createLeaf, type Leaf } from '../../src/leaves/leaf.ts';
import { observeSide } from '../../src/leaves/observe-side.ts';
import { LEAF_RULES, type LeafScope } from '../../src/liqo/leaf-rules.ts';
import { formatRight } from '../../src/model/right.ts';
import type { SideObservation } from '../../src/plan/observation.ts';
import { SECRET } from '../../src/model/kinds.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { aLeafCluster } from '../support/builders/a-leaf-cluster.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { textOf } from '../support/granted-right.ts';
import { grantRights, type LeafGrant, revokeRights, rightsOf } from '../support/leaf-rights.ts';
import { createLeafServer } from './leaf-server.ts';
import { until } from './until.ts';

const SCOPES: readonly LeafScope[] = ['cluster', 'strict', 'namespaced'];
const PEERS = ['milan', 'naples'];

describe('rights on a leaf', () => {
  let server: ApiServer;
  let clock: FakeClock;
  let leaf: Leaf;

  beforeEach(async () => {
    server = await createLeafServer('rome');
    server.addUser('liqo-shortcuts');
    clock = new FakeClock();
  });

  afterEach(() => leaf.stop());

  async function start(grant: LeafGrant, peers: readonly string[] = PEERS): Promise<void> {
    await grantRights(server.client(), { peers, ...grant });
    startLeaf(peers);
  }

  function startLeaf(peers: readonly string[]): void {
    leaf = createLeaf({
      leafCluster: aLeafCluster(),
      credentials: { server: 'https://rome.example', fingerprint: 'f-1' },
      connect: () => Promise.resolve(server.client({ outside: true, user: 'liqo-shortcuts' })),
      clock,
      random: () => 0.5,
      logger: silentLogger,
      resyncMs: 600_000,
      onChange: () => undefined,
      onStateChange: () => undefined,
    });
    leaf.setPeers(peers.map((id) => ({ id })));
    leaf.start();
  }

  function look(peer: string): SideObservation {
    const leafCluster = aLeafCluster();
    return observeSide('rome', { leafCluster, leaf, state: leaf.state() }, peer);
  }

  function isSettled(peer: string): boolean {
    const side = look(peer);
    return side.kind === 'known' || side.reason !== 'Progressing';
  }

  function untilSettled(peers: readonly string[] = PEERS): Promise<void> {
    return until('all peers can be told', () => peers.every(isSettled));
  }

  for (const scope of SCOPES) {
    describe(`in the scope ${scope}`, () => {
      it('are enough as they are granted', async () => {
        await start({ scope });
        await untilSettled();

        expect(leaf.permissionsMissing()).to.deep.equal([]);
        for (const peer of PEERS) {
          expect(look(peer)).to.include({ kind: 'known' }).and.not.have.property('missingRights');
        }
        expect(leaf.seesEverywhere).to.equal(scope === 'cluster');
      });

      for (const removed of rightsOf({ scope, peers: ['milan'] })) {
        it(`are told when one is missing: ${textOf(removed)}`, async () => {
          const rule = LEAF_RULES.find(
            ({ kinds, verbs }) =>
              verbs.some((verb) => verb === removed.verb) &&
              kinds.some(({ plural }) => plural === removed.resource),
          );
          await start({ scope, without: (right) => textOf(right) === textOf(removed) });
          await until('it is told', () => leaf.permissionsMissing().length > 0);
          await untilSettled();

          expect(leaf.permissionsMissing()).to.deep.equal([textOf(removed)]);
          const milan = look('milan');
          if (rule?.purpose === 'see') {
            expect(milan).to.include({ kind: 'unknown', reason: 'LeafForbidden' });
            expect(milan).to.have.property('message').that.includes(removed.resource);
          } else if (rule?.purpose === 'write') {
            const missing = milan.kind === 'known' ? (milan.missingRights ?? []) : [];
            expect(missing.map(formatRight)).to.deep.equal([textOf(removed)]);
          } else {
            expect(milan).to.include({ kind: 'known' }).and.not.have.property('missingRights');
            expect(leaf.tidyMissing()).to.deep.equal([textOf(removed)]);
          }
          // What is missing in the namespace of one peer is nothing to another.
          if (removed.namespace === 'liqo-tenant-milan') {
            expect(look('naples')).to.include({ kind: 'known' });
            expect(look('naples')).not.to.have.property('missingRights');
          }
        });
      }
    });
  }

  it('are all named when there are none, as the narrowest scope needs them', async () => {
    await start({ scope: 'namespaced', without: () => true }, ['milan']);
    const wanted = rightsOf({ scope: 'namespaced', peers: ['milan'] }).map(textOf);

    await until('all are named', () => leaf.permissionsMissing().length === wanted.length);

    expect(leaf.permissionsMissing()).to.deep.equal(wanted.toSorted());
    expect(server.requests.snapshot().writes).to.equal(0);
  });

  it('are named as narrow as they are needed when the read of a key Secret was refused too', async () => {
    await start({ scope: 'strict', without: ({ resource }) => resource === 'secrets' }, ['milan']);
    await untilSettled(['milan']);
    const ref = { kind: SECRET, namespace: 'liqo-tenant-milan', name: 'gw-milan' };
    const { signal } = new AbortController();

    await leaf.keys?.read(ref, { gatewayUID: undefined, trusted: false, signal });

    const wanted = 'get secrets/gw-milan in namespace liqo-tenant-milan';
    expect(leaf.permissionsMissing()).to.deep.equal([wanted]);
  });

  it('are named for the one namespace that has no binding', async () => {
    await start({ scope: 'strict' });
    await revokeRights(server.client(), 'liqo-shortcuts', 'liqo-tenant-naples');
    const wanted = rightsOf({ scope: 'strict', peers: PEERS })
      .filter(({ namespace }) => namespace === 'liqo-tenant-naples')
      .map(textOf);
    await leaf.stop();
    startLeaf(PEERS);

    await until('all are named', () => leaf.permissionsMissing().length === wanted.length);
    await untilSettled();

    expect(leaf.permissionsMissing()).to.deep.equal(wanted.toSorted());
    expect(leaf.state().kind).to.equal('known');
    expect(look('milan')).to.have.property('kind', 'known');
    expect(look('naples')).to.include({ kind: 'unknown', reason: 'LeafForbidden' });
  });

  it('ask for a tenant namespace that nobody made, where it may not be made', async () => {
    await start({ scope: 'strict' }, ['milan']);
    await untilSettled(['milan']);

    leaf.setPeers([{ id: 'milan' }, { id: 'turin' }]);
    await untilSettled(['milan', 'turin']);

    expect(leaf.permissionsMissing()).to.deep.equal(['create namespaces', 'patch namespaces']);
    expect(look('milan')).not.to.have.property('missingRights');
  });

  it('are taken in half a minute after they were granted, at the latest', async () => {
    await start({ scope: 'strict', without: ({ verb }) => verb === 'delete' }, ['milan']);
    await until('it is told', () => leaf.permissionsMissing().length === 4);
    await clock.advance(600_000);
    await until('still', () => leaf.permissionsMissing().length === 4);

    await grantRights(server.client(), { scope: 'strict', peers: ['milan'] });
    await clock.advance(30_000);

    await until('granted', () => leaf.permissionsMissing().length === 0);
  });

  it('that reach everywhere are found out with the next slow look', async () => {
    await start({ scope: 'strict' });
    await untilSettled();
    expect(leaf.seesEverywhere).to.equal(false);

    await grantRights(server.client(), { scope: 'cluster' });
    await clock.advance(660_000);

    await until('it sees everywhere', () => leaf.seesEverywhere && leaf.state().kind === 'known');
    await until('nine watches', () => server.requests.snapshot().watchesOpenNow === 9);
    expect(look('milan')).to.have.property('kind', 'known');
  });

  it('that are taken away everywhere leave those in the tenant namespaces', async () => {
    await grantRights(server.client(), { scope: 'cluster' });
    startLeaf(PEERS);
    await untilSettled();

    await grantRights(server.client(), { scope: 'strict', peers: PEERS });
    server.faults.expireWatches();
    await clock.advance(60_000);
    await until('it sees tenant namespaces alone', () => !leaf.seesEverywhere);
    await untilSettled();

    expect(leaf.permissionsMissing()).to.deep.equal([]);
    for (const peer of PEERS) expect(look(peer)).to.have.property('kind', 'known');
  });

  describe('cost', () => {
    const reviews = (): number =>
      server.requests.snapshot().byRequest['create selfsubjectaccessreviews liqo-shortcuts'] ?? 0;

    it('17 questions where they reach everywhere, and nothing while nothing changes', async () => {
      await start({ scope: 'cluster' });
      await untilSettled();

      expect(reviews()).to.equal(17);
      server.requests.reset();
      await clock.advance(300_000);
      expect(server.requests.snapshot().total).to.equal(0);
    });

    it('35 questions where they do not, and 13 for each tenant namespace', async () => {
      await start({ scope: 'strict' });
      await until('all watches', () => server.requests.snapshot().watchesOpenNow === 18);
      await settle();
      const two = reviews();
      await grantRights(server.client(), { scope: 'strict', peers: [...PEERS, 'turin'] });
      leaf.setPeers([...PEERS, 'turin'].map((id) => ({ id })));
      await until('all watches', () => server.requests.snapshot().watchesOpenNow === 26);
      await untilSettled([...PEERS, 'turin']);

      expect(two).to.equal(35 + 2 * 13);
      expect(reviews() - two).to.equal(13);
      server.requests.reset();
      await clock.advance(300_000);
      expect(server.requests.snapshot().total).to.equal(0);
    });
  });
});
