import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';
import { parse } from 'yaml';

import type { KubeObject } from '../../src/model/kube-object.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { CUSTOM_RESOURCE_DEFINITION } from '../../src/model/kinds.ts';
import { type Answer, HttpCaller } from '../sandbox/kubernetes/http-caller.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const FOLDER = join(import.meta.dirname, '../../deploy/crds');
const BASE = '/apis/shortcuts.liqo.io/v1alpha1';
const APPLY = 'application/apply-patch+yaml';

/** One write: a server-side apply of this spec, or of the metadata beside it. */
interface Write {
  readonly spec: object;
  readonly name?: string;
}

interface Case {
  readonly name: string;
  readonly plural: 'shortcuts' | 'leafclusters';
  /** All but the last one are taken. */
  readonly writes: readonly Write[];
  /** What is stored in the end. */
  readonly stored?: object;
  /** Or: which fields the last one is refused for; `typed` where the whole body cannot be read. */
  readonly refused?: readonly string[] | 'typed';
}

const clusters = ['rome', 'milan'];
const kubeconfigSecretRef = { name: 'rome-kubeconfig' };
const SHORTCUT_DEFAULTS = { server: 'auto', suspend: false, deletionPolicy: 'Disconnect' };

const CASES: readonly Case[] = [
  ...shortcuts({ clusters }, { name: 'fills in defaults', ...stored(SHORTCUT_DEFAULTS) }),
  ...shortcuts({ clusters: ['rome'] }, { name: 'refuses one leaf', refused: ['spec.clusters'] }),
  ...shortcuts(
    { clusters: ['rome', 'milan', 'naples'] },
    { name: 'refuses three leaves', refused: ['spec.clusters'] },
  ),
  ...shortcuts(
    { clusters: ['rome', 'rome'] },
    { name: 'refuses the same leaf twice', refused: ['spec.clusters'] },
  ),
  ...shortcuts(
    { clusters: ['rome', 'Milan'] },
    { name: 'refuses a name that is none', refused: ['spec.clusters[1]'] },
  ),
  ...shortcuts({}, { name: 'refuses no leaves', refused: ['spec.clusters'] }),
  ...shortcuts(
    { clusters, server: 'milan' },
    { name: 'takes one of the two as server', ...stored({ server: 'milan' }) },
  ),
  ...shortcuts(
    { clusters, server: 'turin' },
    { name: 'refuses a third as server', refused: ['spec.server'] },
  ),
  {
    name: 'takes the same leaves in another order',
    plural: 'shortcuts',
    writes: [{ spec: { clusters } }, { spec: { clusters: ['milan', 'rome'] } }],
    stored: { clusters: ['milan', 'rome'] },
  },
  {
    name: 'refuses other leaves than before',
    plural: 'shortcuts',
    writes: [{ spec: { clusters } }, { spec: { clusters: ['rome', 'naples'] } }],
    refused: ['spec.clusters'],
  },
  ...shortcuts(
    { clusters, gateway: { mtu: 575, port: 0, nodePort: 29_999, serviceType: 'ExternalName' } },
    {
      name: 'refuses a gateway that cannot be, field by field',
      refused: [
        'spec.gateway.mtu',
        'spec.gateway.nodePort',
        'spec.gateway.port',
        'spec.gateway.serviceType',
      ],
    },
  ),
  ...shortcuts(
    {
      clusters,
      gateway: { mtu: 576, port: 65_535, nodePort: 32_767, loadBalancerIP: '198.18.0.9' },
    },
    { name: 'takes a gateway at the edge of what can be', ...stored({ server: 'auto' }) },
  ),
  ...shortcuts(
    { clusters, gateway: { loadBalancerIP: '1.2.3' } },
    { name: 'refuses what is no IPv4 address', refused: ['spec.gateway.loadBalancerIP'] },
  ),
  ...shortcuts(
    { clusters, gateway: { clientEndpoint: { address: 'gate_way', port: 1 } } },
    { name: 'refuses what cannot be dialled', refused: ['spec.gateway.clientEndpoint.address'] },
  ),
  ...shortcuts(
    { clusters, deletionPolicy: 'Forget' },
    { name: 'refuses another way to go', refused: ['spec.deletionPolicy'] },
  ),
  ...shortcuts({ clusters, suspend: 'yes' }, { name: 'refuses a wrong type', refused: 'typed' }),
  ...shortcuts({ clusters, colour: 'red' }, { name: 'refuses an unknown field', refused: 'typed' }),
  {
    name: 'refuses a name with a dot',
    plural: 'leafclusters',
    writes: [{ name: 'rome.milan', spec: { kubeconfigSecretRef } }],
    refused: ['metadata.name'],
  },
  {
    name: 'fills in defaults',
    plural: 'leafclusters',
    writes: [{ spec: { kubeconfigSecretRef } }],
    stored: {
      kubeconfigSecretRef: { name: 'rome-kubeconfig', key: 'kubeconfig' },
      liqoNamespace: 'liqo',
    },
  },
  {
    name: 'refuses a leaf without credential',
    plural: 'leafclusters',
    writes: [{ spec: { clusterID: 'rome' } }],
    refused: ['spec.kubeconfigSecretRef'],
  },
  {
    name: 'refuses what cannot be of a leaf, field by field',
    plural: 'leafclusters',
    writes: [
      {
        spec: {
          kubeconfigSecretRef,
          clusterID: 'Rome',
          gateway: { reachability: 'Sometimes' },
          cidrs: { pod: ['10.0.0.0'] },
        },
      },
    ],
    refused: ['spec.cidrs.pod[0]', 'spec.clusterID', 'spec.gateway.reachability'],
  },
];

