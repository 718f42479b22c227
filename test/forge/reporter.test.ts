import { expect } from 'chai';

import type { Problem } from '../../src/model/problem.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import type { FakeForge } from '../support/fake-forges/fake-forge.ts';
import { createFakeGithub } from '../support/fake-forges/fake-github.ts';
import {
  aMirrored,
  commitId,
  type PassOptions,
  ReporterWorld,
  revisionOf,
} from './reporter-world.ts';

const PULL = 12;
const A = commitId('a');
const GUARD = { code: 'deletion-guard', message: '9 of 9 Shortcuts would be deleted' };
const PROBLEM = {
  ...{ code: 'schema-violation', severity: 'error', message: 'must be a number' },
  ...{ file: 'shortcuts/a.yaml', line: 3, column: 1, pointer: '/spec', resource: '' },
} as const satisfies Problem;

describe('the reporter', function () {
  this.timeout(60_000);
  let fake: FakeForge;
  let world: ReporterWorld;

  beforeEach(async () => {
    fake = await createFakeGithub().start();
    fake.merged.set(A, PULL);
    world = new ReporterWorld(fake);
    await world.start();
  });
  afterEach(async () => {
    await world.stop();
    await fake.stop();
    expect(fake.violations).to.deep.equal([]);
  });

  const states = (commit = A) => fake.statusesOf(commit);
  const bodies = () => fake.comments.map(({ body }) => body);

  function cost() {
    const writes = fake.writes().length;
    return { reads: fake.requests.length - writes, writes };
  }

  /** Everything is told of commit a with one shortcut. */
  async function tellReady(): Promise<void> {
    world.shortcuts = [aMirrored('a', 'rome-milan')];
    world.applied('a');
    await world.seconds(4);
    expect(states()).to.deep.equal(['success']);
  }

  it('tells of a push: pending, success, and one comment', async () => {
    world.shortcuts = [aMirrored('a', 'rome-milan', 'KeysPending', 'waits for Secret "x"')];
    world.applied('a');
    await world.seconds(4);
    expect(states()).to.deep.equal(['pending']);
    expect(bodies().length).to.equal(1);
    expect(bodies()[0]).to.contain('KeysPending').and.contain('waits for Secret "x"');

    world.shortcuts = [aMirrored('a', 'rome-milan')];
    await world.seconds(4);

    expect(states()).to.deep.equal(['pending', 'success']);
    expect(bodies().length).to.equal(1);
    expect(bodies()[0]).to.contain('1 ready').and.not.contain('KeysPending');
    expect(fake.comments[0]!.pull).to.equal(PULL);
    expect(world.reporter.snapshot()).to.deep.include({
      reported: { commit: A, state: 'success', description: 'applied; all is as asked' },
    });
  });

  it('sends nothing while nothing changes', async () => {
    await tellReady();
    fake.requests.length = 0;

    await world.seconds(120);

    expect(fake.requests).to.deep.equal([]);
  });

  it('reads after a restart, and writes nothing', async () => {
    await tellReady();
    await world.stop();
    fake.requests.length = 0;

    await world.start();
    world.applied('a');
    await world.seconds(30);

    expect(fake.writes()).to.deep.equal([]);
    expect(fake.requests.length).to.equal(4);
  });

  it('goes on after a restart where it was', async () => {
    world.shortcuts = [aMirrored('a', 'rome-milan', 'Connecting')];
    world.applied('a', { removed: ['Shortcut/liqo-shortcuts/old'] });
    await world.seconds(4);
    await world.stop();

    await world.start();
    world.shortcuts = [aMirrored('a', 'rome-milan')];
    world.applied('a');
    await world.seconds(4);

    expect(states()).to.deep.equal(['pending', 'success']);
    expect(bodies().length).to.equal(1);
    expect(bodies()[0]).to.contain('1 removed').and.contain('`Shortcut/liqo-shortcuts/old`');
  });

  it('tells the status alone where no pull request brought the commit, or nobody wants comments', async () => {
    const silent = new ReporterWorld(fake, { comment: false });
    await silent.start();
    silent.shortcuts = [aMirrored('a', 'rome-milan')];
    silent.applied('a');
    await silent.seconds(4);
    await silent.stop();
    expect([states(), bodies()]).to.deep.equal([['success'], []]);

    world.shortcuts = [aMirrored('b', 'rome-milan')];
    world.applied('b');
    await world.seconds(4);

    expect([states(commitId('b')), bodies()]).to.deep.equal([['success'], []]);
  });

  it('asks again for a pull request that the host did not know at first', async () => {
    fake.merged.clear();
    world.shortcuts = [aMirrored('a', 'rome-milan', 'Connecting')];
    world.applied('a');
    await world.seconds(4);
    fake.merged.set(A, PULL);

    world.shortcuts = [aMirrored('a', 'rome-milan')];
    await world.seconds(6);

    expect(bodies().length).to.equal(1);
  });

  const FAILURES: readonly { what: string; options: PassOptions; description: RegExp }[] = [
    {
      what: 'an invalid file',
      options: { problems: [PROBLEM] },
      description: /1 error in the files/,
    },
    { what: 'a guard that holds', options: { guards: [GUARD] }, description: /held back/ },
  ];
  for (const { what, options, description } of FAILURES) {
    it(`tells a failure for ${what}`, async () => {
      world.applied('a', options);

      await world.seconds(4);

      expect(states()).to.deep.equal(['failure']);
      expect(fake.statuses[0]!.description).to.match(description);
      expect(bodies()[0]).to.match(/must be a number|would be deleted/);
    });
  }

  it('tells of a commit that cannot be read, and nothing against the one that counts', async () => {
    await tellReady();
    const error = { code: 'GIT_SOURCE_INVALID', message: 'the pack is damaged' };
    world.reporter.passed({
      report: { revision: revisionOf('a'), error, plan: { held: [], guards: [] } },
      source: {
        revisionAttempted: revisionOf('b'),
        revisionApplied: revisionOf('a'),
        error,
      },
      removed: [],
    });

    await world.seconds(30);

    expect(states()).to.deep.equal(['success']);
    expect(states(commitId('b'))).to.deep.equal(['error']);
  });

  it('tells a leaf that is down once, and after it has proved itself', async () => {
    await tellReady();
    world.shortcuts = [aMirrored('a', 'rome-milan', 'ConnectionLost')];
    await world.seconds(10);
    expect(states()).to.deep.equal(['success']);

    world.shortcuts = [aMirrored('a', 'rome-milan', 'LeafUnreachable')];
    await world.seconds(60);

    expect(states()).to.deep.equal(['success', 'error']);
    expect(bodies()[0]).to.contain('LeafUnreachable');
  });

  it('does not tell what passes', async () => {
    await tellReady();
    for (let turn = 0; turn < 5; turn += 1) {
      world.shortcuts = [aMirrored('a', 'rome-milan', 'ConnectionLost')];
      await world.seconds(10);
      world.shortcuts = [aMirrored('a', 'rome-milan')];
      await world.seconds(10);
    }

    expect(states()).to.deep.equal(['success']);
  });

  it('tells of two hundred shortcuts with as many requests as of one', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `pair-${index}`);
    world.shortcuts = names.map((name) => aMirrored('a', name, 'Connecting'));
    world.applied('a');
    for (let ready = 0; ready <= 200; ready += 10) {
      world.shortcuts = names.map((name, index) =>
        aMirrored('a', name, index < ready ? 'Connected' : 'Connecting'),
      );
      await world.seconds(1);
    }
    await world.seconds(30);

    expect(states()).to.deep.equal(['pending', 'success']);
    expect(bodies().length).to.equal(1);
    expect(bodies()[0]).to.contain('200 ready');
    expect(cost()).to.deep.equal({ reads: 4, writes: 5 });
  });

  it('costs the requests that docs/measurements.md tells', async () => {
    world.shortcuts = [aMirrored('a', 'rome-milan', 'Connecting')];
    world.applied('a');
    await world.seconds(5);
    world.shortcuts = [aMirrored('a', 'rome-milan')];
    await world.seconds(5);
    expect(cost(), 'the first push of a process').to.deep.equal({ reads: 4, writes: 4 });

    const merged = async (digit: string, reason?: string) => {
      fake.requests.length = 0;
      world.shortcuts = [aMirrored(digit, 'rome-milan', reason)];
      world.applied(digit);
      await world.seconds(5);
      return cost();
    };
    fake.merged.set(commitId('b'), PULL + 1);
    expect(await merged('b'), 'ready at once').to.deep.equal({ reads: 3, writes: 2 });
    expect(await merged('c'), 'without a pull request').to.deep.equal({ reads: 2, writes: 1 });
    fake.requests.length = 0;
    await world.seconds(600);
    expect(cost(), 'at rest').to.deep.equal({ reads: 0, writes: 0 });
  });

  it('follows a commit that another one came after, until its last word', async () => {
    world.shortcuts = [aMirrored('a', 'rome-milan', 'Connecting')];
    world.applied('a');
    await world.seconds(4);
    world.shortcuts = [aMirrored('a', 'rome-milan', 'Connecting'), aMirrored('b', 'rome-naples')];
    world.applied('b');
    await world.seconds(4);
    expect(states()).to.deep.equal(['pending']);
    expect(states(commitId('b'))).to.deep.equal(['success']);

    world.shortcuts = [aMirrored('a', 'rome-milan'), aMirrored('b', 'rome-naples')];
    await world.seconds(4);

    expect(states()).to.deep.equal(['pending', 'success']);
  });

  it('follows no more than the last ten commits, and forgets the others', async () => {
    const digits = Array.from({ length: 16 }, (_, index) => index.toString(16));
    for (const [index, digit] of digits.entries()) {
      const till = digits.slice(0, index + 1);
      world.shortcuts = till.map((one) => aMirrored(one, `pair-${one}`, 'Connecting'));
      world.applied(digit);
      await world.seconds(4);
    }
    fake.requests.length = 0;
    await world.seconds(60);
    expect(fake.requests).to.deep.equal([]);

    world.shortcuts = digits.map((one) => aMirrored(one, `pair-${one}`));
    await world.seconds(60);

    const done = digits.filter((one) => states(commitId(one)).at(-1) === 'success');
    expect(done.join('')).to.equal('6789abcdef');
  });

  it('does not make a deleted comment again until something changes', async () => {
    await tellReady();
    fake.comments.length = 0;
    await world.seconds(60);
    await world.stop();
    await world.start();
    world.applied('a');
    await world.seconds(60);
    expect(bodies()).to.deep.equal([]);

    world.shortcuts = [aMirrored('a', 'rome-milan', 'LeafUnreachable')];
    await world.seconds(60);

    expect(states()).to.deep.equal(['success', 'error']);
    expect(bodies().length).to.equal(1);
  });

  it('makes a deleted comment again for a detail, too, after a restart', async () => {
    world.shortcuts = [aMirrored('a', 'rome-milan', 'KeysPending')];
    world.applied('a');
    await world.seconds(4);
    await world.stop();
    fake.comments.length = 0;
    await world.start();
    world.applied('a');
    await world.seconds(10);
    expect(bodies()).to.deep.equal([]);

    world.shortcuts = [aMirrored('a', 'rome-milan', 'EndpointPending')];
    await world.seconds(10);

    expect(states()).to.deep.equal(['pending']);
    expect(bodies().join('')).to.contain('EndpointPending');
  });

  it('writes its first comment when it knows what to say', async () => {
    world.shortcuts = [aMirrored('a', 'rome-milan', 'Connecting')];
    world.applied('a');
    await world.seconds(2);
    world.shortcuts = [aMirrored('a', 'rome-milan')];
    await world.seconds(10);

    expect(fake.writes().length).to.equal(2);
    expect(states()).to.deep.equal(['success']);
  });

  it('makes a comment anew that it finds gone when something changes', async () => {
    await tellReady();
    fake.comments.length = 0;

    world.shortcuts = [aMirrored('a', 'rome-milan', 'LeafUnreachable')];
    await world.seconds(60);

    expect(bodies().length).to.equal(1);
    expect(bodies()[0]).to.contain('LeafUnreachable');
  });

  it('replaces what a person wrote into its comment', async () => {
    await tellReady();
    const [before] = bodies();
    fake.comments[0]!.body = `${before!.split('\n')[0]!}\n\nAll is lost.`;
    await world.stop();

    await world.start();
    world.applied('a');
    await world.seconds(10);

    expect(bodies()).to.deep.equal([before]);
  });

  it('keeps two installations of one repository apart', async () => {
    await tellReady();
    const other = new ReporterWorld(fake);
    other.shortcuts = [aMirrored('a', 'turin-milan', 'InvalidSpec')];
    await other.start('milano');
    other.applied('a');
    await other.seconds(4);
    await other.stop();

    expect(fake.statuses.map(({ context, state }) => [context, state])).to.deep.equal([
      ['liqo-shortcuts/torino', 'success'],
      ['liqo-shortcuts/milano', 'failure'],
    ]);
    expect(bodies().length).to.equal(2);
  });

  it('is still while it follows, and while the main cluster cannot be read', async () => {
    world.shortcuts = [aMirrored('a', 'rome-milan')];
    world.isMainLost = true;
    world.applied('a');
    await world.seconds(5);
    expect(fake.requests).to.deep.equal([]);

    world.isMainLost = false;
    world.reporter.pause();
    await world.clock.advance(10_000);
    expect(fake.requests).to.deep.equal([]);
    world.reporter.start();
    world.applied('a');
    await world.seconds(5);

    expect(states()).to.deep.equal(['success']);
  });

  it('asks before it repeats a write whose answer was lost', async () => {
    let lost = 0;
    fake.fault = ({ method, path }) => {
      const isWrite = method === 'POST' && !path.endsWith('graphql');
      if (!isWrite || lost === 2) return undefined;
      lost += 1;
      return 'lost-answer';
    };
    world.shortcuts = [aMirrored('a', 'rome-milan')];
    world.applied('a');
    await world.seconds(30);

    expect(lost).to.equal(2);
    expect([states(), bodies().length]).to.deep.equal([['success'], 1]);
  });

  it('leaves the host alone for as long as it says', async () => {
    fake.fault = () => ({ status: 429, headers: { 'retry-after': '90' } });
    world.shortcuts = [aMirrored('a', 'rome-milan')];
    world.applied('a');
    await world.seconds(85);
    expect(fake.requests.length).to.equal(1);
    expect(world.reporter.snapshot().error?.code).to.equal('FORGE_THROTTLED');

    fake.fault = undefined;
    await world.seconds(20);

    expect(states()).to.deep.equal(['success']);
    expect(world.reporter.snapshot().error).to.equal(undefined);
  });

  it('comes back ever later to a host that refuses', async () => {
    fake.fault = () => ({ status: 403 });
    world.applied('a');
    await world.seconds(600);

    // After 1, 2 and 4 minutes.
    expect(fake.requests.length).to.equal(4);
    expect(world.reporter.snapshot().requests).to.deep.equal([
      { operation: 'status', code: '403', count: 4 },
    ]);
  });

  it('tells the status though comments are refused, and the comment when they are not', async () => {
    fake.fault = ({ path }) => (path.includes('/issues/') ? { status: 403 } : undefined);
    await tellReady();
    expect(world.reporter.snapshot().error).to.have.property('code', 'FORGE_REFUSED');

    fake.fault = undefined;
    await world.seconds(61);

    expect(bodies().length).to.equal(1);
    expect(world.reporter.snapshot().error).to.equal(undefined);
  });

  it('tries nothing again that the host does not take', async () => {
    fake.fault = ({ method, path }) =>
      method === 'GET' || path.endsWith('graphql') ? undefined : { status: 422 };
    world.shortcuts = [aMirrored('a', 'rome-milan')];
    world.applied('a');
    await world.seconds(300);

    expect(fake.writes().length).to.equal(2);
  });

  it('logs a failure once, and no secret', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      level: 'debug',
      destination: { write: (line) => void lines.push(line) },
    });
    const loud = new ReporterWorld(fake, { logger });
    fake.fault = () => 'hang-up';
    await loud.start();
    loud.applied('a');
    await loud.seconds(60);
    await loud.stop();

    expect(lines.length).to.equal(1);
    expect(lines[0]).to.contain('FORGE_UNREACHABLE').and.not.contain(fake.token);
  });
});
