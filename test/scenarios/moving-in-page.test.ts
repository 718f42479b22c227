import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { expect } from 'chai';
import { stringify } from 'yaml';
import { LEAF_CLUSTER } from '../../src/model/kinds.ts';
import { connectByLiqoctl } from '../support/foreign-tunnel.ts';
import { addForeignConnections, foreignConnection } from '../support/foreign-connections.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { findObject } from '../support/scenario-objects.ts';
import { untilTrue } from '../support/scenario-wait.ts';

const PAGE = resolve('docs/moving-in.md');
const FCC = { name: 'rome-milan', client: 'rome', server: 'milan', networking: { mtu: 1450 } };

/** Every console block of the page is what the program says. `UPDATE_DOCS=1` writes it into the page. */
describe('docs/moving-in.md', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario();
    await scenario.commit({ 'leaves/naples.yaml': undefined });
    await untilTrue('naples is not registered', async () => {
      const found = await findObject(scenario.main(), LEAF_CLUSTER, 'liqo-shortcuts/naples');
      return found === undefined;
    });
    await connectByLiqoctl(scenario, { client: 'rome', server: 'milan' }, { mtu: 1400 });
    await connectByLiqoctl(
      scenario,
      { client: 'naples', server: 'rome' },
      { serviceType: 'LoadBalancer' },
    );
    await addForeignConnections(scenario, [{ ...FCC, isConnected: true }]);
    const items = [foreignConnection(FCC)];
    await writeFile(
      join(scenario.world.kubeconfigDir, 'fcc.yaml'),
      stringify({ apiVersion: 'v1', kind: 'List', items }),
    );
  });
  after(() => scenario.stop());

  /** Files of the page lie in the folder of the kubeconfigs. */
  async function saidBy(command: string): Promise<string> {
    const folder = `${scenario.world.kubeconfigDir}/`;
    const args = command
      .split(' ')
      .map((word) => word.replace(/^(\w+=)?(\w+\.yaml|fleet)/, `$1${folder}$2`));
    const { stdout, stderr } = await runInProcess(args);
    return `${stderr}${stderr === '' || stdout === '' ? '' : '\n'}${stdout}`
      .replaceAll(folder, '')
      .trimEnd();
  }

  it('shows what the program says', async () => {
    const page = await readFile(PAGE, 'utf8');
    let real = page;
    for (const [block, commands = ''] of page.matchAll(/```console\n((?:\$ .*\n)+)[^]*?```/g)) {
      const command = /^\$ liqo-shortcuts (.*)$/m.exec(commands)?.[1] ?? '';
      const shown = `\`\`\`console\n${commands}${await saidBy(command)}\n\`\`\``;
      real = real.replace(block, () => shown);
    }
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, real);
    else expect(page).to.equal(real);
  });
});
