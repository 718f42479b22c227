import { expect } from 'chai';
import { NotFoundError, RejectedByApiError } from '../../src/errors/errors.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { CONFIGURATION } from '../../src/liqo/kinds.ts';
import { SECRET, SHORTCUT } from '../../src/model/kinds.ts';
import type { Outcome, Trigger } from '../../src/model/outcome.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { createShortcut } from './main-server.ts';
import { createSmallWorld, eventually, type SmallWorld } from './small-world.ts';

const { signal } = new AbortController();
const NAME = 'liqo-shortcuts/rome-milan';
const configurationRef = { kind: CONFIGURATION, namespace: 'liqo-tenant-milan', name: 'milan' };

/** Runs are made by hand here: the queue of the engine is never started. */
describe('reconciler', () => {
  let world: SmallWorld;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    world = await createSmallWorld({ clock });
  });

  afterEach(() => world.stop());

  async function startLooking(): Promise<void> {
    await world.engine.start({ signal });
    await world.untilLeaf('rome', 'known');
    await world.untilLeaf('milan', 'known');
  }

  async function wish(): Promise<void> {
    const { resourceVersion } = (await createShortcut(world.main)).metadata;
    await eventually('the engine knows', () =>
      Promise.resolve(
        world.engine.main.shortcut(NAME)?.metadata.resourceVersion === resourceVersion,
      ),
    );
  }

  function reconcile(trigger: Trigger = 'cluster-change', name = NAME): Promise<Outcome> {
    return world.engine.reconciler.reconcile(name, { signal, trigger });
  }

  /** Runs until the connection stands, as events would make it. */
  async function settle(): Promise<void> {
    await eventually('Connected', async () => {
      await reconcile();
      await clock.advance(100);
      return (await world.readyReason()) === 'Connected';
    });
  }

  async function stopLiqo(): Promise<void> {
    for (const { liqo } of Object.values(world.leaves)) await liqo.stop();
  }

  it('has nothing to do for a Shortcut that is gone, and forgets it', async () => {
    await startLooking();
    const memory = world.engine.memories.of(NAME);

    expect(await reconcile()).to.deep.equal({ kind: 'settled' });
    expect(world.engine.memories.of(NAME)).not.to.equal(memory);
  });

  it('writes what can be written, says what it waits for, and waits for nothing itself', async () => {
    await stopLiqo();
    await startLooking();
    await wish();

    expect(await reconcile()).to.deep.equal({ kind: 'settled' });

    const { status, metadata } = (await world.shortcut())!;
    expect(metadata.finalizers).to.deep.equal(['shortcuts.liqo.io/disconnect']);
    expect(status?.sides?.some(({ waitingFor }) => waitingFor !== '')).to.be.true;
    expect(await world.ours('rome')).not.to.be.empty;
    expect(world.engine.memories.of(NAME).last?.plan.waits).not.to.be.empty;
  });

  it('writes nothing in a second run', async () => {
    await stopLiqo();
    await startLooking();
    await wish();
    await reconcile();
    world.resetRequests();

    await reconcile('schedule');

    expect(world.writes()).to.equal(0);
  });

  it('only plans when it is asked for a plan', async () => {
    await startLooking();
    await wish();
    world.resetRequests();

    const shortcut = world.engine.main.shortcut(NAME)!;
    const { plan } = await world.engine.reconciler.plan(shortcut, { signal, trigger: 'manual' });

    expect(plan.actions.map(({ kind }) => kind)).to.include('apply');
    expect(world.writes()).to.equal(0);
  });

  it('tries again later when a write failed in a way that may pass', async () => {
    await startLooking();
    await wish();
    world.leaf('rome').server.faults.forbidden(true, { verb: 'patch' });

    expect(await reconcile()).to.deep.equal({ kind: 'backoff' });
    expect(await world.readyReason()).to.equal('LeafForbidden');
  });

  it('tries again later when the main cluster refuses', async () => {
    await startLooking();
    await wish();
    world.main.faults.forbidden(true, { verb: 'patch' });

    expect(await reconcile()).to.deep.equal({ kind: 'backoff' });
    expect(await world.ours('rome')).to.be.empty;
  });

  it('ends quietly when it is called off', async () => {
    await startLooking();
    await wish();
    world.log.length = 0;

    const outcome = await world.engine.reconciler.reconcile(NAME, {
      signal: AbortSignal.abort(),
      trigger: 'manual',
    });

    expect(outcome).to.deep.equal({ kind: 'settled' });
    expect(world.log.join()).not.to.include('failed');
  });

  describe('with a leaf that refuses an object for good', () => {
    let attempts: number;

    beforeEach(async () => {
      attempts = 0;
      const connect = world.clientOf.bind(world);
      world.clientOf = (cluster) => refusing(connect(cluster), () => (attempts += 1));
      await startLooking();
      await wish();
    });

    function refusing(client: KubeClient, onAttempt: () => void): KubeClient {
      const apply = client.apply.bind(client);
      client.apply = (kind, object, options) => {
        if (kind !== CONFIGURATION) return apply(kind, object, options);
        onAttempt();
        return Promise.reject(new RejectedByApiError('refused: spec.remote'));
      };
      return client;
    }

    it('is stalled, and says why', async () => {
      expect(await reconcile()).to.deep.equal({ kind: 'stalled' });

      const { conditions = [], phase } = (await world.shortcut())!.status!;
      expect(phase).to.equal('Stalled');
      expect(conditions.find(({ type }) => type === 'Stalled')).to.include({ reason: 'Rejected' });
    });

    it('does not ask again, and still says so', async () => {
      await reconcile();
      const before = attempts;

      expect(await reconcile()).to.deep.equal({ kind: 'stalled' });
      expect(attempts).to.equal(before);
      expect(await world.readyReason()).to.equal('Rejected');
    });

    it('asks again with the slow look at everything: the leaf may have been upgraded', async () => {
      await reconcile();
      const before = attempts;

      await reconcile('schedule');

      expect(attempts).to.equal(2 * before);
    });
  });

  it('asks for a key that does not come later each time, at most every five seconds', async () => {
    const connect = world.clientOf.bind(world);
    world.clientOf = (cluster) => withoutSecrets(connect(cluster));
    await startLooking();
    await wish();
    await eventually('only keys are missing', async () => {
      const outcome = await reconcile();
      return outcome.kind === 'retryAfter';
    });

    const pauses: number[] = [];
    for (let run = 0; run < 9; run += 1) {
      const outcome = await reconcile();
      if (outcome.kind === 'retryAfter') pauses.push(outcome.ms);
    }

    expect(pauses).to.deep.equal([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  function withoutSecrets(client: KubeClient): KubeClient {
    const get = client.get.bind(client);
    client.get = (objectRef, options) =>
      objectRef.kind === SECRET
        ? Promise.reject(new NotFoundError('not made yet'))
        : get(objectRef, options);
    return client;
  }

  it('slows down when somebody keeps changing what is ours', async () => {
    await startLooking();
    await wish();
    await settle();
    const kubectl = world.leaf('rome').server.client({ fieldManager: 'kubectl-edit' });
    const outcomes: Outcome[] = [];

    for (let edit = 1; edit <= 4; edit += 1) {
      const body = { spec: { remote: { cidr: { pod: [`10.${edit}.0.0/16`] } } } };
      const { resourceVersion } = (await kubectl.patch(configurationRef, body, { signal }))
        .metadata;
      await eventually('the edit is seen', () => {
        const { mirror } = world.engine.registry.get('rome')!.leaf!;
        const seen = mirror?.get('configurations', configurationRef.namespace, 'milan');
        return Promise.resolve(Number(seen?.metadata.resourceVersion) >= Number(resourceVersion));
      });
      outcomes.push(await reconcile());
    }

    expect(outcomes.map(({ kind }) => kind).slice(0, 3)).not.to.include('retryAfter');
    expect(outcomes[3]).to.deep.equal({ kind: 'retryAfter', ms: 5_000 });
  });

  it('lets a Shortcut go that was never carried out', async () => {
    await startLooking();
    await wish();
    const ref = { kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-milan' };
    const finalizers = ['shortcuts.liqo.io/disconnect', 'somebody.example/else'];
    await world.main.client().patch(ref, { metadata: { finalizers } }, { signal });
    await world.main.client().delete(ref, { signal });
    await eventually('the engine knows', () =>
      Promise.resolve(world.engine.main.shortcut(NAME)?.metadata.deletionTimestamp !== undefined),
    );

    expect(await reconcile()).to.deep.equal({ kind: 'settled' });
    expect((await world.shortcut())?.metadata.finalizers).to.deep.equal(['somebody.example/else']);

    world.resetRequests();
    await eventually('the engine knows', () =>
      Promise.resolve(world.engine.main.shortcut(NAME)?.metadata.finalizers?.length === 1),
    );
    expect(await reconcile()).to.deep.equal({ kind: 'settled' });
    expect(world.main.requests.snapshot().writes).to.equal(0);
  });
});
