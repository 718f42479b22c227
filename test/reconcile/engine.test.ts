import { expect } from 'chai';
import { CONFIGURATION, CONNECTION } from '../../src/liqo/kinds.ts';
import { LEAF_CLUSTER, SECRET, SHORTCUT } from '../../src/model/kinds.ts';
import { createShortcut } from './main-server.ts';
import {
  createHurriedClock,
  createSmallWorld,
  eventually,
  type SmallWorld,
} from './small-world.ts';

const { signal } = new AbortController();
const shortcutRef = { kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-milan' };
const OURS_AS_SERVER = [
  'Namespace/liqo-tenant-rome',
  'Configuration/rome',
  'GatewayServer/rome',
  'PublicKey/rome',
];
const OURS_AS_CLIENT = [
  'Namespace/liqo-tenant-milan',
  'Configuration/milan',
  'GatewayClient/milan',
  'PublicKey/milan',
];

describe('engine', () => {
  let world: SmallWorld;

  beforeEach(async () => {
    world = await createSmallWorld();
  });

  afterEach(() => world.stop());

  /** A Shortcut that is made while the engine runs, until it is Ready. */
  async function wish(): Promise<void> {
    await createShortcut(world.main);
    await world.untilReason('Connected');
    await world.engine.queue.idle();
  }

  async function connect(): Promise<void> {
    await world.startKnown();
    await wish();
  }

  async function remove(): Promise<void> {
    await world.main.client().delete(shortcutRef, { signal });
  }

  function gone(): Promise<void> {
    return eventually('the Shortcut is gone', async () => (await world.shortcut()) === undefined);
  }

  it('makes a connection out of a Shortcut, and tells everything about it', async () => {
    await connect();

    const { status } = (await world.shortcut())!;
    expect(status).to.include({ phase: 'Ready', key: 'milan--rome', observedGeneration: 1 });
    const [rome, milan] = status?.sides ?? [];
    expect([rome?.role, milan?.role]).to.deep.equal(['Client', 'Server']);
    expect([rome?.connection?.status, milan?.connection?.status]).to.deep.equal([
      'Connected',
      'Connected',
    ]);
    expect(rome?.cidrs?.pod).to.deep.equal(['10.200.0.0/16']);
    expect(rome?.seenAs?.pod).not.to.deep.equal(rome?.cidrs?.pod);
    expect(await world.ours('milan')).to.deep.equal(OURS_AS_SERVER);
    expect(await world.ours('rome')).to.deep.equal(OURS_AS_CLIENT);
  });

  it('writes each of the eight objects once', async () => {
    await world.startKnown();
    world.resetRequests();

    await wish();

    const writes = ['rome', 'milan'].map(
      (name) => world.leaf(name).server.requests.snapshot().writes,
    );
    expect(writes).to.deep.equal([4, 4]);
  });

  it('writes nothing more once everything is in place, whatever makes it look', async () => {
    await connect();
    world.resetRequests();

    for (const trigger of ['schedule', 'manual', 'cluster-change'] as const) {
      world.engine.addAll(trigger);
      await world.engine.queue.idle();
    }

    expect(world.writes()).to.equal(0);
  });

  it('spends no request on the refreshing of connections', async () => {
    await connect();
    world.resetRequests();

    await refreshed(world, 5);

    expect(world.writes()).to.equal(0);
    expect(world.main.requests.snapshot().total).to.equal(0);
    expect(world.leaf('rome').server.requests.snapshot().reads).to.equal(0);
  });

  it('has the finalizer on the Shortcut before it writes anything on a leaf', async () => {
    world.main.faults.forbidden(true, { verb: 'patch', resource: 'shortcuts' });
    await createShortcut(world.main);
    await world.startKnown();
    await eventually('it was tried', () =>
      Promise.resolve(world.log.some((line) => line.includes('Reconciling shortcut failed'))),
    );

    expect(await world.ours('rome')).to.deep.equal([]);
    expect(await world.ours('milan')).to.deep.equal([]);
  });

  it('takes everything back when the Shortcut is deleted, and only then lets it go', async () => {
    await connect();

    await remove();
    await gone();

    expect(await world.ours('rome')).to.deep.equal([]);
    expect(await world.ours('milan')).to.deep.equal([]);
  });

  it('finishes what another process began', async () => {
    await connect();
    await world.engine.stop();
    await remove();
    expect((await world.shortcut())?.metadata.deletionTimestamp).not.to.equal(undefined);

    world.engine = world.createEngine();
    await world.start();
    await gone();

    expect(await world.ours('rome')).to.deep.equal([]);
  });

  it('writes nothing after a restart', async () => {
    await connect();
    await world.engine.stop();
    world.resetRequests();

    world.engine = world.createEngine();
    await world.startKnown();
    world.engine.addAll('schedule');
    await world.engine.queue.idle();

    expect(world.writes()).to.equal(0);
  });

  it('puts back what somebody changed on an object of ours, and says who it was', async () => {
    await connect();
    const ref = { kind: CONFIGURATION, namespace: 'liqo-tenant-milan', name: 'milan' };
    const body = { spec: { remote: { cidr: { pod: ['10.99.0.0/16'] } } } };

    const kubectl = world.leaf('rome').server.client({ fieldManager: 'kubectl-edit' });
    await kubectl.patch(ref, body, { signal });
    await eventually('it is put back', async () => {
      const { spec } = await world.leaf('rome').server.client().get(ref, { signal });
      return JSON.stringify(spec).includes('10.200.0.0/16');
    });
    await world.untilReason('Connected');

    const { history } = world.engine.memories.of('liqo-shortcuts/rome-milan');
    expect(history.find(({ reason }) => reason === 'Drift')?.message).to.include('"kubectl-edit"');
  });

  it('makes again what somebody deleted', async () => {
    await connect();
    const ref = { kind: CONFIGURATION, namespace: 'liqo-tenant-milan', name: 'milan' };
    await world.leaf('rome').server.client().delete(ref, { signal });

    await eventually('it is back', async () => (await world.ours('rome')).length === 4);
    await world.untilReason('Connected');
  });

  describe('with two Shortcuts for one pair', () => {
    it('carries the older out, and refuses the younger', async () => {
      await connect();
      await createShortcut(world.main, {
        metadata: { name: 'z-milan-rome' },
        spec: { clusters: ['milan', 'rome'] },
      });

      await world.untilReason('DuplicatePair', 'z-milan-rome');

      expect(await world.readyReason()).to.equal('Connected');
      expect((await world.shortcut('z-milan-rome'))?.status?.phase).to.equal('Stalled');
    });

    it('lets the younger take over when the older goes', async () => {
      await connect();
      await createShortcut(world.main, {
        metadata: { name: 'z-milan-rome' },
        spec: { clusters: ['milan', 'rome'] },
      });
      await world.untilReason('DuplicatePair', 'z-milan-rome');

      await remove();

      await world.untilReason('Connected', 'z-milan-rome');
      expect(await world.shortcut()).to.equal(undefined);
    });

    it('lets the younger go without touching what is the older one’s', async () => {
      await connect();
      await createShortcut(world.main, {
        metadata: { name: 'z-milan-rome' },
        spec: { clusters: ['milan', 'rome'] },
      });
      await world.untilReason('DuplicatePair', 'z-milan-rome');
      const before = await world.ours('rome');

      await world.main.client().delete({ ...shortcutRef, name: 'z-milan-rome' }, { signal });
      await eventually(
        'it is gone',
        async () => (await world.shortcut('z-milan-rome')) === undefined,
      );

      expect(await world.ours('rome')).to.deep.equal(before);
      expect(await world.readyReason()).to.equal('Connected');
    });
  });

  it('leaves a suspended Shortcut as it is', async () => {
    await connect();
    await world.main.client().patch(shortcutRef, { spec: { suspend: true } }, { signal });
    await world.untilReason('Suspended');
    expect((await world.shortcut())?.status?.phase).to.equal('Suspended');

    await world.main.client().patch(shortcutRef, { spec: { suspend: false } }, { signal });
    await world.untilReason('Connected');
  });

  it('says what is wrong with a leaf that is not registered, and writes nothing on the other', async () => {
    await createShortcut(world.main, { spec: { clusters: ['rome', 'naples'] } });
    await world.start();

    await world.untilReason('LeafUnknown');

    expect(await world.ours('rome')).to.deep.equal([]);
  });

  it('keeps the status of the leaves', async () => {
    await connect();

    await eventually('rome is ready', async () =>
      (await world.leafConditions('rome')).includes('Ready True'),
    );
    const rome = await world.main
      .client()
      .get({ kind: LEAF_CLUSTER, namespace: 'liqo-shortcuts', name: 'rome' }, { signal });
    expect(rome['status']).to.deep.include({
      clusterID: 'rome',
      shortcuts: 1,
      permissionsMissing: [],
    });
  });

  it('gives a leaf up when its Secret goes, and takes it up again when it is back', async () => {
    await connect();
    const ref = { kind: SECRET, namespace: 'liqo-shortcuts', name: 'milan-kubeconfig' };
    const { apiVersion, kind, data } = await world.main.client().get(ref, { signal });

    await world.main.client().delete(ref, { signal });
    await world.untilReason('CredentialInvalid');
    expect(await world.ours('rome')).to.deep.equal(OURS_AS_CLIENT);

    const secret = {
      apiVersion,
      kind,
      metadata: { name: ref.name, namespace: ref.namespace },
      data,
    };
    await world.main.client().create(SECRET, secret, { signal });
    await world.untilReason('Connected');
  });

  it('notices a connection that is lost, and one that comes back', async () => {
    await connect();

    world.network.cut('rome', 'milan', true);
    await world.untilReason('ConnectionLost');
    await eventually('both sides have noticed', async () => {
      return (await world.shortcut())?.status?.phase === 'Down';
    });

    world.network.cut('rome', 'milan', false);
    await world.untilReason('Connected');
  });

  it('carries a Shortcut out that was there before it', async () => {
    await createShortcut(world.main);
    await world.start();

    await world.untilReason('Connected');
  });

  it('ends in the middle of anything', async () => {
    await createShortcut(world.main);
    await world.startKnown();
    await eventually('it has begun', async () => (await world.ours('rome')).length > 0);

    await world.engine.stop();
    world.resetRequests();
    world.engine.addAll('manual');

    expect(world.writes()).to.equal(0);
    for (const { server } of Object.values(world.leaves)) {
      expect(server.requests.snapshot().watchesOpenNow).to.equal(0);
    }
  });
});

describe('engine, in a hurry', () => {
  let world: SmallWorld;

  beforeEach(async () => {
    world = await createSmallWorld({ clock: createHurriedClock(50) });
    await createShortcut(world.main);
    await world.startKnown();
    await world.untilReason('Connected');
  });

  afterEach(() => world.stop());

  it('knows nothing of a leaf that is down, deletes nothing, and heals when it is back', async () => {
    const before = await world.ours('rome');
    world.leaf('milan').server.faults.down(true);
    await world.untilReason('LeafUnreachable');
    world.resetRequests();
    world.engine.addAll('schedule');
    await world.engine.queue.idle();

    const { phase, sides } = (await world.shortcut())!.status!;
    expect(phase).to.equal('Unknown');
    expect(sides?.[1]).to.deep.include({ cluster: 'milan', clusterID: 'milan', role: 'Server' });
    expect(await world.ours('rome')).to.deep.equal(before);
    expect(world.leaf('rome').server.requests.snapshot().writes).to.equal(0);

    world.leaf('milan').server.faults.down(false);
    await world.untilReason('Connected');
  });

  it('writes nothing on leaves while the main cluster cannot be read, and catches up afterwards', async () => {
    const ref = { kind: CONFIGURATION, namespace: 'liqo-tenant-milan', name: 'milan' };
    world.main.faults.down(true);
    await eventually('it is noticed', () =>
      Promise.resolve(world.engine.main.failingSince() !== undefined),
    );
    world.resetRequests();

    await world.leaf('rome').server.client().delete(ref, { signal });
    await eventually('the engine has seen it', () => Promise.resolve(!world.engine.queue.isIdle));
    world.engine.addAll('schedule');
    expect(world.writes()).to.equal(0);

    world.main.faults.down(false);
    await eventually('it is back', async () => (await world.ours('rome')).length === 4);
    await world.untilReason('Connected');
  });

  it('rests when it is told to, and goes on where it stopped', async () => {
    const ref = { kind: CONFIGURATION, namespace: 'liqo-tenant-milan', name: 'milan' };
    world.engine.rest();
    world.resetRequests();
    await world.leaf('rome').server.client().delete(ref, { signal });
    await eventually('the engine has seen it', () => Promise.resolve(!world.engine.queue.isIdle));
    expect(world.writes()).to.equal(0);

    world.engine.work();

    await eventually('it is back', async () => (await world.ours('rome')).length === 4);
  });

  it('waits with a deletion for a leaf that is down', async () => {
    world.leaf('milan').server.faults.down(true);
    await world.untilReason('LeafUnreachable');

    await world.main.client().delete(shortcutRef, { signal });
    await eventually(
      'it waits',
      async () => (await world.shortcut())?.status?.phase === 'Deleting',
    );
    expect(await world.shortcut()).not.to.equal(undefined);

    world.leaf('milan').server.faults.down(false);
    await eventually('it is gone', async () => (await world.shortcut()) === undefined);
    expect(await world.ours('milan')).to.deep.equal([]);
  });

  it('doubts a connection whose gateway says nothing more', async () => {
    await world.leaf('milan').liqo.stop();

    await eventually('it is doubted', async () => {
      world.engine.sweep();
      return (await world.readyReason()) === 'ConnectionStale';
    });

    expect((await world.shortcut())?.status?.phase).to.equal('Unknown');
    await world.leaf('milan').liqo.start();
    await world.untilReason('Connected');
  });

  it('is seen to live', () => {
    const before = world.engine.memories.lastBeat;

    world.engine.sweep();

    expect(world.engine.memories.lastBeat).to.be.greaterThan(before);
  });
});

/** Waits until Liqo has refreshed the Connection on rome so many times. */
async function refreshed(world: SmallWorld, times: number): Promise<void> {
  const seen = new Set<string | undefined>();
  await eventually('the connection is refreshed', async () => {
    const { items } = await world.leaf('rome').server.client().list(CONNECTION, { signal });
    seen.add(items[0]?.metadata.resourceVersion);
    return seen.size > times;
  });
}
