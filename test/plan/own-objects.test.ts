import { expect } from 'chai';
import { formatRef } from '../../src/model/kube-object.ts';
import type { KnownSide } from '../../src/plan/observation.ts';
import { ownGateway, ownObjects, secretToRead } from '../../src/plan/own-objects.ts';
import { identityOf } from '../../src/plan/ownership.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { INSTALLATION, ModelWorld } from '../support/model-world.ts';

const SHORTCUT = aShortcut({ spec: { server: 'milan' } });
const IDENTITY = identityOf(SHORTCUT, INSTALLATION);

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

  const OUR_LABELS = {
    'app.kubernetes.io/managed-by': null,
    'shortcuts.liqo.io/installation': null,
    'shortcuts.liqo.io/shortcut': null,
  };

  for (const [name, labels] of [
    ['our labels were', OUR_LABELS],
    ['all labels were', { ...OUR_LABELS, 'liqo.io/remote-cluster-id': null }],
  ] as const) {
    it(`finds an object from which ${name} taken away, as it names its owner`, () => {
      const side = connectedMilan(({ milan }) => {
        milan.edit(milan.ofKind('GatewayServer')[0]!, { metadata: { labels } });
      });

      expect(ownObjects(side, IDENTITY)).to.have.length(4);
    });
  }

  it('finds no object that others have labelled as theirs, whoever made it', () => {
    const side = connectedMilan(({ milan }) => {
      const labels = { 'shortcuts.liqo.io/installation': 'other' };
      milan.edit(milan.ofKind('GatewayServer')[0]!, { metadata: { labels } });
    });

    expect(ownObjects(side, IDENTITY)).to.have.length(3);
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

  it('names what an earlier gateway may have left, where there is none', () => {
    const secret = secretToRead({ ...connectedMilan(), gatewayServers: [] }, IDENTITY)!;

    expect(formatRef(secret.ref)).to.equal('Secret/liqo-tenant-rome/gw-rome');
    expect(secret.gatewayUID).to.be.undefined;
  });

  it('names none where there is no tenant namespace, or the gateway is on its way out', () => {
    const going = connectedMilan(({ milan }) => {
      const [server] = milan.ofKind('GatewayServer');
      milan.edit(server!, { metadata: { deletionTimestamp: '2026-11-23T00:00:00Z' } });
    });

    const nothing = { ...connectedMilan(), gatewayServers: [], tenantNamespaces: [] };
    expect(secretToRead(nothing, IDENTITY)).to.be.undefined;
    expect(secretToRead(going, IDENTITY)).to.be.undefined;
  });
});
