import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import { buildManifests, type ImportPlan } from '../../src/import/build-manifests.ts';
import { findConnections } from '../../src/import/find-connections.ts';
import type { Survey } from '../../src/import/survey.ts';
import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import type { ObjectMeta } from '../../src/model/kube-object.ts';
import type { Shortcut, ShortcutSpec } from '../../src/model/shortcut.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { aSurvey, aSurveyedLeaf, aWish } from '../support/builders/a-survey.ts';
import { foreignWorld, uidsOf } from '../support/foreign-world.ts';
import { ModelWorld } from '../support/model-world.ts';

const NAMESPACE = 'liqo-shortcuts';

function planOf(survey: Survey): ImportPlan {
  return buildManifests(findConnections(survey), survey, NAMESPACE);
}

function textOf(plan: ImportPlan, path: string): string {
  return plan.files.find((file) => file.path === path)?.text ?? '';
}

/** As the service reads the file. */
function shortcutOf(text: string): Shortcut {
  const { spec, metadata } = parse(text) as { spec: ShortcutSpec; metadata: Partial<ObjectMeta> };
  return aShortcut({ spec, metadata: { ...metadata, name: metadata.name ?? '' } });
}

function problemsOf({ files }: ImportPlan): readonly string[] {
  const sources = files.map(({ path, text }) => {
    const bytes = Buffer.from(text);
    return { path, kind: 'file', size: bytes.length, bytes } as const;
  });
  const leavesKnown = new Set(['rome', 'milan']);
  return parseManifests(sources, { path: '.', namespace: NAMESPACE, leavesKnown })
    .problems.filter(({ file }) => file !== '.')
    .map(({ message }) => message);
}

