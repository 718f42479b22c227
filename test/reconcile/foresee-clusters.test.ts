import { expect } from 'chai';
import { GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import type { Right } from '../../src/model/right.ts';
import type { PlanInput } from '../../src/plan/plan-input.ts';
import { foreseeClusters } from '../../src/reconcile/foresee-clusters.ts';
import { aKnownSide, anUnknownSide } from '../support/builders/a-known-side.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { INSTALLATION, ModelWorld } from '../support/model-world.ts';
import { aMirrorAction } from './reports.ts';

const milan = aKnownSide({ cluster: 'milan' });
const missing: Right = { verb: 'create', kind: GATEWAY_SERVER, namespace: 'liqo-tenant-milan' };

function look(overrides: Partial<PlanInput>, action?: 'create' | 'update' | 'delete' | 'keep') {
  const shortcut = overrides.shortcut ?? aShortcut();
  const sides = [aKnownSide(), milan] as const;
  return foreseeClusters({
    inputs: [{ shortcut, sides, installation: INSTALLATION, ...overrides }],
    mirrorPlan: {
      actions: action === undefined ? [] : [aMirrorAction(action)],
      ...{ held: [], guards: [] },
    },
    existing: action === 'create' ? [] : [shortcut],
    registry: { get: () => undefined },
  });
}

describe('foreseeClusters', () => {
  it('tells of a new connection who listens, and every object', () => {
    const { connections, existing } = look({}, 'create');

    expect(existing).to.equal(0);
    expect(connections[0]?.server).to.deep.include({ cluster: 'milan', certain: true });
    expect(connections[0]?.objects).to.have.lengthOf(8);
  });

  it('names the rights that a leaf does not give, by verb, resource and namespace', () => {
    const sides = [aKnownSide({ missingRights: [missing] }), milan] as const;

    const { connections } = look({ sides }, 'create');

    expect(connections[0]?.objects).to.deep.equal([]);
    expect(connections[0]?.blocked).to.have.lengthOf(1);
    expect(connections[0]?.permissionsMissing).to.deep.equal([
      {
        cluster: 'rome',
        verb: 'create',
        resource: 'gatewayservers.networking.liqo.io',
        namespace: 'liqo-tenant-milan',
        name: '',
      },
    ]);
  });

  it('names them too where they keep the leaf from being seen', () => {
    const hidden = anUnknownSide({ reason: 'LeafForbidden', missingRights: [missing] });

    const { connections } = look({ sides: [aKnownSide(), hidden] }, 'create');

    expect(connections[0]?.permissionsMissing[0]).to.include({ cluster: 'milan', verb: 'create' });
    expect(connections[0]?.server).to.deep.include({ cluster: '', certain: false });
    expect(connections[0]?.downtime.class).to.equal('unknown');
  });

  it('lists what is held, and what a leaf changed by itself, though no file changed', () => {
    const world = new ModelWorld();
    const shortcut = aShortcut();
    world.run(shortcut);
    expect(look({ shortcut, sides: world.observe(shortcut) }, 'keep').connections).to.deep.equal(
      [],
    );
    const [server] = world.milan.ofKind('GatewayServer');
    world.milan.edit(server!, { spec: { mtu: 9000 } });

    const drifted = look({ shortcut, sides: world.observe(shortcut) }, 'keep');
    const held = look({ sides: [aKnownSide(), anUnknownSide()] }, 'keep');

    expect(drifted.connections[0]).to.include({
      action: 'update',
      reason: 'differs on "milan"',
    });
    expect(held.connections[0]).to.include({ action: 'blocked' });
  });

  it('counts what is taken away, and says what is asked at the end only', () => {
    const world = new ModelWorld();
    world.run(aShortcut());
    const shortcut = aShortcut({ metadata: { deletionTimestamp: '2026-11-25T12:00:00Z' } });
    const [rome, there] = world.observe(shortcut);
    const sides = [{ ...rome, otherUseOfTenant: 'unread' }, there] as const;

    const { connections, deleted } = look({ shortcut, sides }, 'delete');

    expect(deleted).to.equal(1);
    expect(connections[0]).to.include({ action: 'delete' });
    expect(connections[0]?.objects).to.have.lengthOf(8);
    expect(connections[0]?.notes).to.have.lengthOf(1);
    expect(connections[0]?.notes[0]).to.include('goes only where Liqo uses it for nothing else');
  });
});
