import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'chai';

import { LEASE } from '../../src/kube/lease-record.ts';
import { CONFIGURATION } from '../../src/liqo/kinds.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import { type Replica, Replicas } from '../support/replicas.ts';
import { runProgram } from '../support/scenario-process.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject } from '../support/scenario-objects.ts';
import { signal, untilTrue } from '../support/scenario-wait.ts';

const LEASE_ADDRESS = 'liqo-shortcuts/liqo-shortcuts';
const CONFIGURATION_REF = { kind: CONFIGURATION, namespace: 'liqo-tenant-milan', name: 'milan' };

describe('two service processes', function () {
  this.timeout(180_000);
  const replicas = new Replicas();
  let leader: Replica;
  let follower: Replica;
  let firstLeadMs: number;

  before(async () => {
    await replicas.start();
    leader = await replicas.replica();
    firstLeadMs = await untilLeading(leader);
    follower = await replicas.replica();
    const end = replicas.churn();
    await untilTrue('connected', async () => {
      const { items } = await replicas.scenario.main().list(SHORTCUT, { signal });
      return (items[0]?.['status'] as { phase?: string } | undefined)?.phase === 'Ready';
    });
    await end();
  });
  after(() => replicas.stop());

  /** Waits until what is wished for last is there, and nobody has anything to write any more. */
  async function untilQuiet(): Promise<void> {
    let seen = -1;
    await untilTrue('nothing is written for a while', async () => {
      const before = replicas.writes.length;
      const isQuiet = before === seen;
      seen = before;
      await sleep(1_500);
      return isQuiet && replicas.writes.length === before;
    });
  }

  function change(): void {
    [leader, follower] = [follower, leader];
  }

  /** From its line that it listens on. */
  async function untilLeading(replica: Replica): Promise<number> {
    const startedAt = performance.now();
    await replicas.leads(replica);
    return performance.now() - startedAt;
  }

  it('lead at once where nobody has led before', async function () {
    this.test!.title += ` (after ${Math.round(firstLeadMs)} ms)`;
    expect(await replicas.holder()).to.equal(leader.identity);
  });

  it('have one leader, and a follower that shows the same picture', async () => {
    await replicas.leads(leader);
    await replicas.follows(follower, leader.identity);
    await untilQuiet();

    expect(new Set(replicas.turns())).to.deep.equal(new Set([leader.identity]));
    expect(await follower.answer('/readyz')).to.equal(200);
    expect(await follower.answer('/healthz')).to.equal(200);
    const [of, by] = [await follower.status(), await leader.status()];
    expect(of.counts).to.deep.equal(by.counts);
    expect(of.shortcuts.map(({ name, phase }) => [name, phase])).to.deep.equal([
      ['rome-milan', 'Ready'],
    ]);
  });

  it('change at once when the leader is asked to end', async function () {
    replicas.turns();
    const startedAt = performance.now();
    leader.process.kill('SIGTERM');
    await replicas.leads(follower);
    this.test!.title += ` (after ${Math.round(performance.now() - startedAt)} ms)`;

    expect((await leader.process.ended).code).to.equal(0);
    const end = replicas.churn();
    await untilTrue('it writes', () => Promise.resolve(replicas.writes.length > 5));
    await end();
    expect(replicas.turns()).to.deep.equal([follower.identity]);
    change();
    follower = await replicas.replica();
  });

  it('change after the lease when the leader crashes in the middle of its work', async function () {
    await replicas.follows(follower, leader.identity);
    replicas.turns();
    const end = replicas.churn();
    await untilTrue('it writes', () => Promise.resolve(replicas.writes.length > 10));
    const startedAt = performance.now();
    leader.process.kill('SIGKILL');
    await replicas.leads(follower);
    this.test!.title += ` (after ${Math.round(performance.now() - startedAt)} ms)`;
    await untilTrue('the next one writes', () => {
      return Promise.resolve(replicas.writes.some(({ by }) => by === follower.identity));
    });
    await end();

    expect(replicas.turns()).to.deep.equal([leader.identity, follower.identity]);
    change();
    follower = await replicas.replica();
  });

  it('do not both write when the leader was frozen for longer than the lease', async () => {
    await replicas.follows(follower, leader.identity);
    replicas.turns();
    const end = replicas.churn();
    await untilTrue('it writes', () => Promise.resolve(replicas.writes.length > 10));
    leader.process.kill('SIGSTOP');
    await replicas.leads(follower);
    await untilTrue('the next one writes', () => {
      return Promise.resolve(replicas.writes.some(({ by }) => by === follower.identity));
    });
    leader.process.kill('SIGCONT');
    await replicas.follows(leader, follower.identity);
    const before = replicas.writes.length;
    await untilTrue('there was more to write', () => {
      return Promise.resolve(replicas.writes.length > before + 10);
    });
    await end();

    expect(replicas.turns()).to.deep.equal([leader.identity, follower.identity]);
    change();
  });

  it('go on as they are when somebody deletes the Lease', async () => {
    replicas.turns();
    const end = replicas.churn();
    await replicas.deleteLease();
    await untilTrue('it is there again', async () => (await replicas.holder()) !== undefined);
    const before = replicas.writes.length;
    await untilTrue('there was more to write', () => {
      return Promise.resolve(replicas.writes.length > before + 10);
    });
    await end();

    expect(await replicas.holder()).to.equal(leader.identity);
    expect(replicas.turns()).to.deep.equal([leader.identity]);
  });

  it('stop writing when somebody takes the Lease by hand, until its time is over', async () => {
    await untilQuiet();
    await replicas.scenario.patch('main', LEASE, LEASE_ADDRESS, {
      spec: { holderIdentity: 'somebody' },
    });
    await replicas.follows(leader, 'somebody');
    replicas.turns();
    await replicas.scenario.leaf('rome').delete(CONFIGURATION_REF, { signal });

    await untilTrue('one of them leads again', async () => {
      return [leader.identity, follower.identity].includes((await replicas.holder()) ?? '');
    });
    await untilTrue('it puts back what was deleted meanwhile', async () => {
      return (await find('rome')) !== undefined;
    });
    const [writer, ...others] = replicas.turns();
    expect(writer).to.equal(await replicas.holder());
    expect(others).to.deep.equal([]);
    if (writer === follower.identity) change();
  });

  it('write nothing while the main cluster is away for longer than the lease', async () => {
    await untilQuiet();
    await replicas.scenario.world.fault('main', 'down');
    await replicas.follows(leader, '');
    replicas.turns();
    const deletedAt = replicas.writes.length;
    await replicas.scenario.leaf('rome').delete(CONFIGURATION_REF, { signal });
    await untilTrue('both know that their picture is old', async () => {
      const seen = await Promise.all([leader.status(), follower.status()]);
      return seen.every(({ staleSince, shortcuts }) => {
        return staleSince !== undefined && shortcuts.length === 1;
      });
    });
    expect(replicas.writes.length).to.equal(deletedAt);

    await replicas.scenario.world.fault('main', 'down', { on: false });

    await untilTrue('it is put back', async () => (await find('rome')) !== undefined);
    expect(replicas.turns()).to.have.length(1);
    await untilTrue('the picture is fresh again', async () => {
      return (await leader.status()).staleSince === undefined;
    });
    if ((await replicas.holder()) === follower.identity) change();
    await replicas.leads(leader);
  });

  it('are left to their work by a single pass, which says so', async () => {
    await untilQuiet();
    const mtu = 1280;
    await replicas.scenario.commit({
      'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', {
        clusters: ['rome', 'milan'],
        gateway: { mtu },
      }),
    });
    replicas.turns();
    const { world } = replicas.scenario;
    const { code, stdout, stderr } = await runProgram(
      ...['reconcile', '--once', '--wait', '--source', world.repositoryDir],
      ...['--kubeconfig', `${world.kubeconfigDir}/service.yaml`],
    );

    expect(code, stderr + stdout).to.equal(0);
    expect(stderr).to.include(`left to the service "${leader.identity}"`);
    const onLeaves = replicas.writes.filter(({ cluster }) => cluster !== 'main');
    expect(new Set(onLeaves.map(({ by }) => by))).to.deep.equal(new Set([leader.identity]));
  });

  async function find(leaf: string) {
    return findObject(replicas.scenario.leaf(leaf), CONFIGURATION, 'liqo-tenant-milan/milan');
  }
});
