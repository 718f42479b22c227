import { once } from 'node:events';

import { expect } from 'chai';

import { SHORTCUT } from '../../src/model/kinds.ts';
import { behindProxy } from '../support/behind-proxy.ts';
import type { Fate, ProxiedRequest } from '../support/front-proxy.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { type ScenarioEngine, startEngine } from '../support/scenario-engine.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { ownObjectsOn } from '../support/scenario-objects.ts';
import { createScenarioServer } from '../support/scenario-servers.ts';

/** Whatever is asked of a cluster for the first time gets no answer: it is not heard, or carried out without a word. */
describe('requests that nobody answers', function () {
  this.timeout(120_000);
  const LEAVES = ['rome', 'milan'];
  /** How often something was asked, by cluster, method and resource. */
  const asked = new Map<string, number>();
  let scenario: Scenario;
  let service: ScenarioEngine;

  before(async () => {
    scenario = await startScenario({
      leaves: LEAVES,
      service: false,
      createServer: (options) => behindProxy(createScenarioServer(options), fateOf),
    });
    service = await startEngine(scenario, { requestTimeoutMs: 400 });
  });
  after(async () => {
    await service.stop();
    await scenario.stop();
  });

  async function fateOf(cluster: string, request: ProxiedRequest): Promise<Fate> {
    const what = `${request.isWatch ? 'WATCH' : request.method} ${resourceOf(request.path)}`;
    const count = (asked.get(`${cluster} ${what}`) ?? 0) + 1;
    asked.set(`${cluster} ${what}`, count);
    if (count > 1) return { kind: 'pass' };
    if (!request.isWatch && asked.size % 2 === 0)
      return { kind: 'truncate', bytes: 0, then: 'silence' };
    if (!request.signal.aborted) await once(request.signal, 'abort');
    return { kind: 'drop', when: 'before' };
  }

  it('are made again until everything is connected', async () => {
    for (const leaf of LEAVES) await service.create(leafFile(leaf));
    await service.create(shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }));

    await service.untilReadyIs('rome-milan', 'True', 'Connected');

    for (const leaf of LEAVES) {
      expect(await ownObjectsOn(scenario.leaf(leaf)), leaf).to.have.length(4);
    }
  });

  it('are made again until everything is gone', async () => {
    await service.remove('rome-milan');

    for (const leaf of LEAVES) {
      expect(await ownObjectsOn(scenario.leaf(leaf)), leaf).to.deep.equal([]);
    }
  });

  it('were of every kind', () => {
    const methods = new Set([...asked.keys()].map((what) => what.split(' ')[1]));
    expect([...methods].sort()).to.deep.equal(['DELETE', 'GET', 'PATCH', 'POST', 'WATCH']);
    expect([...asked.keys()]).to.include.members([
      'main WATCH shortcuts',
      `main PATCH ${SHORTCUT.plural}`,
      'rome POST selfsubjectaccessreviews',
      'rome GET secrets',
      'rome PATCH publickeies',
      'rome DELETE namespaces',
    ]);
    // What is carried out without a word shows, and is not asked for again; an Event is said once.
    const watches = [...asked].filter(([what]) => what.includes('WATCH'));
    expect(watches.filter(([, count]) => count === 1)).to.deep.equal([]);
  });
});

/** The plural name in a path of the API. */
function resourceOf(path: string): string {
  const [, rest = ''] = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)\/(.*)$/.exec(path) ?? [];
  const parts = rest.split('/');
  const isNamespaced = parts[0] === 'namespaces' && parts.length > 2;
  return (isNamespaced ? parts[2] : parts[0]) ?? '';
}
