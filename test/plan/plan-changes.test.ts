import { expect } from 'chai';
import type { Action } from '../../src/model/plan.ts';
import type { Shortcut, ShortcutSpec, ShortcutStatus } from '../../src/model/shortcut.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { ModelWorld } from '../support/model-world.ts';

const SPEC: Partial<ShortcutSpec> = { server: 'milan', gateway: { serviceType: 'NodePort' } };
const SHORTCUT = aShortcut({ spec: SPEC });

function connected(...options: ConstructorParameters<typeof ModelWorld>): ModelWorld {
  const world = new ModelWorld(...options);
  world.run(SHORTCUT);
  return world;
}

function line({ kind, cluster, ref, ...rest }: Action): string {
  const drift = 'drift' in rest && rest.drift ? ' drift' : '';
  return `${kind} ${cluster} ${ref.kind.kind}${drift}`;
}

/** What each pass does, until all is quiet. */
function passes(world: ModelWorld, shortcut: Shortcut): readonly (readonly string[])[] {
  const before = world.plans.length;
  world.run(shortcut);
  return world.plans
    .slice(before)
    .map(({ actions }) => actions.map(line))
    .filter((lines) => lines.length > 0);
}

/** What is written in so many passes, after which a person may still be waited for. */
function writesIn(count: number, world: ModelWorld, shortcut: Shortcut): readonly string[] {
  return Array.from({ length: count }, () => {
    const { actions } = world.pass(shortcut);
    world.breathe();
    return actions.map(line);
  }).flat();
}

