import { join } from 'node:path';

import { expect } from 'chai';

import { NAMESPACE, SHORTCUT } from '../../src/model/kinds.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { type ProgramProcess, startProgram } from '../support/scenario-process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { signal, untilTrue } from '../support/scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';
/** What DESIGN promises of an end that was asked for. */
const LONGEST_END_MS = 10_000;

describe('the service, asked to end', function () {
  this.timeout(90_000);
  let scenario: Scenario;
  let server: GitServer;
  let service: ProgramProcess;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan'], service: false });
    server = await startGitServer(scenario.dir);
  });
  beforeEach(() => scenario.world.resetRequests());
  afterEach(async () => {
    service.kill('SIGKILL');
    await service.ended;
    server.fault = undefined;
    for (const cluster of ['main', 'rome'])
      await scenario.world.fault(cluster, 'hang', { on: false });
  });
  after(async () => {
    await scenario.stop();
    await server.stop();
  });

  function start(source = scenario.world.repositoryDir): void {
    service = startProgram(
      ...['run', '--source', source, '--poll', '1s', '--http', '127.0.0.1:0'],
      ...['--kubeconfig', join(scenario.world.kubeconfigDir, 'service.yaml')],
    );
  }

  const untilLogged = (text: string) =>
    untilTrue(`it logs "${text}"`, () => Promise.resolve(service.stderr().includes(text)));
  const untilRequests = (cluster: string, figure: 'writes' | 'total', count: number) =>
    untilTrue(`${count} ${figure} at ${cluster}`, () => {
      return Promise.resolve((scenario.world.requests()[cluster]?.[figure] ?? 0) >= count);
    });
  const wish = (mtu: number) =>
    scenario.commit({
      [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'], gateway: { mtu } }),
    });
  /** By the CR alone: a service that finds everything as it should be says nothing. */
  const untilReady = async () => {
    await wish(1340);
    await untilTrue('rome-milan is Ready as it is now', async () => {
      const { items } = await scenario.main().list(SHORTCUT, { signal });
      return (items as readonly Shortcut[]).some(
        ({ metadata, spec, status }) =>
          spec.gateway?.mtu === 1340 &&
          status?.observedGeneration === metadata.generation &&
          status?.phase === 'Ready',
      );
    });
  };

  interface Moment {
    readonly when: string;
    readonly arrange: () => Promise<void>;
    readonly signal?: NodeJS.Signals;
  }
  const moments: readonly Moment[] = [
    {
      when: 'in the middle of making a connection',
      arrange: async () => {
        start();
        await wish(1340);
        await untilRequests('rome', 'writes', 2);
      },
    },
    {
      when: 'at rest',
      arrange: async () => {
        start();
        await untilLogged('Service started');
      },
    },
    {
      when: 'at rest, with Ctrl-C',
      arrange: async () => {
        start();
        await untilLogged('Service started');
      },
      signal: 'SIGINT',
    },
    {
      when: 'while a leaf does not answer',
      arrange: async () => {
        start();
        await untilTrue('both leaves are known', () => {
          return Promise.resolve(service.stderr().split('"Leaf known"').length > 2);
        });
        await scenario.world.fault('rome', 'hang');
        scenario.world.resetRequests();
        await wish(1300);
        await untilRequests('rome', 'total', 1);
      },
    },
    {
      when: 'while the main cluster does not answer',
      arrange: async () => {
        await scenario.world.fault('main', 'hang');
        start();
        await untilRequests('main', 'total', 1);
      },
    },
    {
      when: 'while the Git server does not answer',
      arrange: async () => {
        server.fault = { on: /./, fault: { kind: 'silence' } };
        start(`${server.url}/repository/.git`);
        await server.asked(/info\/refs/);
      },
    },
    {
      when: 'in the middle of taking a connection away',
      arrange: async () => {
        start();
        await untilReady();
        scenario.world.resetRequests();
        await scenario.commit({ [FILE]: undefined });
        await untilRequests('rome', 'writes', 1);
      },
    },
  ];
  for (const moment of moments) {
    it(`ends in time and well ${moment.when}`, async () => {
      await moment.arrange();
      const askedAt = performance.now();

      service.kill(moment.signal ?? 'SIGTERM');

      const { code } = await service.ended;
      expect(code, service.stderr()).to.equal(0);
      expect(performance.now() - askedAt).to.be.lessThan(LONGEST_END_MS);
      expect(service.stdout()).to.equal('');
    });
  }

  it('leaves nothing undone that a next start does not finish', async () => {
    start();

    await untilTrue('all taken away', async () => {
      const lists = await Promise.all(
        ['rome', 'milan'].map((leaf) => {
          return scenario.leaf(leaf).list(NAMESPACE, { signal });
        }),
      );
      return !lists.some(({ items }) => {
        return items.some(({ metadata }) => metadata.name.startsWith('liqo-tenant-'));
      });
    });
  });
});
