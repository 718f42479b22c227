import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fs from 'node:fs';
import { expect } from 'chai';
import git from 'isomorphic-git';
import { ClusterForbiddenError, ConfigError, InvariantError } from '../../src/errors/errors.ts';
import { CONFIG_MAP, LEAF_CLUSTER, NAMESPACE, SECRET, SHORTCUT } from '../../src/model/kinds.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { type ControlAddress, createControl } from '../../src/sandbox/control.ts';
import { applyFault, FAULTS, isFaultName } from '../../src/sandbox/faults.ts';
import { planLeaves } from '../../src/sandbox/leaf-plan.ts';
import { CONFIGURATION, CONNECTION, DEPLOYMENT } from '../../src/sandbox/liqo/kinds.ts';
import { createWorld, SERVICE_USER, type World } from '../../src/sandbox/world.ts';
import {
  connect,
  connectionValue,
  eventually,
  FAST,
  type TestLeaf,
  untilConnection,
} from './liqo/leaf-pair.ts';

const signal = new AbortController().signal;

function worldIn(dir: string, options: Partial<Parameters<typeof createWorld>[0]> = {}): World {
  return createWorld({
    dir,
    pace: 'instant',
    steps: FAST,
    fresh: false,
    logger: silentLogger,
    ...options,
  });
}

function leafOf(world: World, id: string): TestLeaf {
  const leaf = world.leaves.get(id);
  if (leaf === undefined) throw new Error(`no leaf ${id}`);
  return { id, ...leaf };
}

