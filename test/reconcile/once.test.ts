import { expect } from 'chai';
import { GitUnreachableError, TimeoutError } from '../../src/errors/errors.ts';
import type { Source } from '../../src/git/source.ts';
import type { LeaderElector } from '../../src/kube/leader-elector.ts';
import { createSoleLeader } from '../../src/kube/sole-leader.ts';
import { createMirror, type Mirror } from '../../src/mirror/mirror.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import {
  applyOnce,
  type ApplyOnceOptions,
  dryRunOnce,
  type OnceOptions,
} from '../../src/reconcile/once.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { createMemorySource, leafFile, shortcutFile } from './memory-source.ts';
import { createShortcut, writeKubeconfig } from './main-server.ts';
import { without } from '../status/without.ts';
import { createSmallWorld, type SmallWorld } from './small-world.ts';

const { signal } = new AbortController();
const FLEET = {
  'leaves/milan.yaml': leafFile('milan'),
  'leaves/rome.yaml': leafFile('rome'),
  'shortcuts/rome-milan.yaml': shortcutFile('rome', 'milan'),
};

describe('a single pass', () => {
  let world: SmallWorld;
  let progress: string[];

  beforeEach(async () => {
    world = await createSmallWorld({ registered: [] });
    for (const leaf of ['rome', 'milan']) await writeKubeconfig(world.main, leaf, leaf);
    progress = [];
    world.resetRequests();
  });

  afterEach(() => world.stop());

  function mirrorOf(source: Source, isDryRun: boolean): Mirror {
    const { main } = world.engine;
    return createMirror({
      source,
      sourceName: 'fleet',
      namespace: 'liqo-shortcuts',
      actual: () => [...main.shortcuts(), ...main.leafClusters()],
      writer: isDryRun ? undefined : main.client,
      guard: { maxDeletions: 5, maxDeletionsPercent: 30 },
      clock: systemClock,
      logger: silentLogger,
    });
  }

  function optionsFor(
    source: Source,
    { isDryRun = false, ...overrides }: Partial<OnceOptions> & { isDryRun?: boolean } = {},
  ): Omit<ApplyOnceOptions, 'wait'> {
    const { engine } = world;
    return {
      engine,
      elector: createSoleLeader({ identity: 'alone', onChange: () => engine.work() }),
      mirror: mirrorOf(source, isDryRun),
      clock: systemClock,
      timeoutMs: 10_000,
      onProgress: (line) => progress.push(line),
      signal,
      ...overrides,
    };
  }

  function thrownBy(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  describe('that only looks', () => {
    it('plans what a repository would do to main cluster and leaves, and writes nothing', async () => {
      // The registrations are only wished for as well: their Secrets are there.
      const { mirrored, plans } = await dryRunOnce(
        optionsFor(createMemorySource(FLEET), { isDryRun: true }),
      );

      expect(mirrored.plan.actions.map(({ action }) => action)).to.deep.equal([
        'create',
        'create',
        'create',
      ]);
      const objects = plans.flatMap(({ actions }) =>
        actions.map(({ cluster, ref }) => `${cluster} ${ref.kind.kind}`),
      );
      expect(objects).to.include('rome Namespace').and.include('milan Namespace');
      expect(world.writes()).to.equal(0);
    });

    it('says what blocks a shortcut', async () => {
      world.leaf('milan').server.faults.down(true);

      const { results } = await dryRunOnce(
        optionsFor(createMemorySource(FLEET), { isDryRun: true }),
      );

      expect(results).to.have.lengthOf(1);
      expect(results[0]).to.include({
        resource: 'Shortcut/liqo-shortcuts/rome-milan',
        ready: 'Unknown',
        reason: 'LeafUnreachable',
      });
      expect(progress.join()).to.include('leaf milan');
    });

    it('says for good what a person has to mend', async () => {
      await applyOnce({ ...optionsFor(createMemorySource(FLEET)), wait: true });
      await world.engine.stop();
      world.engine = world.createEngine();
      const spec = { clusters: ['milan', 'rome'] } as const;
      await createShortcut(world.main, { metadata: { name: 'z-by-hand' }, spec });

      const { results } = await dryRunOnce(
        optionsFor(createMemorySource(FLEET), { isDryRun: true }),
      );

      const byHand = results.find(({ resource }) => resource.endsWith('z-by-hand'));
      expect(byHand).to.include({ ready: 'False', reason: 'DuplicatePair' });
    });

    it('plans what a deletion would take away', async () => {
      await applyOnce({ ...optionsFor(createMemorySource(FLEET)), wait: true });
      await world.engine.stop();
      world.engine = world.createEngine();
      world.resetRequests();
      const leavesOnly = without(FLEET, 'shortcuts/rome-milan.yaml');

      const { plans } = await dryRunOnce(
        optionsFor(createMemorySource(leavesOnly), { isDryRun: true }),
      );

      const kinds = plans.flatMap(({ actions }) => actions.map(({ kind }) => kind));
      expect(kinds).not.to.be.empty;
      expect(new Set(kinds)).to.deep.equal(new Set(['delete']));
      expect(world.writes()).to.equal(0);
    });
  });

  describe('that writes', () => {
    it('waits until everything is Ready, and tells how it gets there', async () => {
      const { results } = await applyOnce({ ...optionsFor(createMemorySource(FLEET)), wait: true });

      expect(results).to.have.lengthOf(1);
      expect(results[0]).to.include({ ready: 'True', reason: 'Connected' });
      expect(progress.at(-1)).to.include('Connected');
      expect(new Set(progress).size).to.equal(progress.length);
    });

    it('does not wait unless it is told to', async () => {
      for (const { liqo } of Object.values(world.leaves)) await liqo.stop();

      const { results } = await applyOnce({
        ...optionsFor(createMemorySource(FLEET)),
        wait: false,
      });

      expect(results[0]?.ready).to.equal('False');
      expect(await world.ours('rome')).not.to.be.empty;
    });

    it('gives up waiting in time, and says how far it got', async () => {
      for (const { liqo } of Object.values(world.leaves)) await liqo.stop();
      const source = createMemorySource(FLEET);

      const { results } = await applyOnce({
        ...optionsFor(source, { timeoutMs: 500 }),
        wait: true,
      });

      expect(results[0]?.ready).to.equal('False');
      expect(progress.at(-1)).to.include('timed out');
    });

    it('does not wait for what is suspended', async () => {
      const suspended = shortcutFile('rome', 'milan').replace('server: auto', 'suspend: true');
      const source = createMemorySource({ ...FLEET, 'shortcuts/rome-milan.yaml': suspended });

      const { results } = await applyOnce({ ...optionsFor(source), wait: true });

      expect(results[0]).to.include({ reason: 'Suspended' });
    });

    it('waits until what is deleted is gone', async () => {
      await applyOnce({ ...optionsFor(createMemorySource(FLEET)), wait: true });
      await world.engine.stop();
      world.engine = world.createEngine();
      const leavesOnly = without(FLEET, 'shortcuts/rome-milan.yaml');

      const { results } = await applyOnce({
        ...optionsFor(createMemorySource(leavesOnly)),
        wait: true,
      });

      expect(results).to.deep.equal([]);
      expect(await world.ours('rome')).to.deep.equal([]);
      expect((await world.main.client().list(SHORTCUT, { signal })).items).to.be.empty;
    });
  });

  describe('that cannot begin', () => {
    it('throws why the main cluster cannot be read', async () => {
      world.main.faults.forbidden(true);
      const options = optionsFor(createMemorySource(FLEET));

      const error = await thrownBy(applyOnce({ ...options, wait: false }));

      expect(error).to.have.property('code', 'CLUSTER_FORBIDDEN');
    });

    it('leaves stage two to a service that is alive, and says what that wrote', async () => {
      const service = world.createEngine();
      await service.start({ signal });
      service.work();
      const follower: LeaderElector = {
        identity: 'this',
        start: () => undefined,
        leadership: () => ({ role: 'follower', leader: 'turin-a' }),
        rival: () => 'turin-a',
        mayWrite: () => false,
        stop: () => Promise.resolve(),
      };

      const { results } = await applyOnce({
        ...optionsFor(createMemorySource(FLEET)),
        elector: follower,
        wait: true,
      });

      expect(results[0]).to.include({ ready: 'True', reason: 'Connected' });
      expect(progress[0]).to.include('"turin-a"');
      expect(world.engine.memories.of('liqo-shortcuts/rome-milan').last).to.equal(undefined);
      await service.stop();
    });

    it('throws when the main cluster does not answer in time', async () => {
      world.main.faults.hang(true);
      const options = optionsFor(createMemorySource(FLEET), { timeoutMs: 100 });

      expect(await thrownBy(applyOnce({ ...options, wait: false }))).to.be.instanceOf(TimeoutError);
    });

    it('throws why the source cannot be read, and touches nothing', async () => {
      const failure = new GitUnreachableError('no answer');
      const source = { ...createMemorySource(FLEET), resolve: () => Promise.reject(failure) };

      const error = await thrownBy(applyOnce({ ...optionsFor(source), wait: false }));

      expect(error).to.equal(failure);
      expect(world.writes()).to.equal(0);
    });

    it('ends when it is called off', async () => {
      world.main.faults.hang(true);
      const callOff = new AbortController();
      const options = optionsFor(createMemorySource(FLEET), { signal: callOff.signal });
      const running = thrownBy(dryRunOnce(options));

      callOff.abort();

      expect(await running).to.have.property('name', 'AbortError');
    });
  });
});
