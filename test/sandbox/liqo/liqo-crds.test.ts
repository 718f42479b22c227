import { expect } from 'chai';
import { loadLiqoCRDs } from '../../../src/sandbox/liqo/liqo-crds.ts';
import type { LiqoVersion } from '../../../src/sandbox/liqo/liqo-version.ts';

async function text(version: LiqoVersion, crd: string): Promise<string> {
  const crds = await loadLiqoCRDs(version);
  const found = crds.find((object) => object.metadata.name === crd);
  return JSON.stringify(found?.['spec']);
}

describe('CRDs of Liqo', () => {
  const cases: readonly { crd: string; field: string; versions: readonly LiqoVersion[] }[] = [
    { crd: 'configurations.networking.liqo.io', field: 'conditions', versions: ['1.2', 'HEAD'] },
    {
      crd: 'gatewayservers.networking.liqo.io',
      field: 'serviceAnnotations',
      versions: ['1.2', 'HEAD'],
    },
    { crd: 'gatewayservers.networking.liqo.io', field: 'nodePorts', versions: ['HEAD'] },
    {
      crd: 'gatewayclients.networking.liqo.io',
      field: 'x-kubernetes-validations',
      versions: ['HEAD'],
    },
    {
      crd: 'foreignclusters.core.liqo.io',
      field: 'observedGeneration',
      versions: ['1.2', 'HEAD'],
    },
  ];
  for (const { crd, field, versions } of cases) {
    for (const version of ['1.0', '1.1', '1.2', 'HEAD'] as const) {
      const has = versions.includes(version);
      it(`${version}: ${crd} has ${has ? '' : 'no '}field ${field}`, async () => {
        expect((await text(version, crd)).includes(`"${field}":`)).to.equal(has);
      });
    }
  }

  it('keep the rules that every version has', async () => {
    expect(await text('1.0', 'networks.ipam.liqo.io')).to.include('CIDR field is immutable');
  });
});