describe('planShortcut after a change of the wish', () => {
  const cases: readonly {
    readonly name: string;
    readonly spec: Partial<ShortcutSpec>;
    readonly want: readonly (readonly string[])[];
  }[] = [
    {
      name: 'applies another MTU to both gateways in place',
      spec: { server: 'milan', gateway: { serviceType: 'NodePort', mtu: 1280 } },
      want: [['apply milan GatewayServer', 'apply rome GatewayClient']],
    },
    {
      name: 'applies a node port in place, and lets the client follow',
      spec: { server: 'milan', gateway: { serviceType: 'NodePort', nodePort: 31000 } },
      want: [['apply milan GatewayServer'], ['apply rome GatewayClient']],
    },
    {
      name: 'applies another service type in place, and lets the client follow',
      spec: { server: 'milan', gateway: { serviceType: 'ClusterIP' } },
      want: [['apply milan GatewayServer'], ['apply rome GatewayClient']],
    },
    {
      name: 'changes the roles in order: both gateways gone, then made again, then the keys',
      spec: { server: 'rome', gateway: { serviceType: 'NodePort' } },
      want: [
        ['delete milan GatewayServer', 'delete rome GatewayClient'],
        ['apply rome GatewayServer'],
        ['apply milan GatewayClient'],
        ['apply milan PublicKey', 'apply rome PublicKey'],
      ],
    },
  ];
  for (const { name, spec, want } of cases) {
    it(name, () => {
      expect(passes(connected(), aShortcut({ spec }))).to.deep.equal(want);
    });
  }

  for (const [leaf, kind, field] of [
    ['milan', 'GatewayServer', 'serverTemplateRef'],
    ['rome', 'GatewayClient', 'clientTemplateRef'],
  ] as const) {
    it(`puts the template of a ${kind} back in place where somebody else changed it`, () => {
      const world = connected();
      world[leaf].edit(world[leaf].ofKind(kind)[0]!, { spec: { [field]: { name: 'theirs' } } });

      expect(passes(world, SHORTCUT)).to.deep.equal([[`apply ${leaf} ${kind} drift`]]);
    });
  }

  for (const [leaf, kind, gateway, from, held] of [
    [
      'milan',
      'GatewayServer',
      { serverTemplate: { name: 'other', namespace: 'liqo' } },
      { serverTemplateRef: { name: 'other', namespace: 'liqo' } },
      'made from template liqo/wireguard-server, .* template liqo/other, then delete this gateway',
    ],
    [
      'rome',
      'GatewayClient',
      { clientTemplate: { name: 'wireguard-client', namespace: 'elsewhere' } },
      { clientTemplateRef: { name: 'wireguard-client', namespace: 'elsewhere' } },
      'made from template liqo/wireguard-client, .* template elsewhere/wireguard-client, then',
    ],
  ] as const) {
    const spec = { ...SPEC, gateway: { ...SPEC.gateway, ...gateway } };

    it(`keeps a ${kind} that runs when another template is asked for, and says who has to decide`, () => {
      const world = connected();

      expect(writesIn(10, world, aShortcut({ spec }))).to.deep.equal([]);

      const { waits, applied } = world.plan(aShortcut({ spec }));
      expect(waits[0]).to.include({ cluster: leaf, reason: 'EndpointPending' });
      expect(waits[0]?.message).to.match(new RegExp(held));
      expect(applied).to.equal(false);
    });

    it(`changes the rest of a ${kind} meanwhile`, () => {
      const world = connected();
      const wider = { ...spec, gateway: { ...spec.gateway, mtu: 1300 } };

      const writes = writesIn(10, world, aShortcut({ spec: wider }));

      expect(writes).to.have.members(['apply milan GatewayServer', 'apply rome GatewayClient']);
      expect(writes).to.have.lengthOf(2);
    });

    it(`makes a ${kind} from the other template once somebody has deleted it`, () => {
      const world = connected();
      writesIn(10, world, aShortcut({ spec }));

      world[leaf].remove(world[leaf].ofKind(kind)[0]!);
      passes(world, aShortcut({ spec }));

      expect(world[leaf].ofKind(kind)[0]?.['spec']).to.containSubset(from);
    });
  }

  it('makes a gateway from the other template at once where Liqo has made nothing of the first', () => {
    const world = new ModelWorld();
    for (let pass = 0; pass < 3; pass += 1) world.pass(SHORTCUT);
    expect(world.milan.ofKind('GatewayServer')).to.have.lengthOf(1);
    const serverTemplate = { name: 'other', namespace: 'liqo' };

    const { actions } = world.pass(aShortcut({ spec: { ...SPEC, gateway: { serverTemplate } } }));

    expect(actions.map(line)).to.include('delete milan GatewayServer');
  });

  it('keeps the template of a client that runs, whatever else is put right in it', () => {
    const world = connected();
    const [client] = world.rome.ofKind('GatewayClient');
    world.rome.edit(client!, { spec: { endpoint: { port: null, protocol: null } } });
    const clientTemplate = { name: 'other', namespace: 'liqo' };
    const gateway = { ...SPEC.gateway, clientTemplate };

    const writes = writesIn(10, world, aShortcut({ spec: { ...SPEC, gateway } }));

    expect(writes).to.deep.equal(['apply rome GatewayClient drift']);
    expect(world.rome.ofKind('GatewayClient')[0]?.metadata.uid).to.equal(client?.metadata.uid);
  });

  it('keeps a gateway with a Connection, also while its WgGateway is not to be seen', () => {
    const world = connected();
    world.milan.remove(world.milan.ofKind('WgGatewayServer')[0]!);
    const serverTemplate = { name: 'other', namespace: 'liqo' };

    const { actions } = world.plan(aShortcut({ spec: { ...SPEC, gateway: { serverTemplate } } }));

    expect(actions.filter(({ kind }) => kind === 'delete')).to.deep.equal([]);
  });

  it('gives a template to a gateway that names none', () => {
    const world = connected();
    const [server] = world.milan.ofKind('GatewayServer');
    world.milan.edit(server!, { spec: { serverTemplateRef: { name: null } } });
    const serverTemplate = { name: 'other', namespace: 'liqo' };
    const gateway = { ...SPEC.gateway, serverTemplate };

    expect(passes(world, aShortcut({ spec: { ...SPEC, gateway } }))).to.deep.equal([
      ['apply milan GatewayServer'],
    ]);
  });

  it('marks all of ours again when the Shortcut was made again under its name', () => {
    const again = aShortcut({ spec: SPEC, metadata: { uid: 'another' } });

    const [first, ...more] = passes(connected(), again);

    expect(first).to.have.length(8);
    expect(more).to.be.empty;
  });

  it('takes a field away that it does not want any more', () => {
    const world = connected();
    world.run(
      aShortcut({ spec: { server: 'milan', gateway: { ...SPEC.gateway, nodePort: 31000 } } }),
    );

    world.run(SHORTCUT);

    expect(world.milan.ofKind('GatewayServer')[0]).not.to.have.nested.property(
      'spec.endpoint.nodePort',
    );
  });
});

