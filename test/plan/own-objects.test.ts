import { expect } from 'chai';
import { formatRef } from '../../src/model/kube-object.ts';
import type { KnownSide } from '../../src/plan/observation.ts';
import { ownGateway, ownObjects, secretToRead } from '../../src/plan/own-objects.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { INSTALLATION, ModelWorld } from '../support/model-world.ts';

const SHORTCUT = aShortcut({ spec: { server: 'milan' } });
const IDENTITY = { installation: INSTALLATION, key: 'milan--rome' };

function connectedMilan(change: (world: ModelWorld) => void = () => undefined): KnownSide {
  const world = new ModelWorld();
  world.run(SHORTCUT);
  change(world);
  return world.observe(SHORTCUT)[1];
}

describe('ownObjects', () => {
  it('finds all that is ours, in the order in which it is made', () => {
    expect(ownObjects(connectedMilan(), IDENTITY).map(({ ref }) => formatRef(ref))).to.deep.equal([
      'Namespace/liqo-tenant-rome',
      'Configuration/liqo-tenant-rome/rome',
      'GatewayServer/liqo-tenant-rome/rome',
      'PublicKey/liqo-tenant-rome/rome',
    ]);
  });

  it('finds an object whose peer label was taken away', () => {
    const side = connectedMilan(({ milan }) => {
      const [server] = milan.ofKind('GatewayServer');
      milan.edit(server!, { metadata: { labels: { 'liqo.io/remote-cluster-id': null } } });
    });

    expect(ownObjects(side, IDENTITY)).to.have.length(4);
    expect(side.gatewayServers).to.be.empty;
  });

  for (const identity of [
    { ...IDENTITY, installation: 'other' },
    { ...IDENTITY, key: 'milan--naples' },
  ]) {
    it(`finds nothing for ${JSON.stringify(identity)}`, () => {
      expect(ownObjects(connectedMilan(), identity)).to.be.empty;
    });
  }
});

describe('secretToRead', () => {
  it('names the Secret that Liqo has named, for the gateway of ours', () => {
    const side = connectedMilan(({ milan }) => {
      const [wg] = milan.ofKind('WgGatewayServer');
      milan.edit(wg!, { status: { secretRef: { name: 'own-keys' } } });
    });

    const secret = secretToRead(side, IDENTITY)!;

    expect(formatRef(secret.ref)).to.equal('Secret/liqo-tenant-rome/own-keys');
    expect(secret.gatewayUID).to.equal(ownGateway(side, IDENTITY)?.object.metadata.uid);
  });

  it('knows the name before Liqo says it', () => {
    const side = { ...connectedMilan(), wgGateways: [] };

    expect(formatRef(secretToRead(side, IDENTITY)!.ref)).to.equal(
      'Secret/liqo-tenant-rome/gw-rome',
    );
  });

  it('names none where there is no gateway of ours, or it is on its way out', () => {
    const going = connectedMilan(({ milan }) => {
      const [server] = milan.ofKind('GatewayServer');
      milan.edit(server!, { metadata: { deletionTimestamp: '2026-11-23T00:00:00Z' } });
    });

    expect(secretToRead({ ...connectedMilan(), gatewayServers: [] }, IDENTITY)).to.be.undefined;
    expect(secretToRead(going, IDENTITY)).to.be.undefined;
  });
});
