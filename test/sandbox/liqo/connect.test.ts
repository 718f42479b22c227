import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { SECRET } from '../../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../../src/model/kube-object.ts';
import { textAt } from '../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../src/sandbox/liqo/kinds.ts';
import { connect, eventually, startPair, stopAll, tenant, type TestLeaf } from './leaf-pair.ts';

const signal = new AbortController().signal;

interface Recorded {
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly owners: readonly object[];
  readonly [field: string]: unknown;
}

const KINDS: readonly ResourceKind[] = [
  ...Object.values(kinds).filter(({ kind }) => kind !== 'CustomResourceDefinition'),
  SECRET,
];

async function snapshot(leaf: TestLeaf): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(KINDS.map((kind) => leaf.client.list(kind, { signal })));
  return lists.flatMap(({ items }) => items);
}

/** Replaces what chance decides by its shape. */
function normalised(value: unknown, key = ''): unknown {
  if (key === 'uid') return '<uid>';
  if (key === 'lastTransitionTime') return '<time>';
  if (key === 'nodePort' || (key === 'port' && Number(value) >= 30_000)) return '<node port>';
  if (key === 'clusterIP' || key === 'clusterIPs') return '<cluster IP>';
  if (typeof value === 'string') return value.replace(/^liqo\.[a-z0-9]{10}$/, 'liqo.<random>');
  if (Array.isArray(value)) {
    const items = value.map((item) => normalised(item));
    return key === 'conditions' ? items.sort(byType) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, item]) => [field, normalised(item, field)]),
  );
}

function byType(one: unknown, other: unknown): number {
  return (textAt(one, 'type') ?? '') < (textAt(other, 'type') ?? '') ? -1 : 1;
}

/** Defaults that a real API server adds to Services and that ours does not, and pod addresses of the recording. */
const NOT_COMPARED = new Set([
  'sessionAffinity',
  'externalTrafficPolicy',
  'ipFamilies',
  'ipFamilyPolicy',
  'internalTrafficPolicy',
]);

function comparable(value: unknown): unknown {
  const text = JSON.stringify(normalised(value), (key, item: unknown) =>
    NOT_COMPARED.has(key) ? undefined : item,
  );
  return JSON.parse(text.replaceAll(/"10\.20\d\.0\.\d+"/g, '"<pod IP>"'));
}

describe('simulated Liqo, compared with the recorded connection', () => {
  let rome: TestLeaf;
  let milan: TestLeaf;
  let recorded: Readonly<Record<string, readonly Recorded[]>>;

  before(async () => {
    const file = join(import.meta.dirname, 'recorded-connect.yaml');
    recorded = parse(await readFile(file, 'utf8')) as typeof recorded;
    ({ rome, milan } = await startPair());
    await connect(rome, milan);
    for (const leaf of [rome, milan]) {
      await eventually('conditions settled', async () => {
        const all = await snapshot(leaf);
        const fabrics = all.filter(({ kind }) => kind === 'GeneveTunnel');
        const cluster = all.find(({ kind }) => kind === 'ForeignCluster');
        return fabrics.length > 0 && JSON.stringify(cluster).includes('ConnectionEstablished');
      });
    }
  });

  after(() => stopAll(rome, milan));

  for (const id of ['rome', 'milan'] as const) {
    it(`${id} holds the same objects with the same labels, owners and finalizers`, async () => {
      const objects = await snapshot(id === 'rome' ? rome : milan);

      for (const wanted of recorded[id] ?? []) {
        const found = objects.find(
          ({ kind, metadata }) =>
            kind === wanted.kind &&
            metadata.namespace === wanted.namespace &&
            (wanted.name === undefined || metadata.name === wanted.name),
        );
        const what = `${wanted.kind} ${wanted.name ?? ''}`;
        expect(found, what).to.not.equal(undefined);
        const { metadata } = found!;
        expect(metadata.labels ?? {}, what).to.deep.equal(wanted['labels'] ?? {});
        expect(metadata.finalizers ?? [], what).to.deep.equal(wanted['finalizers'] ?? []);
        const owners = (metadata.ownerReferences ?? []).map(
          ({ kind, name, controller = false, blockOwnerDeletion = false }) => ({
            kind,
            name,
            controller,
            blockOwnerDeletion,
          }),
        );
        expect(owners, what).to.deep.equal(wanted.owners);
      }
    });

    it(`${id} shows the same specs and statuses`, async () => {
      const objects = await snapshot(id === 'rome' ? rome : milan);

      for (const wanted of recorded[id] ?? []) {
        const found = objects.find(
          ({ kind, metadata }) => kind === wanted.kind && metadata.name === wanted.name,
        );
        for (const field of ['spec', 'status', 'subjects', 'roleRef', 'type']) {
          if (wanted[field] === undefined) continue;
          const what = `${wanted.kind} ${wanted.name ?? ''} ${field}`;
          expect(comparable(found?.[field]), what).to.deep.equal(comparable(wanted[field]));
        }
      }
    });
  }

  it('makes nothing in the tenant namespaces that the recording does not have', async () => {
    for (const [leaf, peer] of [
      [rome, 'milan'],
      [milan, 'rome'],
    ] as const) {
      const made = (await snapshot(leaf)).filter(
        ({ metadata }) => metadata.namespace === tenant(peer),
      );
      const names = (recorded[leaf.id] ?? [])
        .filter(({ namespace }) => namespace === tenant(peer))
        .map(({ kind, name }) => `${kind}/${name ?? ''}`);
      for (const { kind, metadata } of made) {
        expect(names).to.include(kind === 'Pod' ? 'Pod/' : `${kind}/${metadata.name}`);
      }
    }
  });

  it('runs the gateway with real keys, whose public half the Secret shows', async () => {
    const { items } = await milan.client.list(SECRET, { namespace: tenant('rome'), signal });
    const [secret] = items;

    expect(Buffer.from(textAt(secret, 'data.privateKey') ?? '', 'base64')).to.have.length(32);
    expect(Buffer.from(textAt(secret, 'data.publicKey') ?? '', 'base64')).to.have.length(32);
  });
});
