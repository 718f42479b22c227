import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { NotFoundError } from '../../src/errors/errors.ts';
import {
  CUSTOM_RESOURCE_DEFINITION,
  SHORTCUT,
  SHORTCUT_DEFINITION,
} from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { SERVICE_USER } from '../../src/sandbox/world.ts';
import type { Snapshot } from '../../src/status/snapshot.ts';
import { type ProgramProcess, startProgram } from '../support/scenario-process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';

/** What DESIGN promises of an end that was asked for. */
const LONGEST_END_MS = 10_000;
/** For so long tries are counted, and so many may be made: a loop without pauses makes thousands. */
const WINDOW_MS = 3_000;
const MOST_TRIES = 50;

interface Trouble {
  readonly what: string;
  readonly says: RegExp;
  readonly begin: () => Promise<void>;
  readonly end: () => Promise<void>;
}

describe('a service whose main cluster', function () {
  this.timeout(180_000);
  let scenario: Scenario;
  let service: ProgramProcess;
  let url: string;
  let definition: KubeObject;

  beforeEach(async () => {
    scenario = await startScenario({ leaves: ['rome', 'milan'], service: false });
    await scenario.commit({
      'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
    });
  });
  afterEach(async () => {
    service.kill('SIGKILL');
    await service.ended;
    await scenario.stop();
  });

  async function start(): Promise<void> {
    service = startProgram(
      ...['run', '--source', scenario.world.repositoryDir, '--http', '127.0.0.1:0', '--poll', '1s'],
      ...['--kubeconfig', join(scenario.world.kubeconfigDir, 'service.yaml')],
    );
    url = await eventually('the service listens', () => {
      const found = /"url":"([^"]+)","msg":"Listening"/.exec(service.stderr())?.[1];
      return Promise.resolve(found === undefined ? { seen: service.stderr() } : { done: found });
    });
  }

  const answer = async (path: string): Promise<number> => (await fetch(new URL(path, url))).status;

  async function untilSaid(pattern: RegExp): Promise<void> {
    await eventually(`it says ${String(pattern)}`, async () => {
      const snapshot = (await (await fetch(new URL('/api/v1/status', url))).json()) as Snapshot;
      const seen = [snapshot.mainError, service.stderr()];
      return seen.every((text) => pattern.test(text ?? '')) ? { done: true } : { seen };
    });
  }

  function tries(): number {
    const { total = 0, refused = 0 } = scenario.world.requests()['main'] ?? {};
    return total + refused;
  }

  const troubles: readonly Trouble[] = [
    {
      what: 'is down',
      says: /cannot list .* on cluster \\?"main/,
      begin: () => scenario.world.fault('main', 'down'),
      end: () => scenario.world.fault('main', 'down', { on: false }),
    },
    {
      what: 'refuses its credential',
      says: /the credential is refused/,
      begin: () => scenario.world.fault('main', 'revoked', { user: SERVICE_USER }),
      end: () => scenario.world.fault('main', 'revoked', { user: SERVICE_USER, on: false }),
    },
    {
      what: 'does not let it list Shortcuts',
      says: /cannot list Shortcut .*not allowed/,
      begin: () =>
        scenario.world.fault('main', 'forbidden', { resource: 'shortcuts', user: SERVICE_USER }),
      end: () => scenario.world.fault('main', 'forbidden', { on: false }),
    },
    {
      what: 'lacks our definitions',
      says: /cannot list Shortcut .*does not know this kind/,
      begin: async () => {
        const ref = { kind: CUSTOM_RESOURCE_DEFINITION, name: SHORTCUT_DEFINITION };
        definition = await scenario.main().get(ref, { signal });
        await scenario.main().delete(ref, { signal });
        await untilTrue('the definition is gone', async () => {
          const { items } = await scenario.main().list(CUSTOM_RESOURCE_DEFINITION, { signal });
          return items.every(({ metadata }) => metadata.name !== SHORTCUT_DEFINITION);
        });
      },
      end: async () => {
        const { apiVersion, kind, metadata, ...rest } = definition;
        const { name, annotations = {} } = metadata;
        const spec = { apiVersion, kind, metadata: { name, annotations }, spec: rest['spec'] };
        await scenario.main().create(CUSTOM_RESOURCE_DEFINITION, spec, { signal });
        // A real server takes its time from the definition to the kind.
        await untilTrue('the kind is served', () =>
          scenario
            .main()
            .list(SHORTCUT, { signal })
            .then(
              () => true,
              (error: unknown) => !(error instanceof NotFoundError),
            ),
        );
      },
    },
  ];
  for (const { what, says, begin, end } of troubles) {
    it(`${what} at its start waits, says so, and comes up by itself`, async function () {
      await begin();
      await start();
      await untilSaid(says);
      scenario.world.resetRequests();
      await sleep(WINDOW_MS);

      expect(tries()).to.be.within(1, MOST_TRIES);
      this.test!.title += ` (${tries()} tries in ${WINDOW_MS / 1_000} s)`;
      expect(await answer('/healthz')).to.equal(200);
      expect(await answer('/readyz')).to.equal(503);

      await end();
      await untilTrue('it is connected', async () => {
        const { items } = await scenario.main().list(SHORTCUT, { signal });
        return (items[0]?.['status'] as { phase?: string } | undefined)?.phase === 'Ready';
      });
      expect(await answer('/readyz')).to.equal(200);
    });
  }

  it('is down at its start still ends when it is asked to', async () => {
    await scenario.world.fault('main', 'down');
    await start();
    await untilSaid(/on cluster \\?"main/);
    const askedAt = performance.now();

    service.kill('SIGTERM');

    const { code } = await service.ended;
    expect(code, service.stderr()).to.equal(0);
    expect(performance.now() - askedAt).to.be.lessThan(LONGEST_END_MS);
  });
});
