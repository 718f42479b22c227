import type {
  LeafItem,
  PlanOverview,
  ShortcutDetail,
  ShortcutItem,
  Snapshot,
  SnapshotReader,
} from '../../src/status/snapshot.ts';

/** The picture that a test wants served; everything not given is a small, healthy world. */
export interface FakeWorld {
  version?: number;
  lastBeat?: number;
  snapshot?: Partial<Snapshot>;
  details?: readonly ShortcutDetail[];
  plan?: PlanOverview;
}

/** A SnapshotReader over plain data, changed by assigning to `world`. */
export class FakeSnapshotReader implements SnapshotReader {
  world: FakeWorld;
  readonly #listeners = new Set<() => void>();

  constructor(world: FakeWorld = {}) {
    this.world = world;
  }

  get version(): number {
    return this.world.version ?? 1;
  }

  get lastBeat(): number {
    return this.world.lastBeat ?? 0;
  }

  snapshot(): Snapshot {
    return aSnapshot({ version: String(this.version), ...this.world.snapshot });
  }

  shortcut(namespace: string, name: string): ShortcutDetail | undefined {
    return this.world.details?.find(
      (detail) => detail.namespace === namespace && detail.name === name,
    );
  }

  leaf(name: string): LeafItem | undefined {
    return this.snapshot().leaves.find((leaf) => leaf.name === name);
  }

  plan(): PlanOverview {
    return this.world.plan ?? { items: [], held: [] };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows another world, and says so. */
  change(world: FakeWorld): void {
    this.world = { ...this.world, version: this.version + 1, ...world };
    for (const listener of this.#listeners) listener();
  }

  /** How many look on. */
  get listeners(): number {
    return this.#listeners.size;
  }
}

export function aSnapshot(overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    version: '1',
    installation: 'torino',
    namespace: 'liqo-shortcuts',
    role: 'leader',
    leader: 'torino_1',
    synced: true,
    counts: { shortcuts: 1, ready: 1, notReady: 0, unknown: 0, leaves: 1, leavesReady: 1 },
    shortcuts: [aShortcutItem()],
    leaves: [aLeafItem()],
    ...overrides,
  };
}

export function aShortcutItem(overrides: Partial<ShortcutItem> = {}): ShortcutItem {
  return {
    namespace: 'liqo-shortcuts',
    name: 'rome-milan',
    clusters: ['rome', 'milan'],
    key: 'milan--rome',
    phase: 'Ready',
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Connected',
        message: 'both sides are connected',
        observedGeneration: 1,
        lastTransitionTime: '2026-11-22T10:00:00Z',
      },
    ],
    sides: [
      {
        cluster: 'rome',
        clusterID: 'rome-id',
        role: 'Server',
        liqoVersion: 'v1.2.0',
        cidrs: { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] },
        seenAs: { pod: ['10.71.0.0/16'], external: ['10.72.0.0/16'] },
        gateway: {
          name: 'milan',
          namespace: 'liqo-tenant-milan',
          endpoint: { address: '172.18.0.2', port: 30999, protocol: 'UDP' },
          keyFingerprint: 'SHA256:abc',
        },
        connection: { status: 'Connected', latency: '12ms', since: '2026-11-22T10:00:00Z' },
      },
      {
        cluster: 'milan',
        role: 'Client',
        seenAs: { pod: ['10.81.0.0/16'], external: [] },
        connection: { status: 'Connected', latency: '13ms' },
      },
    ],
    revision: 'main@sha1:0123456789abcdef0123456789abcdef01234567',
    file: 'shortcuts/rome-milan.yaml',
    suspended: false,
    deleting: false,
    since: '2026-11-22T10:00:00Z',
    waitingFor: '',
    ...overrides,
  };
}

export function aShortcutDetail(overrides: Partial<ShortcutDetail> = {}): ShortcutDetail {
  return {
    ...aShortcutItem(),
    spec: {
      clusters: ['rome', 'milan'],
      server: 'auto',
      gateway: {
        mtu: 1340,
        clientEndpoint: { address: 'vpn.rome.example', port: 51840 },
        serviceAnnotations: { 'example.org/pool': 'a' },
        serverTemplate: { name: 'wireguard-server', namespace: 'liqo' },
      },
    },
    plan: {
      server: 'rome',
      serverReason: 'rome is public',
      actions: [
        {
          action: 'apply',
          cluster: 'rome',
          object: 'Configuration/liqo-tenant-milan/milan',
          reason: 'is missing',
        },
      ],
      waits: ['the endpoint of GatewayServer "milan"'],
      blocked: [],
    },
    history: [
      {
        at: '2026-11-22T10:00:00Z',
        from: 'Progressing',
        to: 'Ready',
        reason: 'Connected',
        message: '',
      },
    ],
    objects: [{ cluster: 'rome', object: 'Configuration/liqo-tenant-milan/milan' }],
    ...overrides,
  };
}

export function aLeafItem(overrides: Partial<LeafItem> = {}): LeafItem {
  return {
    namespace: 'liqo-shortcuts',
    name: 'rome',
    clusterID: 'rome-id',
    liqoVersion: 'v1.2.0',
    cidrs: { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] },
    gateway: { serviceType: 'NodePort', reachability: 'Public' },
    phase: 'Ready',
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Connected',
        message: 'reachable, with a Liqo that we know',
        lastTransitionTime: '2026-11-22T10:00:00Z',
      },
    ],
    shortcuts: 1,
    permissionsMissing: [],
    ...overrides,
  };
}
