import { expect } from 'chai';

import { CONFIGURATION, NETWORK } from '../../src/liqo/kinds.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import type { ShortcutSpec, SideStatus } from '../../src/model/shortcut.ts';
import { gatewaysAndConfigurationsOf } from '../support/pair-truth.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, ownObjectsOn, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';
const LEAVES = ['rome', 'milan'] as const;
const IPV6 = 'fd00:10:200::/56';

/** Numbers are those of NETWORK.md section 14. */
describe('pitfalls: addresses', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: [...LEAVES] });
  });
  after(() => scenario.stop());

  const wish = (spec: Partial<ShortcutSpec> = {}) =>
    scenario.commit({
      [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'], server: 'milan', ...spec }),
    });
  const noWish = async () => {
    await scenario.commit({ [FILE]: undefined });
    await scenario.gone('rome-milan');
  };

  /** As an installation with several pod CIDRs has it, with the status that the IPAM gives. */
  async function addPodCIDR(leaf: string, cidr: string): Promise<() => Promise<void>> {
    const admin = scenario.leaf(leaf);
    const ref = { kind: NETWORK, namespace: 'liqo', name: 'pod-cidr-more' };
    const labels = { 'ipam.liqo.io/network-type': 'pod-cidr' };
    const metadata = { name: ref.name, namespace: ref.namespace, labels };
    const { apiVersion, kind } = NETWORK;
    await admin.create(NETWORK, { apiVersion, kind, metadata, spec: { cidr } }, { signal });
    await admin.patch(ref, { status: { cidr } }, { signal, subresource: 'status' });
    return async () => {
      await admin.delete(ref, { signal });
    };
  }

  async function untilRefused(): Promise<void> {
    const told = await scenario.reason('rome-milan', 'InvalidSpec');
    expect(told.phase).to.equal('Stalled');
    expect(told.conditions[0]?.message).to.include(
      `Liqo on "milan": its own CIDRs are wrong: "${IPV6}" is IPv6, and Liqo connects IPv4 only`,
    );
  }

  it('pitfall 20: a leaf with an IPv6 pod CIDR is refused before anything is written', async () => {
    const remove = await addPodCIDR('milan', IPV6);

    await wish();
    await untilRefused();

    const own = await Promise.all(LEAVES.map((leaf) => ownObjectsOn(scenario.leaf(leaf))));
    expect(own).to.deep.equal([[], []]);
    await remove();
    await scenario.ready('rome-milan');
  });

  it('pitfall 20: one that gets it later keeps its connection as it was, and says so', async () => {
    const uids = () =>
      Promise.all([
        gatewaysAndConfigurationsOf(scenario.leaf('rome'), 'milan'),
        gatewaysAndConfigurationsOf(scenario.leaf('milan'), 'rome'),
      ]);
    const before = await uids();
    const remove = await addPodCIDR('milan', IPV6);

    await untilRefused();

    const told = await scenario.shortcut('rome-milan');
    expect(told?.sides.map(({ connection }) => connection?.status)).to.deep.equal([
      'Connected',
      'Connected',
    ]);
    await remove();
    await scenario.ready('rome-milan');
    expect(await uids()).to.deep.equal(before);
  });

  it('pitfall 20: an IPv6 address to dial is refused in the file, by line', async () => {
    const clientEndpoint = { address: '2001:db8::7', port: 51_840 };
    await wish({ gateway: { clientEndpoint } });

    const problem = await eventually('the problem is told', async () => {
      const { source } = await scenario.snapshot();
      const [found] = source?.problems ?? [];
      return found === undefined ? { seen: source } : { done: found };
    });

    expect(problem).to.include({
      code: 'schema-violation',
      file: FILE,
      pointer: '/spec/gateway/clientEndpoint/address',
    });
    expect(problem.line).to.be.greaterThan(1);
    expect(problem.message).to.include('IPv4');
    await scenario.ready('rome-milan');
    await wish();
    await eventually('the problem is gone', async () => {
      const { source } = await scenario.snapshot();
      return source?.problems.length === 0 ? { done: true } : { seen: source?.problems };
    });
  });

  it('pitfall 21: made again, a connection is remapped otherwise, and the status says under what', async () => {
    const before = await seenAs();
    await noWish();
    // Somebody else gets the prefixes meanwhile.
    for (const cidr of [...(before[1]?.pod ?? []), ...(before[1]?.external ?? [])]) {
      await takePrefix('rome', cidr);
    }

    await wish();
    await scenario.ready('rome-milan');

    const after = await seenAs();
    expect(after[1]?.pod).not.to.deep.equal(before[1]?.pod);
    expect(after[1]?.external).not.to.deep.equal(before[1]?.external);
    expect(after).to.deep.equal(
      await Promise.all([remapOn('milan', 'rome'), remapOn('rome', 'milan')]),
    );
    const cr = await findObject(scenario.main(), SHORTCUT, 'liqo-shortcuts/rome-milan');
    const sides = statusOf(cr)['sides'] as readonly SideStatus[];
    expect(sides.map((side) => side.seenAs)).to.deep.equal(after);
  });

  async function seenAs(): Promise<readonly SideStatus['seenAs'][]> {
    return ((await scenario.shortcut('rome-milan'))?.sides ?? []).map((side) => side.seenAs);
  }

  /** What Liqo of a leaf says itself. */
  async function remapOn(leaf: string, peer: string): Promise<unknown> {
    const address = `liqo-tenant-${peer}/${peer}`;
    const found = await findObject(scenario.leaf(leaf), CONFIGURATION, address);
    return (statusOf(found)['remote'] as { cidr: unknown }).cidr;
  }

  /** Has the leaf's IPAM give a prefix to something else. */
  async function takePrefix(leaf: string, cidr: string): Promise<void> {
    const name = `other-${cidr.replaceAll(/[./]/g, '-')}`;
    const { apiVersion, kind } = NETWORK;
    const network = { apiVersion, kind, metadata: { name, namespace: 'default' }, spec: { cidr } };
    await scenario.leaf(leaf).create(NETWORK, network, { signal });
    await eventually(`${cidr} is taken`, async () => {
      const found = await findObject(scenario.leaf(leaf), NETWORK, `default/${name}`);
      return statusOf(found)['cidr'] === cidr ? { done: true } : { seen: found };
    });
  }
});
