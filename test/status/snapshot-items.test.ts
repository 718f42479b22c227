import { expect } from 'chai';
import { GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import { createShortcutMemory } from '../../src/status/shortcut-memory.ts';
import { toLeafItem, toShortcutDetail, toShortcutItem } from '../../src/status/snapshot-items.ts';
import { aKnownSide, anUnknownSide } from '../support/builders/a-known-side.ts';
import { aLeafCluster } from '../support/builders/a-leaf-cluster.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { aGatewayServer, aPlan } from './samples.ts';
import { without } from './without.ts';

const EARLIER = '2026-01-01T00:00:00.000Z';
const ready = {
  type: 'Ready',
  status: 'True',
  reason: 'Connected',
  message: 'up',
  lastTransitionTime: EARLIER,
} as const;

function aReadyShortcut(): Shortcut {
  return aShortcut({
    metadata: {
      annotations: {
        'shortcuts.liqo.io/revision': 'main@sha1:0123',
        'shortcuts.liqo.io/file': 'shortcuts/rome-milan.yaml',
      },
    },
    status: {
      phase: 'Ready',
      conditions: [ready],
      sides: [
        { cluster: 'rome', connection: { status: 'Connected', latency: '12ms' }, waitingFor: '' },
        { cluster: 'milan', connection: { status: 'Error', latency: '13ms' }, waitingFor: 'a key' },
      ],
    },
  });
}

describe('toShortcutItem', () => {
  it('shows what the CR says', () => {
    expect(toShortcutItem(aReadyShortcut(), createShortcutMemory())).to.deep.equal({
      ...{ namespace: 'liqo-shortcuts', name: 'rome-milan', key: 'milan--rome' },
      clusters: ['rome', 'milan'],
      phase: 'Ready',
      conditions: [ready],
      sides: aReadyShortcut().status?.sides,
      revision: 'main@sha1:0123',
      file: 'shortcuts/rome-milan.yaml',
      suspended: false,
      deleting: false,
      since: EARLIER,
      waitingFor: 'a key',
    });
  });

  it('shows a shortcut that nobody has looked at yet', () => {
    const shortcut = aShortcut();
    const metadata = without(shortcut.metadata, 'namespace');

    expect(toShortcutItem({ ...shortcut, metadata }, createShortcutMemory())).to.deep.equal({
      ...{ namespace: '', name: 'rome-milan', key: 'milan--rome', clusters: ['rome', 'milan'] },
      ...{ phase: 'Progressing', conditions: [], sides: [], revision: '', file: '' },
      ...{ suspended: false, deleting: false, since: '', waitingFor: '' },
    });
  });

  it('shows the latency of now rather than the one in the CR, of a side that is connected', () => {
    const memory = createShortcutMemory();
    memory.liveLatencies.set('rome', '7ms').set('milan', '8ms');

    const { sides } = toShortcutItem(aReadyShortcut(), memory);

    expect(sides.map(({ connection }) => connection?.latency)).to.deep.equal(['7ms', '13ms']);
  });

  it('waits for nothing where no side says so', () => {
    const shortcut = aShortcut({ status: { sides: [{ cluster: 'rome' }, { cluster: 'milan' }] } });

    expect(toShortcutItem(shortcut, createShortcutMemory()).waitingFor).to.equal('');
  });

  it('shows that it is suspended, and that it is going', () => {
    const shortcut = aShortcut({
      spec: { suspend: true },
      metadata: { deletionTimestamp: EARLIER },
    });

    expect(toShortcutItem(shortcut, createShortcutMemory())).to.include({
      suspended: true,
      deleting: true,
    });
  });
});

describe('toShortcutDetail', () => {
  it('has an empty plan before the first look', () => {
    const detail = toShortcutDetail(aShortcut(), createShortcutMemory(), 'turin');

    expect(detail).to.deep.include({
      spec: aShortcut().spec,
      plan: { server: '', serverReason: '', actions: [], waits: [], blocked: [] },
      history: [],
      objects: [],
    });
  });

  it('shows the last plan in words, the history, and our objects on the leaves that were seen', () => {
    const ours = aGatewayServer({
      metadata: {
        ...{ name: 'milan', namespace: 'liqo-tenant-milan' },
        labels: {
          'app.kubernetes.io/managed-by': 'liqo-shortcuts',
          'shortcuts.liqo.io/installation': 'turin',
          'shortcuts.liqo.io/shortcut': 'milan--rome',
        },
      },
    });
    const theirs = aGatewayServer();
    const shortcut = aShortcut();
    const memory = createShortcutMemory();
    const entry = { at: EARLIER, from: '', to: 'Progressing', reason: 'Progressing', message: '' };
    memory.note(entry);
    memory.last = {
      input: {
        shortcut,
        sides: [aKnownSide({ gatewayServers: [ours, theirs] }), anUnknownSide()],
        installation: 'turin',
      },
      plan: aPlan({
        actions: [
          {
            ...{ kind: 'delete', cluster: 'rome', uid: 'u-1', optional: false, reason: 'is stale' },
            ref: { kind: GATEWAY_SERVER, namespace: 'liqo-tenant-milan', name: 'milan' },
          },
        ],
        waits: [{ cluster: 'rome', reason: 'KeysPending', message: 'the key' }],
        blocked: [{ reason: 'LeafUnreachable', message: 'no answer', stalled: false }],
      }),
    };

    expect(toShortcutDetail(shortcut, memory, 'turin')).to.deep.include({
      plan: {
        server: 'rome',
        serverReason: 'rome can be reached',
        actions: [
          {
            ...{ action: 'delete', cluster: 'rome', reason: 'is stale' },
            object: 'GatewayServer/liqo-tenant-milan/milan',
          },
        ],
        waits: ['the key'],
        blocked: ['no answer'],
      },
      history: [entry],
      objects: [{ cluster: 'rome', object: 'GatewayServer/liqo-tenant-milan/milan' }],
    });
  });

  it('shows no server while none was chosen', () => {
    const shortcut = aShortcut();
    const memory = createShortcutMemory();
    const input = {
      shortcut,
      sides: [anUnknownSide(), anUnknownSide()],
      installation: '',
    } as const;
    memory.last = { input, plan: without(aPlan(), 'server') };

    expect(toShortcutDetail(shortcut, memory, 'turin').plan.server).to.equal('');
  });
});

describe('toLeafItem', () => {
  const counts = { shortcuts: 2, permissionsMissing: ['get secrets'] };

  it('shows what the CR says', () => {
    const status = {
      clusterID: 'rome-id',
      liqoVersion: 'v1.2.0',
      cidrs: { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] },
      conditions: [ready],
    };
    const leafCluster = aLeafCluster({ status, spec: { gateway: { reachability: 'NAT' } } });

    expect(toLeafItem({ leafCluster, ...counts })).to.deep.equal({
      ...{ namespace: 'liqo-shortcuts', name: 'rome', phase: 'Ready' },
      ...status,
      gateway: { reachability: 'NAT' },
      ...counts,
    });
  });

  it('shows why a leaf is not ready', () => {
    const conditions = [{ ...ready, status: 'False' as const, reason: 'LeafForbidden' }];
    const leafCluster = aLeafCluster({ status: { conditions } });

    expect(toLeafItem({ leafCluster, ...counts }).phase).to.equal('LeafForbidden');
  });

  it('shows a leaf that nobody has looked at yet', () => {
    const leafCluster = aLeafCluster();
    const metadata = without(leafCluster.metadata, 'namespace');

    expect(toLeafItem({ leafCluster: { ...leafCluster, metadata }, ...counts })).to.deep.equal({
      ...{ namespace: '', name: 'rome', clusterID: '', liqoVersion: '', phase: 'Progressing' },
      ...{ cidrs: { pod: [], external: [] }, gateway: {}, conditions: [] },
      ...counts,
    });
  });
});