describe("planShortcut after a change of the peer's CIDRs", () => {
  it('applies the Configuration in place where Liqo looks at that', () => {
    const world = connected();
    world.rome.pod = ['10.203.0.0/16'];

    expect(passes(world, SHORTCUT)).to.deep.equal([['apply milan Configuration']]);
  });

  it('makes it again in order up to v1.1, without a gateway meanwhile', () => {
    const world = connected({}, { version: 'v1.1.2' });
    world.rome.pod = ['10.203.0.0/16'];

    expect(passes(world, SHORTCUT)).to.deep.equal([
      ['delete milan GatewayServer'],
      ['delete milan Configuration'],
      ['apply milan Configuration', 'apply milan GatewayServer'],
      ['apply milan PublicKey', 'apply rome PublicKey'],
    ]);
  });

  it('waits for what the gateway left before it takes the Configuration away', () => {
    const world = connected({}, { version: 'v1.1.2' });
    world.rome.pod = ['10.203.0.0/16'];
    world.pass(SHORTCUT);

    const plan = world.plan(SHORTCUT);

    expect(plan.actions).to.be.empty;
    expect(plan.waits.map(({ message }) => message)).to.deep.equal([
      'WgGatewayServer/liqo-tenant-rome/rome on "milan": waiting for it to be gone: its owner is gone, so the garbage collector takes it; if it stays, see that kube-controller-manager runs there, or delete it',
    ]);
  });

  it('simply puts back what somebody else changed, also up to v1.1', () => {
    const world = connected({}, { version: 'v1.1.2' });
    const [configuration] = world.milan.ofKind('Configuration');
    world.milan.edit(configuration!, { spec: { remote: { cidr: { pod: ['10.9.0.0/16'] } } } });

    expect(passes(world, SHORTCUT)).to.deep.equal([['apply milan Configuration drift']]);
  });
});

describe('planShortcut after somebody else', () => {
  it('moved the server: the client follows', () => {
    const world = connected();
    const [wg] = world.milan.ofKind('WgGatewayServer');
    world.milan.edit(wg!, { status: { endpoint: { addresses: ['172.30.0.99'] } } });

    const { actions } = world.plan(SHORTCUT);

    expect(actions.map(line)).to.deep.equal(['apply rome GatewayClient']);
    expect(actions[0])
      .to.have.property('reason')
      .that.matches(/spec\.endpoint\.addresses/);
  });

  it('changed a value: puts it back, and names the field', () => {
    const world = connected();
    const [server] = world.milan.ofKind('GatewayServer');
    world.milan.edit(server!, { spec: { mtu: 999 } });

    const { actions } = world.plan(SHORTCUT);

    expect(actions.map(line)).to.deep.equal(['apply milan GatewayServer drift']);
    expect(actions[0]).to.include({
      create: false,
      uid: server!.metadata.uid,
      reason: 'Somebody else changed spec.mtu.',
    });
  });

  it('was an earlier Shortcut for the pair: takes its objects over, and blames nobody', () => {
    const world = connected();
    const { metadata, ...rest } = SHORTCUT;

    const { actions } = world.plan({ ...rest, metadata: { ...metadata, uid: 'another' } });

    expect(actions).to.not.be.empty;
    for (const action of actions) {
      expect(action).to.include({
        drift: false,
        reason: 'It differs in metadata.annotations.shortcuts.liqo.io/owner.',
      });
    }
  });

  it('added fields: takes them away by patch, as an apply cannot', () => {
    const world = connected();
    const [server] = world.milan.ofKind('GatewayServer');
    world.milan.edit(server!, {
      spec: { endpoint: { nodePort: 31000 }, serviceLabels: { a: 'b' }, secretRef: { name: 'x' } },
    });

    const [action] = world.plan(SHORTCUT).actions;

    expect(action).to.deep.include({
      kind: 'patch',
      drift: true,
      body: { spec: { endpoint: { nodePort: null }, serviceLabels: null, secretRef: null } },
      reason: 'Somebody else set spec.endpoint.nodePort, spec.secretRef, spec.serviceLabels.',
    });
    expect(passes(world, SHORTCUT)).to.deep.equal([['patch milan GatewayServer drift']]);
  });

  it('wrote an empty secretRef, as liqoctl does: leaves it alone', () => {
    const world = connected();
    const [server] = world.milan.ofKind('GatewayServer');
    world.milan.edit(server!, { spec: { secretRef: { name: '' } } });

    expect(world.plan(SHORTCUT).actions).to.be.empty;
  });

  it('added labels and annotations: leaves them alone', () => {
    const world = connected();
    const [server] = world.milan.ofKind('GatewayServer');
    world.milan.edit(server!, { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } } });

    expect(world.plan(SHORTCUT).actions).to.be.empty;
  });

  it('lost its reference to a gateway: gives the PublicKey its owner back', () => {
    const world = connected();
    const [key] = world.milan.ofKind('PublicKey');
    world.milan.edit(key!, { metadata: { ownerReferences: null } });

    const [action] = world.plan(SHORTCUT).actions;

    expect(action).to.include({
      kind: 'apply',
      drift: true,
      reason: 'Somebody else changed metadata.ownerReferences.',
    });
  });

  it('deleted a key: makes it again at once', () => {
    const world = connected();
    world.milan.remove(world.milan.ofKind('PublicKey')[0]!);

    expect(world.plan(SHORTCUT).actions.map(line)).to.deep.equal(['apply milan PublicKey']);
  });

  it('deleted a key: says nothing of the tunnel before all is in place again', () => {
    const world = connected();
    world.milan.remove(world.milan.ofKind('PublicKey')[0]!);
    const [connection] = world.rome.ofKind('Connection');
    world.rome.edit(connection!, { status: { value: 'Error' } });

    expect(world.plan(SHORTCUT).waits).to.be.empty;
  });

  it('deleted the key Secret: makes the gateway again, as nothing else helps', () => {
    const world = connected();
    world.milan.secrets.clear();

    expect(passes(world, SHORTCUT)).to.deep.equal([
      ['delete milan GatewayServer'],
      ['apply milan GatewayServer'],
      ['apply milan PublicKey', 'apply rome PublicKey'],
    ]);
  });

  it('deletes a gateway in the foreground: waits, and takes neither its endpoint nor its key', () => {
    const world = connected();
    const [server] = world.milan.ofKind('GatewayServer');
    world.milan.edit(server!, { metadata: { deletionTimestamp: '2026-11-23T00:00:00Z' } });

    const { actions, waits } = world.plan(SHORTCUT);

    expect(actions).to.be.empty;
    expect(waits.map(({ message }) => message)).to.deep.equal([
      'GatewayServer/liqo-tenant-rome/rome on "milan": waiting for it to be gone: it is being deleted',
    ]);
  });

  it('deletes a gateway of the wrong role already: waits for it', () => {
    const world = connected();
    const [server] = world.milan.ofKind('GatewayServer');
    world.milan.edit(server!, { metadata: { deletionTimestamp: '2026-11-23T00:00:00Z' } });

    const { actions } = world.plan(aShortcut({ spec: { server: 'rome' } }));

    expect(actions.map(line)).to.deep.equal(['delete rome GatewayClient']);
  });
});

