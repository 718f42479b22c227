import { expect } from 'chai';
import { findLeafGateway } from '../../src/import/leaf-gateway.ts';
import type { KnownSide } from '../../src/plan/observation.ts';
import { foreignWorld } from '../support/foreign-world.ts';

/** The server's side of a connection whose Service has this type. */
function serverSide(serviceType: 'NodePort' | 'LoadBalancer', address?: string): KnownSide {
  const { rome } = foreignWorld({ serviceType });
  const [wg] = rome.ofKind('WgGatewayServer');
  const endpoint = { addresses: [address], port: 30_777 };
  if (address !== undefined) rome.edit(wg!, { status: { endpoint } });
  return rome.observe('milan');
}

describe('how a leaf listens that is not registered', () => {
  it('is as most of its servers do', () => {
    const sides = (['LoadBalancer', 'NodePort', 'NodePort'] as const).map((type) =>
      serverSide(type),
    );

    expect(findLeafGateway(sides)).to.have.property('serviceType', 'NodePort');
  });

  it('cannot be said where it has no server', () => {
    const { milan } = foreignWorld();

    expect(findLeafGateway([milan.observe('rome')])).to.equal(undefined);
  });

  const addresses: readonly (readonly [address: string, reachability: string | undefined])[] = [
    ['8.8.8.8', 'Public'],
    ['10.1.2.3', undefined],
    ['100.64.0.1', undefined],
    ['vpn.example', undefined],
  ];
  for (const [address, reachability] of addresses) {
    it(`is ${reachability ?? 'from where nobody knows'}, with a client connected to ${address}`, () => {
      const side = serverSide('NodePort', address);

      expect(findLeafGateway([side])?.reachability).to.equal(reachability);
    });
  }

  it('is not Public only because it has a public address', () => {
    const side = serverSide('NodePort', '8.8.8.8');

    expect(findLeafGateway([{ ...side, connections: [] }])?.reachability).to.equal(undefined);
  });
});
