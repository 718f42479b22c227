import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'chai';

import { CONFIGURATION } from '../../src/liqo/kinds.ts';
import type { FaultArguments, FaultName } from '../../src/sandbox/faults.ts';
import { SERVICE_USER } from '../../src/sandbox/world.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, ownObjectsOn } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';

const LEAVES = ['rome', 'milan', 'naples'];
const FILE = 'shortcuts/rome-milan.yaml';
const CONFIGURATION_ADDRESS = 'liqo-tenant-milan/milan';
const CONFIGURATION_REF = { kind: CONFIGURATION, namespace: 'liqo-tenant-milan', name: 'milan' };
/** For so long requests are counted, and so many may be made: a loop without pauses makes thousands. */
const WINDOW_MS = 3_000;
const MOST_REQUESTS = 50;

describe('a main cluster in trouble', function () {
  this.timeout(180_000);
  let scenario: Scenario;
  const fault = (name: FaultName, args: FaultArguments = {}) =>
    scenario.world.fault('main', name, args);
  const writesOnLeaves = (): number =>
    LEAVES.reduce((sum, leaf) => sum + (scenario.world.requests()[leaf]?.writes ?? 0), 0);

  before(async () => {
    scenario = await startScenario({ leaves: LEAVES });
  });
  beforeEach(async () => {
    await scenario.commit({ [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }) });
    await scenario.ready('rome-milan');
    await untilMainError(undefined);
    scenario.world.resetRequests();
  });
  afterEach(async () => {
    await fault('down', { on: false });
    await fault('slow', { on: false });
    await fault('forbidden', { on: false });
    await fault('revoked', { on: false, user: SERVICE_USER });
  });
  after(() => scenario.stop());

  async function untilMainError(pattern: RegExp | undefined): Promise<void> {
    await eventually(`mainError is ${String(pattern)}`, async () => {
      const { mainError, staleSince } = await scenario.snapshot();
      const isSo = pattern === undefined ? mainError === undefined : pattern.test(mainError ?? '');
      expect(staleSince === undefined).to.equal(mainError === undefined);
      return isSo ? { done: true } : { seen: mainError };
    });
  }

  /** What goes wrong on a leaf while nobody can see whether it is still wanted. */
  async function drift(): Promise<void> {
    await scenario.leaf('rome').delete(CONFIGURATION_REF, { signal });
  }
  const isHealed = async () =>
    (await findObject(scenario.leaf('rome'), CONFIGURATION, CONFIGURATION_ADDRESS)) !== undefined;

  it('that is down is said so, and nothing is written on leaves until it is back', async function () {
    await fault('down');
    await untilMainError(/cluster "main"/);
    const before = writesOnLeaves();
    const own = await ownObjectsOn(scenario.leaf('milan'));
    await drift();
    await scenario.commit({ [FILE]: undefined });
    await sleep(WINDOW_MS);

    expect(writesOnLeaves()).to.equal(before);
    expect(await ownObjectsOn(scenario.leaf('milan'))).to.deep.equal(own);
    expect((await scenario.http('/readyz')).status).to.equal(200);
    expect((await scenario.snapshot()).shortcuts).to.have.length(1);
    const { refused = 0 } = scenario.world.requests()['main'] ?? {};
    expect(refused).to.be.within(1, MOST_REQUESTS);
    this.test!.title += ` (${refused} connections in ${WINDOW_MS / 1_000} s)`;

    await scenario.git('revert', '--no-edit', 'HEAD');
    await fault('down', { on: false });
    await untilMainError(undefined);
    await untilTrue('the drift is healed', isHealed);
    await scenario.ready('rome-milan');
  });

  it('carries out what was committed meanwhile, once it is back', async () => {
    await fault('down');
    await untilMainError(/cluster "main"/);
    await scenario.commit({
      [FILE]: undefined,
      'shortcuts/rome-naples.yaml': shortcutFile('rome-naples', { clusters: ['rome', 'naples'] }),
    });
    expect(writesOnLeaves()).to.equal(0);

    await fault('down', { on: false });
    await scenario.gone('rome-milan');
    await scenario.ready('rome-naples');
    await scenario.commit({ 'shortcuts/rome-naples.yaml': undefined });
    await scenario.gone('rome-naples');
  });

  it('that takes seconds for every answer is waited for, and its leader leads on', async () => {
    const { leader } = await scenario.snapshot();
    await fault('slow', { ms: 2_000 });
    await scenario.commit({
      'shortcuts/rome-naples.yaml': shortcutFile('rome-naples', { clusters: ['rome', 'naples'] }),
    });
    await scenario.ready('rome-naples');
    const during = await scenario.snapshot();
    await fault('slow', { on: false });

    expect(during).to.include({ role: 'leader', leader });
    await scenario.commit({ 'shortcuts/rome-naples.yaml': undefined });
    await scenario.gone('rome-naples');
  });

  interface Refusal {
    readonly what: string;
    readonly fault: FaultName;
    readonly args: FaultArguments;
    readonly says: RegExp;
  }
  const refusals: readonly Refusal[] = [
    {
      what: 'refuses the credential',
      fault: 'revoked',
      args: { user: SERVICE_USER },
      says: /the credential is refused/,
    },
    {
      what: 'takes the right to list Shortcuts away',
      fault: 'forbidden',
      args: { user: SERVICE_USER, verb: 'list', resource: 'shortcuts' },
      says: /cannot list Shortcut .*not allowed/,
    },
    {
      what: 'takes the right to watch Secrets away',
      fault: 'forbidden',
      args: { user: SERVICE_USER, verb: 'watch', resource: 'secrets' },
      says: /cannot watch Secret .*not allowed/,
    },
    {
      what: 'takes every right away',
      fault: 'forbidden',
      args: { user: SERVICE_USER },
      says: /not allowed/,
    },
  ];
  for (const { what, fault: name, args, says } of refusals) {
    it(`that ${what} is quoted, asked seldom, and nothing is written on leaves`, async function () {
      await fault(name, args);
      await fault('expire-watches');
      await untilMainError(says);
      scenario.world.resetRequests();
      await drift();
      await sleep(WINDOW_MS);

      expect(writesOnLeaves()).to.equal(0);
      const { total = 0 } = scenario.world.requests()['main'] ?? {};
      expect(total).to.be.within(1, MOST_REQUESTS);
      this.test!.title += ` (${total} requests in ${WINDOW_MS / 1_000} s)`;

      await fault(name, { ...args, on: false });
      await untilMainError(undefined);
      await untilTrue('the drift is healed', isHealed);
    });
  }
});
