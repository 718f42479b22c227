import { expect } from 'chai';
import type { KubeObject } from '../../../../src/model/kube-object.ts';
import { labelOf, listAt, numberAt, textAt, textsAt } from '../../../../src/sandbox/liqo/fields.ts';
import { CONFIGURATION, DEPLOYMENT, NETWORK } from '../../../../src/sandbox/liqo/kinds.ts';
import { createConfiguration, eventually, find, tenant, type TestLeaf } from '../leaf-pair.ts';
import { isBefore12, onLeaf, VERSIONS } from './every-version.ts';

const signal = new AbortController().signal;
const TWO = ['10.99.0.0/16', '10.98.0.0/16'];

function stored(naples: TestLeaf, peer = 'ghost'): Promise<KubeObject | undefined> {
  return find(naples, CONFIGURATION, tenant(peer), peer);
}

/** The Configuration once it carries the present prefixes, by whatever this version says so. */
function served(naples: TestLeaf, peer = 'ghost'): Promise<KubeObject> {
  return eventually(`Configuration ${peer} is served`, async () => {
    const configuration = await stored(naples, peer);
    const [condition] = listAt(configuration, 'status.conditions');
    const isServed =
      configuration !== undefined &&
      (labelOf(configuration, 'configuration.liqo.io/configured') === 'true' ||
        numberAt(condition, 'observedGeneration') === configuration.metadata.generation);
    return isServed && configuration;
  });
}

async function networksOf(naples: TestLeaf, peer: string): Promise<readonly string[]> {
  const { items } = await naples.client.list(NETWORK, { namespace: tenant(peer), signal });
  return items.map(({ metadata }) => metadata.name).sort();
}

async function ownNetworks(naples: TestLeaf): Promise<readonly (readonly unknown[])[]> {
  const { items } = await naples.client.list(NETWORK, { namespace: 'liqo', signal });
  return items.map((network) => [network.metadata.name, textAt(network, 'status.cidr')]);
}

describe('versions of Liqo: CIDRs', () => {
  for (const version of VERSIONS) {
    const isOld = isBefore12(version);

    it(`${version}: the "configured" signal is ${isOld ? 'a label' : 'a condition'}`, () =>
      onLeaf(version, async (naples) => {
        await createConfiguration(naples, 'ghost');

        const configuration = await served(naples);

        const label = labelOf(configuration, 'configuration.liqo.io/configured');
        const types = listAt(configuration, 'status.conditions').map((one) => textAt(one, 'type'));
        expect([label, types]).to.deep.equal(
          isOld ? ['true', []] : [undefined, ['NetworkCIDRsConfigured']],
        );
      }));

    it(`${version}: of the CIDRs of a kind ${isOld ? 'the first is' : 'all are'} used, and Networks have names to that`, () =>
      onLeaf(version, async (naples) => {
        await createConfiguration(naples, 'ghost', { pod: TWO });

        const configuration = await served(naples);

        const used = isOld ? TWO.slice(0, 1) : TWO;
        expect(textsAt(configuration, 'status.remote.cidr.pod')).to.deep.equal(used);
        expect(await networksOf(naples, 'ghost')).to.deep.equal(
          isOld
            ? ['ghost-external', 'ghost-pod']
            : ['ghost-external-10-70-0-0-16', 'ghost-pod-10-98-0-0-16', 'ghost-pod-10-99-0-0-16'],
        );
      }));

    it(`${version}: a change of spec.remote is ${isOld ? 'not looked at' : 'followed'}`, () =>
      onLeaf(version, async (naples) => {
        await createConfiguration(naples, 'ghost', { pod: ['10.99.0.0/16'] });
        await served(naples);
        const ref = { kind: CONFIGURATION, namespace: tenant('ghost'), name: 'ghost' };
        const spec = { remote: { cidr: { pod: ['10.97.0.0/16'] } } };
        await naples.client.patch(ref, { spec }, { signal });
        await createConfiguration(naples, 'later');
        await served(naples, 'later');

        const configuration = await served(naples);

        expect(textsAt(configuration, 'status.remote.cidr.pod')).to.deep.equal([
          isOld ? '10.99.0.0/16' : '10.97.0.0/16',
        ]);
        expect(await networksOf(naples, 'ghost')).to.deep.equal(
          isOld
            ? ['ghost-external', 'ghost-pod']
            : ['ghost-external-10-70-0-0-16', 'ghost-pod-10-97-0-0-16'],
        );
      }));

    it(`${version}: a peer prefix outside the pools is ${isOld ? 'never served' : 'remapped'}`, () =>
      onLeaf(version, async (naples) => {
        await createConfiguration(naples, 'ghost', { pod: ['100.64.0.0/16'] });
        if (!isOld) {
          const [cidr] = textsAt(await served(naples), 'status.remote.cidr.pod');
          expect(cidr).to.match(/^10\.\d+\.0\.0\/16$/);
          return;
        }
        await createConfiguration(naples, 'later');
        await served(naples, 'later');

        expect((await stored(naples))?.['status']).to.equal(undefined);
      }));

    it(`${version}: there ${isOld ? 'is one own pod CIDR' : 'may be several own pod CIDRs'}`, () =>
      onLeaf(
        version,
        async (naples) => {
          const own = (await ownNetworks(naples)).filter(([name]) =>
            String(name).startsWith('pod-'),
          );

          expect(own).to.deep.equal(
            isOld
              ? [['pod-cidr', '10.201.0.0/16']]
              : [
                  ['pod-cidr-10-201-0-0-16', '10.201.0.0/16'],
                  ['pod-cidr-10-202-0-0-16', '10.202.0.0/16'],
                ],
          );
        },
        { podCIDRs: ['10.201.0.0/16', '10.202.0.0/16'] },
      ));

    it(`${version}: the external CIDR may ${isOld ? 'not ' : ''}be remapped, where the pods have it`, () =>
      onLeaf(
        version,
        async (naples) => {
          const external = (await ownNetworks(naples)).find(([name]) => name === 'external-cidr');

          expect(external).to.deep.equal(['external-cidr', isOld ? undefined : '10.71.0.0/16']);
        },
        { podCIDRs: ['10.70.0.0/16'] },
      ));

    it(`${version}: the version is told by image and labels`, () =>
      onLeaf(version, async (naples) => {
        const manager = await find(naples, DEPLOYMENT, 'liqo', 'liqo-controller-manager');
        const [container] = listAt(manager, 'spec.template.spec.containers');
        const { items } = await naples.client.list(NETWORK, { namespace: 'liqo', signal });
        const labels = items.map((network) => labelOf(network, 'app.kubernetes.io/version'));

        const expected = {
          '1.0': 'v1.0.3',
          '1.1': 'v1.1.2',
          '1.2': 'v1.2.0',
          HEAD: 'v1.2.0-13-g557c199cf',
        }[version];
        expect(new Set([textAt(container, 'image')?.split(':')[1], ...labels])).to.deep.equal(
          new Set([expected]),
        );
      }));
  }
});