describe('the files of an import', function () {
  // Each run compiles the validators, as each run of the program does.
  this.timeout(60_000);

  it('are a Shortcut for editors and reviewers', () => {
    const wishes = [aWish({ settings: { mtu: 1450 } })];

    const text = textOf(planOf(aSurvey(foreignWorld(), { wishes })), 'shortcuts/milan-rome.yaml');

    expect(text).to.match(/^# yaml-language-server: \$schema=\S+\/shortcut\.schema\.json\n/);
    expect(text.slice(text.indexOf('\n') + 1)).to.equal(
      `# ForeignClusterConnection default/milan-rome asks for mtu 1450, where the leaves have 1340
apiVersion: shortcuts.liqo.io/v1alpha1
kind: Shortcut
metadata:
  name: milan-rome
  annotations:
    shortcuts.liqo.io/adopt: 'true'
spec:
  clusters: [milan, rome]
  server: rome
  gateway:
    serviceType: NodePort
`,
    );
  });

  it('are a LeafCluster for a leaf that is not registered, with what was seen and no Secret', () => {
    const world = foreignWorld();
    const gateway = { serviceType: 'NodePort', reachability: 'Public' } as const;
    const leaves = [
      aSurveyedLeaf(world.rome, { origin: 'given', gateway, liqoNamespace: 'net' }),
      aSurveyedLeaf(world.milan),
    ];

    const plan = planOf(aSurvey(world, { leaves }));

    expect(plan.files.map(({ path }) => path)).to.deep.equal([
      'leaves/rome.yaml',
      'shortcuts/milan-rome.yaml',
    ]);
    expect(parse(textOf(plan, 'leaves/rome.yaml'))).to.deep.equal({
      apiVersion: 'shortcuts.liqo.io/v1alpha1',
      kind: 'LeafCluster',
      metadata: { name: 'rome' },
      spec: {
        clusterID: 'rome',
        kubeconfigSecretRef: { name: 'rome-kubeconfig' },
        liqoNamespace: 'net',
        gateway,
        cidrs: { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] },
      },
    });
  });

  it('hold no credential that somebody has put into an annotation of a Service', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl';
    const world = foreignWorld();
    const spec = { serviceAnnotations: { 'example.com/login': token } };
    world.rome.edit(world.rome.ofKind('GatewayServer')[0]!, { spec });

    const plan = planOf(aSurvey(world));

    expect(plan.files).to.deep.equal([]);
    expect(plan.connections[0]?.takeover).to.have.property('kind', 'refused');
    expect(JSON.stringify(plan.connections)).not.to.include('eyJ');
  });

  it('keep what others wrote within one comment', () => {
    const wishes = [aWish({ name: 'x/y', settings: { serviceType: 'A\nkind: Evil\u2028# b' } })];

    const plan = planOf(aSurvey(foreignWorld(), { wishes }));

    expect(textOf(plan, 'shortcuts/milan-rome.yaml')).to.match(/^kind: Shortcut$/m);
    expect(textOf(plan, 'shortcuts/milan-rome.yaml')).not.to.match(/^kind: Evil/m);
  });

  /** Much of it is no valid wish: whoever used kubectl may have written anything. */
  const anything = fc.record(
    {
      mtu: fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(1340, 1400)),
      serviceType: fc.constantFrom('NodePort', 'LoadBalancer', 'ClusterIP', 'ExternalName', ''),
      port: fc.integer({ min: -1, max: 70_000 }),
      nodePort: fc.constantFrom(30_777, 1, 65_535),
      loadBalancerIP: fc.constantFrom('198.18.0.9', 'lb.example', 'fe80::1'),
      serviceAnnotations: fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 })),
      template: fc.constantFrom('wireguard-server', 'own', 'Not Valid', ''),
    },
    { requiredKeys: [] },
  );

  it('are valid whatever the leaves hold, and the same the next time', () => {
    fc.assert(
      fc.property(anything, ({ template, serviceAnnotations, mtu, ...endpoint }) => {
        const world = foreignWorld();
        const [server] = world.rome.ofKind('GatewayServer');
        const [client] = world.milan.ofKind('GatewayClient');
        world.rome.edit(server!, {
          spec: { mtu, endpoint, serviceAnnotations, serverTemplateRef: { name: template } },
        });
        world.milan.edit(client!, { spec: { mtu } });

        const plan = planOf(aSurvey(world));

        expect(problemsOf(plan)).to.deep.equal([]);
        const again = planOf(aSurvey(world));
        expect([again.connections, again.files]).to.deep.equal([plan.connections, plan.files]);
      }),
      { numRuns: 15 },
    );
  });

  it('are valid whatever ForeignClusterConnections ask for', () => {
    fc.assert(
      fc.property(anything, ({ template, ...settings }) => {
        const serverTemplate = { name: template, namespace: undefined };
        const wishes = [aWish({ settings: { ...settings, serverTemplate } })];

        const plan = planOf(aSurvey(new ModelWorld(), { wishes }));

        expect(problemsOf(plan)).to.deep.equal([]);
      }),
      { numRuns: 15 },
    );
  });

  it('change no spec and make nothing anew where they say that they take a connection as it is', () => {
    const proper = fc.record(
      {
        mtu: fc.integer({ min: 576, max: 9000 }),
        serviceType: fc.constantFrom('NodePort', 'LoadBalancer'),
        port: fc.integer({ min: 1, max: 65_535 }),
        serverTemplate: fc.constantFrom({ name: 'own' }, { name: 'own', namespace: 'net' }),
        clientTemplate: fc.constant({ name: 'own' }),
        serviceAnnotations: fc.constant({ a: 'b' }),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<NonNullable<ShortcutSpec['gateway']>>;
    fc.assert(
      fc.property(proper, fc.constantFrom('v1.0.3', 'v1.1.2', 'v1.2.0'), (gateway, version) => {
        fc.pre(version === 'v1.2.0' || gateway.serviceAnnotations === undefined);
        const world = foreignWorld(gateway, version);
        const before = [uidsOf(world), specsOf(world)];
        const plan = planOf(aSurvey(world));
        expect(plan.connections[0]?.takeover).to.deep.equal({ kind: 'as-is' });

        const imported = shortcutOf(textOf(plan, 'shortcuts/milan-rome.yaml'));
        expect(world.run(imported)).to.have.property('applied', true);

        expect([uidsOf(world), specsOf(world)]).to.deep.equal(before);
        expect(planOf(aSurvey(world)).connections[0]?.takeover).to.have.property('kind', 'ours');
      }),
      { numRuns: 10 },
    );
  });
});

function specsOf(world: ModelWorld): readonly unknown[] {
  return world.leaves.flatMap((leaf) =>
    leaf
      .ofKind('Configuration', 'GatewayServer', 'GatewayClient', 'PublicKey')
      .map((object) => object['spec']),
  );
}