describe('planShortcut, when a Connection is lost,', () => {
  const status = (
    value: 'True' | 'False',
    reason: string,
    lastTransitionTime = '2026-11-23T01:00:00Z',
  ): ShortcutStatus => ({
    conditions: [{ type: 'Connected', status: value, reason, message: '', lastTransitionTime }],
  });

  for (const [name, was] of [
    ['was connected', status('True', 'Connected')],
    ['is known to have lost it', status('False', 'ConnectionLost')],
  ] as const) {
    it(`touches the PublicKey once, where the Shortcut ${name}`, () => {
      const world = connected();
      const shortcut = aShortcut({ spec: SPEC, status: was });
      const [gateway] = world.milan.ofKind('GatewayServer');
      world.milan.remove(world.milan.ofKind('Connection')[0]!);

      const first = world.pass(shortcut);
      const second = world.plan(shortcut);

      expect(first.actions).to.have.length(1);
      expect(first.actions[0]).to.deep.include({
        kind: 'patch',
        cluster: 'milan',
        uid: world.milan.ofKind('PublicKey')[0]?.metadata.uid,
        body: {
          metadata: {
            annotations: {
              'shortcuts.liqo.io/touched': `${gateway?.metadata.uid ?? ''}.2026-11-23T01:00:00Z`,
            },
          },
        },
      });
      expect(second.actions).to.be.empty;
      expect(second.waits).to.have.length(1);
    });
  }

  it('touches it again the next time', () => {
    const world = connected();
    for (const at of ['2026-11-23T01:00:00Z', '2026-11-23T02:00:00Z']) {
      world.milan.remove(world.milan.ofKind('Connection')[0]!);
      const shortcut = aShortcut({ spec: SPEC, status: status('True', 'Connected', at) });

      expect(world.pass(shortcut).actions).to.have.length(1);
      world.breathe();
    }
  });

  describe('which is in Error', () => {
    function inError(was: ShortcutStatus): readonly Action[] {
      const world = connected();
      const [connection] = world.milan.ofKind('Connection');
      world.milan.edit(connection!, { status: { value: 'Error' } });
      const shortcut = aShortcut({ spec: SPEC, status: was });
      const { actions } = world.pass(shortcut);
      expect(world.plan(shortcut).actions).to.be.empty;
      return actions;
    }

    it('touches the PublicKey once: the gateway may have seen another one since', () => {
      expect(inError(status('False', 'ConnectionLost')).map(line)).to.deep.equal([
        'patch milan PublicKey',
      ]);
    });

    it('touches nothing before the loss is told, or where there was nothing to lose', () => {
      expect(inError(status('True', 'Connected'))).to.be.empty;
      expect(inError(status('False', 'Connecting'))).to.be.empty;
    });
  });

  it('touches nothing where there never was one: the gateway is still making it', () => {
    const world = connected();
    world.milan.remove(world.milan.ofKind('Connection')[0]!);
    const shortcut = aShortcut({ spec: SPEC, status: status('False', 'Connecting') });

    expect(world.plan(shortcut).actions).to.be.empty;
    expect(world.plan(aShortcut({ spec: SPEC, status: {} })).actions).to.be.empty;
  });
});