function shortcuts(spec: object, rest: Omit<Case, 'plural' | 'writes'>): readonly Case[] {
  return [{ ...rest, plural: 'shortcuts', writes: [{ spec }] }];
}

function stored(spec: object): { readonly stored: object } {
  return { stored: spec };
}

/** What an API server makes of our CRDs, whichever server it is. */
export function describeOwnCRDs(name: string, createServer: () => ApiServer): void {
  describe(`our CRDs: ${name}`, function () {
    this.timeout(60_000);
    let server: ApiServer;
    let caller: HttpCaller;
    let count = 0;

    before(async () => {
      server = createServer();
      await server.start();
      const client = server.client();
      for (const file of (await readdir(FOLDER)).filter((path) => path.endsWith('.yaml'))) {
        const crd = parse(await readFile(join(FOLDER, file), 'utf8')) as KubeObject;
        await client.create(CUSTOM_RESOURCE_DEFINITION, crd, { signal });
      }
      caller = new HttpCaller(server);
      for (const plural of ['shortcuts', 'leafclusters']) {
        await eventually(`${plural} are served`, async () => {
          const { code } = await caller.call('GET', `${BASE}/${plural}`);
          return code === 200 ? { done: true } : { seen: code };
        });
      }
    });
    after(async () => {
      await caller.close();
      await server.stop();
    });

    const kindOf = (plural: string) => (plural === 'shortcuts' ? 'Shortcut' : 'LeafCluster');
    const pathOf = (plural: string) => `${BASE}/namespaces/default/${plural}`;

    async function apply(plural: string, object: string, spec: object): Promise<Answer> {
      const body = {
        apiVersion: 'shortcuts.liqo.io/v1alpha1',
        kind: kindOf(plural),
        metadata: { name: object },
        spec,
      };
      const path = `${pathOf(plural)}/${object}?fieldManager=test&force=true`;
      return caller.call('PATCH', path, { body, type: APPLY });
    }

    for (const { name: title, plural, writes, stored: want, refused } of CASES) {
      it(`${kindOf(plural)}: ${title}`, async () => {
        count += 1;
        const answers: Answer[] = [];
        for (const { name: object = `case-${count}`, spec } of writes) {
          answers.push(await apply(plural, object, spec));
        }

        const last = answers.pop()!;
        expect(answers.every(({ code }) => code < 300)).to.equal(true);
        if (want !== undefined) {
          expect(last.code, last.body.message).to.be.below(300);
          expect(last.body.spec).to.deep.include(want);
        } else if (refused === 'typed') {
          expect(last.code).to.equal(500);
          expect(last.body.message).to.match(/^failed to create typed patch object/);
        } else {
          expect(last.code).to.equal(422);
          const fields = (last.body.details!.causes ?? []).map(({ field }) => field);
          // Where the object breaks the schema, one more cause says that our rules were not looked at.
          const named = new Set(fields.filter((field) => field !== '<nil>'));
          expect([...named].sort()).to.deep.equal(refused);
        }
      });
    }

    it('prune what they do not know where it is only created', async () => {
      const body = {
        apiVersion: 'shortcuts.liqo.io/v1alpha1',
        kind: 'Shortcut',
        metadata: { name: 'pruned' },
        spec: { clusters, colour: 'red' },
      };

      const created = await caller.call('POST', pathOf('shortcuts'), { body });

      expect(created.code).to.equal(201);
      expect(created.body.spec).to.deep.equal({ clusters, ...SHORTCUT_DEFAULTS });
      expect(created.headers.get('warning')).to.match(/unknown field \\?"spec\.colour/);
    });

    it('take the status through its own door only, and leave the generation alone', async () => {
      const made = await apply('shortcuts', 'status', { clusters });
      const body = { status: { phase: 'Ready', observedGeneration: 1 } };
      const type = 'application/merge-patch+json';
      const path = `${pathOf('shortcuts')}/status`;

      const front = await caller.call('PATCH', path, { body, type });
      const own = await caller.call('PATCH', `${path}/status`, { body, type });

      expect(front.body.status).to.equal(undefined);
      expect(own.body.status).to.include({ phase: 'Ready' });
      expect(own.body.metadata.generation).to.equal(made.body.metadata.generation);
    });

    it('refuse a status that the schema does not know', async () => {
      await apply('shortcuts', 'bad-status', { clusters });
      const body = { status: { conditions: [{ type: 'Ready', status: 'Maybe' }] } };
      const type = 'application/merge-patch+json';
      const path = `${pathOf('shortcuts')}/bad-status/status`;

      const answer = await caller.call('PATCH', path, { body, type });

      expect(answer.code).to.equal(422);
    });

    it('show a Shortcut in one line', async () => {
      await apply('shortcuts', 'shown', { clusters });
      const condition = { type: 'Ready', status: 'True', reason: 'Connected', message: 'ok' };
      const lastTransitionTime = '2026-01-01T00:00:00Z';
      const status = {
        conditions: [{ ...condition, lastTransitionTime }],
        sides: [{ cluster: 'rome', connection: { status: 'Connected', latency: '2ms' } }],
      };
      const path = `${pathOf('shortcuts')}/shown`;
      const type = 'application/merge-patch+json';
      const put = await caller.call('PATCH', `${path}/status`, { body: { status }, type });
      expect(put.code, put.body.message).to.equal(200);
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';

      const { body } = await caller.call('GET', path, { headers: { accept } });

      expect(body.columnDefinitions?.map((column) => column.name).slice(0, 5)).to.deep.equal([
        'Name',
        'Clusters',
        'Ready',
        'Reason',
        'Latency',
      ]);
      const shown = ['shown', '["rome","milan"]', 'True', 'Connected', '2ms'];
      expect(body.rows[0]?.cells.slice(0, 5)).to.deep.equal(shown);
    });
  });
}