describe('the embedded world', () => {
  let dir: string;
  let world: World;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'world-'));
    world = worldIn(dir);
    await world.start();
  });

  after(async () => {
    await world.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('has a main cluster with our kinds, its Liqo cluster ID and the kubeconfigs of the leaves', async () => {
    const client = world.main.client();

    expect((await client.list(SHORTCUT, { signal })).items).to.deep.equal([]);
    expect((await client.list(LEAF_CLUSTER, { signal })).items).to.deep.equal([]);
    const secrets = await client.list(SECRET, { namespace: 'liqo-shortcuts', signal });
    expect(secrets.items.map(({ metadata }) => metadata.name)).to.have.members([
      'rome-kubeconfig',
      'milan-kubeconfig',
      'naples-kubeconfig',
    ]);
    const labelSelector = 'app.kubernetes.io/name=clusterid-configmap';
    const maps = await client.list(CONFIG_MAP, { namespace: 'liqo', labelSelector, signal });
    expect(maps.items[0]?.['data']).to.deep.equal({ CLUSTER_ID: 'main' });
  });

  it('writes kubeconfig files that only their owner can read', async () => {
    const files = await readdir(world.kubeconfigDir);

    expect(files).to.have.members([
      'main.yaml',
      'rome.yaml',
      'milan.yaml',
      'naples.yaml',
      'service.yaml',
    ]);
    for (const file of files) {
      const path = join(world.kubeconfigDir, file);
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
      expect(await readFile(path, 'utf8')).to.include('kind: Config');
    }
  });

  it('has a Git repository with the examples on branch main, clean and ready to be edited', async () => {
    const at = { fs, dir: world.repositoryDir };

    expect(await git.currentBranch(at)).to.equal('main');
    expect(await git.log(at)).to.have.length(1);
    const changed = (await git.statusMatrix(at)).filter(
      ([, head, workdir, stage]) => head !== workdir || workdir !== stage,
    );
    expect(changed).to.deep.equal([]);
    const files = await git.listFiles(at);
    const examples = await readdir(join(import.meta.dirname, '../../examples'));
    for (const example of examples) {
      const isThere = files.some((file) => file === example || file.startsWith(`${example}/`));
      expect(isThere, example).to.equal(example !== 'fleet-repository');
    }
    const text = await readFile(join(world.repositoryDir, 'leaves/rome.yaml'), 'utf8');
    const schema = /^# yaml-language-server: \$schema=(\S+)/.exec(text)?.[1] ?? '';
    const found = join(world.repositoryDir, 'leaves', schema);
    expect(await readFile(found, 'utf8')).to.include('"title": "LeafCluster"');
  });

  it('gives the service just the rights that it needs on a leaf', async () => {
    const service = leafOf(world, 'rome').server.client({ user: SERVICE_USER });

    await service.list(CONFIGURATION, { signal });
    await service.list(CONNECTION, { signal });
    await service.list(NAMESPACE, { signal });
    const refused = await service.list(DEPLOYMENT, { signal }).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(ClusterForbiddenError);
    const secrets = await service.list(SECRET, { signal }).catch((error: unknown) => error);
    expect(secrets).to.be.instanceOf(ClusterForbiddenError);
  });

  it('gives the service just the rights that it needs on the main cluster', async () => {
    const service = world.main.client({ user: SERVICE_USER });

    await service.list(SHORTCUT, { namespace: 'liqo-shortcuts', signal });
    await service.get({ kind: NAMESPACE, name: 'liqo-shortcuts' }, { signal });
    const refused = await service.list(SHORTCUT, { signal }).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(ClusterForbiddenError);
  });

  it('connects two leaves, and still does after a restart from the kept state', async () => {
    await connect(leafOf(world, 'rome'), leafOf(world, 'milan'));
    await world.stop();
    world = worldIn(dir);
    await world.start();

    const rome = leafOf(world, 'rome');
    expect(await connectionValue(rome, 'milan')).to.not.equal(undefined);
    await untilConnection('Connected', [rome, 'milan'], [leafOf(world, 'milan'), 'rome']);
    await world.fault('rome', 'tunnel-lost', { peer: 'milan' });
    await untilConnection('Error', [rome, 'milan'], [leafOf(world, 'milan'), 'rome']);
    await world.fault('rome', 'tunnel-lost', { peer: 'milan', on: false });
    await untilConnection('Connected', [rome, 'milan'], [leafOf(world, 'milan'), 'rome']);
  });

  it('forgets everything when asked to start fresh', async () => {
    await writeFile(join(world.repositoryDir, 'left.txt'), 'left');
    await world.stop();
    world = worldIn(dir, { fresh: true });
    await world.start();

    expect(await connectionValue(leafOf(world, 'rome'), 'milan')).to.equal(undefined);
    expect(await readdir(world.repositoryDir)).to.not.include('left.txt');
  });

  it('starts once, and shows nothing before', async () => {
    const started = await world.start().catch((error: unknown) => error);
    expect(started).to.be.instanceOf(InvariantError);
    const other = worldIn(dir);
    expect(() => other.main).to.throw(InvariantError);
    await other.stop();
  });

  it('counts requests by cluster', async () => {
    world.resetRequests();
    const outside = world.main.client({ outside: true });
    await outside.list(SHORTCUT, { signal });

    expect(world.requests()['main']?.reads).to.equal(1);
    world.resetRequests();
    expect(world.requests()['main']?.reads).to.equal(0);
  });

  describe('control endpoint', () => {
    let address: ControlAddress;
    let control: ReturnType<typeof createControl>;

    before(async () => {
      control = createControl({ world: lateWorld(), dir });
      address = await control.start();
    });

    after(() => control.stop());

    /** Tests above replace the world; the endpoint asks for the one of the moment. */
    function lateWorld(): World {
      return new Proxy({} as World, { get: (_, key) => Reflect.get(world, key) as unknown });
    }

    function ask(method: string, path: string, body?: object, token = address.token) {
      return fetch(`${address.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
    }

    it('leaves its address and token where only the owner reads them', async () => {
      const path = join(dir, 'control.json');

      expect((await stat(path)).mode & 0o777).to.equal(0o600);
      expect(JSON.parse(await readFile(path, 'utf8'))).to.deep.equal(address);
    });

    it('refuses callers without the token', async () => {
      expect((await ask('GET', '/world', undefined, 'wrong')).status).to.equal(401);
      expect((await fetch(`${address.url}/world`)).status).to.equal(401);
    });

    it('says what there is', async () => {
      const answer = (await (await ask('GET', '/world')).json()) as {
        readonly leaves: object;
        readonly faults: object;
      };

      expect(Object.keys(answer.leaves)).to.deep.equal(['rome', 'milan', 'naples']);
      expect(Object.keys(answer.faults)).to.deep.equal(Object.keys(FAULTS));
    });

    it('makes things go wrong and right again', async () => {
      const fault = { leaf: 'rome', fault: 'down' };
      expect((await ask('POST', '/fault', fault)).status).to.equal(200);
      const outside = leafOf(world, 'rome').server.client({ outside: true });
      await eventually('down', () =>
        outside.list(NAMESPACE, { signal }).then(
          () => false,
          () => true,
        ),
      );

      expect((await ask('POST', '/fault', { ...fault, on: false })).status).to.equal(200);

      expect((await outside.list(NAMESPACE, { signal })).items).to.not.be.empty;
    });

    for (const { why, body } of [
      { why: 'an unknown fault', body: { leaf: 'rome', fault: 'earthquake' } },
      { why: 'an unknown leaf', body: { leaf: 'atlantis', fault: 'down' } },
      { why: 'a gateway fault on the main cluster', body: { leaf: 'main', fault: 'key-rotated' } },
      { why: 'a missing argument', body: { leaf: 'rome', fault: 'cidr-changed' } },
      { why: 'no body', body: {} },
    ]) {
      it(`refuses ${why}`, async () => {
        expect((await ask('POST', '/fault', body)).status).to.equal(400);
      });
    }

    it('counts and resets requests', async () => {
      expect((await ask('POST', '/requests/reset')).status).to.equal(200);
      const counts = (await (await ask('GET', '/requests')).json()) as {
        readonly main: { readonly total: number };
      };

      expect(counts.main.total).to.equal(0);
    });
  });

  describe('faults', () => {
    it('are known by name', () => {
      expect(isFaultName('down')).to.equal(true);
      expect(isFaultName('toString')).to.equal(false);
    });

    for (const name of Object.keys(FAULTS).filter(isFaultName)) {
      it(`${name} can be made and ended on a leaf`, async () => {
        for (const on of [true, false]) {
          await world.fault('naples', name, {
            on,
            ms: 1,
            user: SERVICE_USER,
            cidr: '10.204.0.0/16',
            verb: 'watch',
          });
        }
        const { items } = await leafOf(world, 'naples')
          .server.client({ outside: true })
          .list(NAMESPACE, { signal });
        expect(items).to.not.be.empty;
      });
    }

    it('slow takes a second where no time is given', async () => {
      const server = world.main;
      await applyFault('slow', { server, liqo: undefined }, {});
      await applyFault('slow', { server, liqo: undefined }, { on: false });

      const refused = await world.fault('atlantis', 'down').catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(ConfigError);
    });
  });
});

describe('leaves of the embedded world', () => {
  it('have addresses of their own; rome and milan share a pod CIDR', () => {
    const names = ['rome', 'milan', ...Array.from({ length: 60 }, (_, index) => `l${index}`)];
    const plans = planLeaves(names);

    const addresses = plans.flatMap(({ nodes }) => nodes.map(({ address }) => address));
    expect(new Set(addresses).size).to.equal(plans.length);
    expect(new Set(plans.map(({ loadBalancerPrefix }) => loadBalancerPrefix)).size).to.equal(62);
    expect(new Set(plans.map(({ podCIDR }) => podCIDR)).size).to.equal(61);
  });
});
