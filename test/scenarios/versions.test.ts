import { expect } from 'chai';

import { CONFIGURATION, GATEWAY_SERVER, NETWORK } from '../../src/liqo/kinds.ts';
import { textsAt } from '../../src/liqo/read-field.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { SERVICE } from '../../src/sandbox/liqo/kinds.ts';
import type { ShortcutDetail } from '../../src/status/snapshot.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const VERSIONS = { ten: '1.0', eleven: '1.1', twelve: '1.2', head: 'HEAD' } as const;
const OLD = ['ten', 'eleven'] as const;
const PEERS = [...OLD, 'head'] as const;
type Peer = (typeof PEERS)[number];

/** NETWORK.md section 12, over the whole service: each of the others with v1.2.0. All pairs are in commit-to-connection.test.ts. */
describe('versions of Liqo, connected with each other', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  const nameOf = (peer: Peer): string => `${peer}-twelve`;
  const wish = (peer: Peer, spec: Partial<ShortcutSpec> = {}): Promise<string> =>
    scenario.commit({
      [`shortcuts/${peer}.yaml`]: shortcutFile(nameOf(peer), {
        clusters: [peer, 'twelve'],
        server: 'twelve',
        ...spec,
      }),
    });
  const configuration = (peer: Peer) =>
    findObject(scenario.leaf(peer), CONFIGURATION, 'liqo-tenant-twelve/twelve');
  const podsToldTo = async (peer: Peer): Promise<readonly string[]> =>
    textsAt(await configuration(peer), 'spec', 'remote', 'cidr', 'pod');

  before(async function () {
    this.timeout(60_000);
    const leaves = Object.keys(VERSIONS);
    scenario = await startScenario({ leaves, versions: VERSIONS });
    for (const peer of PEERS) await wish(peer);
    await scenario.ready(...PEERS.map(nameOf));
  });
  after(() => scenario.stop());

  async function untilWhole(peer: Peer): Promise<void> {
    await untilTrulyConnected(scenario, peer, 'twelve');
    await scenario.ready(nameOf(peer));
  }

  async function told(
    peer: Peer,
    what: string,
    isTold: (found: ShortcutDetail) => boolean,
  ): Promise<ShortcutDetail> {
    return eventually(`${nameOf(peer)}: ${what}`, async () => {
      const found = await scenario.shortcut(nameOf(peer));
      return found !== undefined && isTold(found) ? { done: found } : { seen: found };
    });
  }

  for (const peer of PEERS) {
    const isLabelled = peer !== 'ten';
    it(`a tenant namespace on ${peer} (${VERSIONS[peer]}) has ${isLabelled ? '' : 'no '}pod security labels`, async () => {
      const found = await findObject(scenario.leaf(peer), NAMESPACE, 'liqo-tenant-twelve');

      const labels = found?.metadata.labels ?? {};
      expect('pod-security.kubernetes.io/enforce' in labels).to.equal(isLabelled);
    });
  }

  describe('a second pod CIDR', () => {
    const uids: Partial<Record<Peer, string | undefined>> = {};
    let first: string;

    before(async () => {
      for (const peer of PEERS) uids[peer] = (await configuration(peer))?.metadata.uid;
      [first = ''] = await podsToldTo('head');
      const twelve = scenario.leaf('twelve');
      const own = await findObject(twelve, NETWORK, 'liqo/pod-cidr');
      const { labels = {} } = own?.metadata ?? {};
      const name = 'pod-cidr-10-250-0-0-16';
      await twelve.create(
        NETWORK,
        {
          apiVersion: NETWORK.apiVersion,
          kind: NETWORK.kind,
          metadata: { name, namespace: 'liqo', labels },
          spec: { cidr: '10.250.0.0/16' },
        },
        { signal },
      );
      const ref = { kind: NETWORK, namespace: 'liqo', name };
      const status = { cidr: '10.250.0.0/16' };
      await twelve.patch(ref, { status }, { signal, subresource: 'status' });
    });
    after(async () => {
      const ref = { kind: NETWORK, namespace: 'liqo', name: 'pod-cidr-10-250-0-0-16' };
      await scenario.leaf('twelve').delete(ref, { signal });
      await told('head', 'one again', ({ sides }) => sides[1]?.seenAs?.pod.length === 1);
    });

    for (const peer of OLD) {
      it(`is not told to ${peer} (${VERSIONS[peer]}), and Ready says that it cannot be reached from there`, async () => {
        const { conditions, sides } = await told(
          peer,
          'a warning',
          ({ conditions: [ready] }) =>
            ready?.message.includes(
              `Liqo on "${peer}" is older than v1.2 and uses only the first pod CIDR of "twelve", so that 10.250.0.0/16 cannot be reached from there`,
            ) === true,
        );

        expect(conditions[0]).to.include({ status: 'True', reason: 'Connected' });
        expect(sides[1]?.cidrs?.pod).to.deep.equal([first, '10.250.0.0/16']);
        expect(sides[1]?.seenAs?.pod).to.have.length(1);
        expect(await podsToldTo(peer)).to.deep.equal([first]);
        expect((await configuration(peer))?.metadata.uid).to.equal(uids[peer]);
      });
    }

    it('is told to HEAD in place, and nothing is left to warn of', async () => {
      const { conditions } = await told('head', 'both', ({ sides, phase }) => {
        return sides[1]?.seenAs?.pod.length === 2 && phase === 'Ready';
      });

      expect(conditions[0]?.message).to.not.include('older');
      expect(await podsToldTo('head')).to.deep.equal([first, '10.250.0.0/16']);
      expect((await configuration('head'))?.metadata.uid).to.equal(uids.head);
    });
  });

  it('a change of the CIDRs: told in place to HEAD, by another Configuration up to v1.1', async () => {
    const before = await Promise.all(PEERS.map(configuration));

    await scenario.world.fault('twelve', 'cidr-changed', { cidr: '10.251.0.0/16' });

    const after = await Promise.all(
      PEERS.map(async (peer) => {
        await told(peer, 'the new prefix', ({ sides, phase }) => {
          return sides[1]?.cidrs?.pod.join() === '10.251.0.0/16' && phase === 'Ready';
        });
        await untilWhole(peer);
        expect(await podsToldTo(peer)).to.deep.equal(['10.251.0.0/16']);
        return configuration(peer);
      }),
    );
    const isKept = after.map((now, index) => now?.metadata.uid === before[index]?.metadata.uid);
    expect(isKept).to.deep.equal([false, false, true]);
  });

  it('a change of their own CIDRs: told in place to v1.2, which follows', async () => {
    for (const [index, peer] of PEERS.entries()) {
      const find = () =>
        findObject(scenario.leaf('twelve'), CONFIGURATION, `liqo-tenant-${peer}/${peer}`);
      const before = await find();
      const cidr = `10.24${index}.0.0/16`;

      await scenario.world.fault(peer, 'cidr-changed', { cidr });

      await told(peer, cidr, ({ sides, phase }) => {
        return sides[0]?.seenAs?.pod.join() === cidr && phase === 'Ready';
      });
      expect((await find())?.metadata.uid).to.equal(before?.metadata.uid);
    }
  });

  describe('service annotations', () => {
    const gateway = { serviceAnnotations: { 'example.com/pool': 'edge' } };

    for (const peer of OLD) {
      it(`with a server on ${peer} (${VERSIONS[peer]}) are refused in words, and not dropped in silence`, async () => {
        await wish(peer, { server: peer, gateway });

        const { conditions, phase } = await told(peer, 'refused', ({ conditions: [ready] }) => {
          return ready?.reason === 'InvalidSpec';
        });

        expect(conditions[0]?.message).to.equal(
          `spec.gateway.serviceAnnotations needs Liqo 1.2 or later on "${peer}".`,
        );
        expect(phase).to.equal('Stalled');
        const twelve = scenario.leaf('twelve');
        const address = `liqo-tenant-${peer}/${peer}`;
        expect(await findObject(twelve, GATEWAY_SERVER, address)).to.not.equal(undefined);
        await wish(peer, { gateway });
        await told(peer, 'Ready', ({ phase: now, conditions: [ready] }) => {
          return now === 'Ready' && ready?.status === 'True';
        });
        await untilAnnotated('twelve', peer);
      });
    }

    it('make the side listen that knows them, where the choice is open', async () => {
      await scenario.commit({ 'shortcuts/ten.yaml': undefined });
      await scenario.gone(nameOf('ten'));

      await wish('ten', { server: 'auto', gateway });

      const { sides } = await told('ten', 'Ready', ({ phase }) => phase === 'Ready');
      expect(sides.map(({ role }) => role)).to.deep.equal(['Client', 'Server']);
      await untilAnnotated('twelve', 'ten');
    });

    async function untilAnnotated(leaf: string, peer: Peer): Promise<void> {
      await eventually('the Service is annotated', async () => {
        const address = `liqo-tenant-${peer}/gw-${peer}`;
        const found = await findObject(scenario.leaf(leaf), SERVICE, address);
        const annotations = found?.metadata.annotations ?? {};
        return annotations['example.com/pool'] === 'edge' ? { done: true } : { seen: annotations };
      });
    }
  });

  describe('a prefix outside the pools', () => {
    before(() => scenario.world.fault('twelve', 'cidr-changed', { cidr: '100.64.0.0/16' }));

    for (const peer of OLD) {
      it(`is never configured by ${peer} (${VERSIONS[peer]}), whatever its label says, and why is told`, async () => {
        const isStuck = ({ conditions: [ready] }: ShortcutDetail): boolean =>
          ready?.reason === 'CIDRPending' &&
          ready.message.endsWith(
            '100.64.0.0/16 is too large for its default pools, or outside them',
          );
        await told(peer, 'stuck', isStuck);
        const labels = { 'configuration.liqo.io/configured': 'true' };

        await scenario.patch(peer, CONFIGURATION, 'liqo-tenant-twelve/twelve', {
          metadata: { labels },
        });

        const found = await eventually('labelled, and planned anew', async () => {
          const seen = await configuration(peer);
          return seen?.metadata.labels?.['configuration.liqo.io/configured'] === 'true'
            ? { done: seen }
            : { seen };
        });
        expect(statusOf(found)['remote']).to.equal(undefined);
        const { sides } = await told(peer, 'still stuck', isStuck);
        expect(sides[1]?.seenAs).to.equal(undefined);
      });
    }

    it('is remapped by HEAD', async () => {
      await told('head', 'remapped', ({ sides, phase }) => {
        return sides[1]?.seenAs?.pod[0]?.startsWith('10.') === true && phase === 'Ready';
      });
    });
  });
});
