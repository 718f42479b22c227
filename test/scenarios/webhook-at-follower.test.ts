import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { SHORTCUT } from '../../src/model/kinds.ts';
import { HOOK_HOSTS } from '../support/hook-deliveries.ts';
import { type Replica, Replicas } from '../support/replicas.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject } from '../support/scenario-objects.ts';
import { untilTrue } from '../support/scenario-wait.ts';

const SECRET = 'webhook-secret';
const HINT = '/api/v1/namespaces/liqo-shortcuts/configmaps/liqo-shortcuts-hint';

describe('a webhook that reaches a follower, where no poll ever comes', function () {
  this.timeout(120_000);
  const replicas = new Replicas();
  let leader: Replica;
  let follower: Replica;

  before(async () => {
    await replicas.start();
    const secretFile = join(replicas.scenario.dir, 'webhook-secret');
    await writeFile(secretFile, SECRET);
    const flags = ['--poll', '1h', '--webhook-secret-file', secretFile];
    leader = await replicas.replica(...flags);
    await replicas.leads(leader);
    follower = await replicas.replica(...flags);
    await replicas.follows(follower, leader.identity);
  });
  after(() => replicas.stop());

  async function pushAndTell(mtu: number, replica: Replica): Promise<void> {
    const { scenario } = replicas;
    await scenario.commit({
      'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', {
        clusters: ['rome', 'milan'],
        gateway: { mtu },
      }),
    });
    const [host] = HOOK_HOSTS;
    expect(await replica.hook(host!.push('refs/heads/main', SECRET))).to.equal(202);
    await untilTrue('it is mirrored', async () => {
      const found = await findObject(scenario.main(), SHORTCUT, 'liqo-shortcuts/rome-milan');
      return found !== undefined && JSON.stringify(found['spec']).includes(String(mtu));
    });
  }

  it('is brought to the leader, who does the work', async () => {
    for (const mtu of [1300, 1310]) {
      replicas.writes.length = 0;
      await pushAndTell(mtu, follower);

      const byFollower = replicas.writes.filter(({ by }) => by === follower.identity);
      expect(byFollower.map(({ what }) => what)).to.deep.equal([`PATCH ${HINT}`]);
    }
  });

  it('costs no write when it reaches the leader itself', async () => {
    replicas.writes.length = 0;
    await pushAndTell(1320, leader);

    expect(replicas.writes.filter(({ what }) => what.includes('configmaps'))).to.deep.equal([]);
  });

  it('is not lost when the leader dies of it', async () => {
    leader.process.kill('SIGKILL');

    await pushAndTell(1330, follower);

    await replicas.leads(follower);
  });
});
