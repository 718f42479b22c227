import type { ShortcutSpec, SideStatus } from '../model/shortcut.ts';
import type { ListPatch, SnapshotPatch, SnapshotSummary } from '../status/snapshot-patch.ts';
import type {
  HistoryEntry,
  LeafItem,
  PlanItem,
  PlannedAction,
  PlanOverview,
  ShortcutDetail,
  ShortcutItem,
  Snapshot,
} from '../status/snapshot.ts';
import { FORGE } from './forge-schema.ts';
import {
  BOOLEAN,
  INTEGER,
  type JsonSchema,
  list,
  object,
  STRING,
  STRING_MAP,
  STRINGS,
} from './json-schema.ts';
import { CONDITION, HELD, SOURCE } from './source-schema.ts';

type SideCidrs = NonNullable<SideStatus['cidrs']>;
type SideGateway = NonNullable<SideStatus['gateway']>;
type Connection = NonNullable<SideStatus['connection']>;
type SpecGateway = NonNullable<ShortcutSpec['gateway']>;
interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
}

/** RFC 9457. */
export const PROBLEM_DOCUMENT = object<ProblemDocument>(
  { type: STRING, title: STRING, status: INTEGER, detail: STRING },
  ['detail'],
);

const CIDRS = object<SideCidrs>({ pod: STRINGS, external: STRINGS });

const ADDRESS = { address: STRING, port: INTEGER };

const SIDE_GATEWAY = object<SideGateway>(
  {
    name: STRING,
    namespace: STRING,
    endpoint: object<NonNullable<SideGateway['endpoint']>>({ ...ADDRESS, protocol: STRING }),
    keyFingerprint: STRING,
  },
  ['endpoint', 'keyFingerprint'],
);

const CONNECTION = object<Connection>({ status: STRING, latency: STRING, since: STRING }, [
  'latency',
  'since',
]);

const SIDE = object<SideStatus>(
  {
    cluster: STRING,
    clusterID: STRING,
    role: STRING,
    liqoVersion: STRING,
    cidrs: CIDRS,
    seenAs: CIDRS,
    gateway: SIDE_GATEWAY,
    connection: CONNECTION,
    waitingFor: STRING,
  },
  ['clusterID', 'role', 'liqoVersion', 'cidrs', 'seenAs', 'gateway', 'connection', 'waitingFor'],
);

const SHORTCUT_PROPERTIES: Readonly<Record<keyof ShortcutItem, JsonSchema>> = {
  namespace: STRING,
  name: STRING,
  clusters: STRINGS,
  key: STRING,
  phase: STRING,
  conditions: list(CONDITION),
  sides: list(SIDE),
  revision: STRING,
  file: STRING,
  suspended: BOOLEAN,
  deleting: BOOLEAN,
  since: STRING,
  waitingFor: STRING,
};

/** An item of the list of shortcuts. */
export const SHORTCUT = object<ShortcutItem>(SHORTCUT_PROPERTIES);

const TEMPLATE = object<NonNullable<SpecGateway['serverTemplate']>>(
  { name: STRING, namespace: STRING },
  ['namespace'],
);

const SPEC = object<ShortcutSpec>(
  {
    clusters: STRINGS,
    server: STRING,
    gateway: object<SpecGateway>(
      {
        mtu: INTEGER,
        serviceType: STRING,
        port: INTEGER,
        nodePort: INTEGER,
        loadBalancerIP: STRING,
        serviceAnnotations: STRING_MAP,
        clientEndpoint: object<NonNullable<SpecGateway['clientEndpoint']>>(ADDRESS),
        serverTemplate: TEMPLATE,
        clientTemplate: TEMPLATE,
      },
      [
        'mtu',
        'serviceType',
        'port',
        'nodePort',
        'loadBalancerIP',
        'serviceAnnotations',
        'clientEndpoint',
        'serverTemplate',
        'clientTemplate',
      ],
    ),
    suspend: BOOLEAN,
    deletionPolicy: STRING,
  },
  ['server', 'gateway', 'suspend', 'deletionPolicy'],
);

const PLAN = object<ShortcutDetail['plan']>({
  server: STRING,
  serverReason: STRING,
  actions: list(
    object<PlannedAction>({ action: STRING, cluster: STRING, object: STRING, reason: STRING }),
  ),
  waits: STRINGS,
  blocked: STRINGS,
});

/** One shortcut with everything that is known of it. */
export const SHORTCUT_DETAIL = object<ShortcutDetail>({
  ...SHORTCUT_PROPERTIES,
  spec: SPEC,
  plan: PLAN,
  history: list(
    object<HistoryEntry>({
      at: STRING,
      from: STRING,
      to: STRING,
      reason: STRING,
      message: STRING,
    }),
  ),
  objects: list(object<ShortcutDetail['objects'][number]>({ cluster: STRING, object: STRING })),
});

/** A leaf. */
export const LEAF = object<LeafItem>(
  {
    namespace: STRING,
    name: STRING,
    clusterID: STRING,
    liqoVersion: STRING,
    cidrs: CIDRS,
    gateway: object<LeafItem['gateway']>({ serviceType: STRING, reachability: STRING }, [
      'serviceType',
      'reachability',
    ]),
    phase: STRING,
    conditions: list(CONDITION),
    credential: object<NonNullable<LeafItem['credential']>>({ kind: STRING, expiresAt: STRING }),
    shortcuts: INTEGER,
    permissionsMissing: STRINGS,
  },
  ['credential'],
);

const SUMMARY_PROPERTIES: Readonly<Record<keyof SnapshotSummary, JsonSchema>> = {
  version: STRING,
  installation: STRING,
  namespace: STRING,
  synced: BOOLEAN,
  role: STRING,
  leader: STRING,
  mainError: STRING,
  staleSince: STRING,
  source: SOURCE,
  forge: FORGE,
  counts: object<Snapshot['counts']>({
    shortcuts: INTEGER,
    ready: INTEGER,
    notReady: INTEGER,
    unknown: INTEGER,
    leaves: INTEGER,
    leavesReady: INTEGER,
  }),
};

const SUMMARY_OPTIONAL = ['leader', 'mainError', 'staleSince', 'source', 'forge'] as const;

/** The whole picture. */
export const SNAPSHOT = object<Snapshot>(
  { ...SUMMARY_PROPERTIES, shortcuts: list(SHORTCUT), leaves: list(LEAF) },
  SUMMARY_OPTIONAL,
);

function listPatch(item: JsonSchema): JsonSchema {
  return object<ListPatch<unknown>>({ changed: list(item), removed: STRINGS });
}

/** The data of an event of `/api/v1/events`. */
export const SNAPSHOT_PATCH = object<SnapshotPatch>({
  reset: BOOLEAN,
  summary: object<SnapshotSummary>(SUMMARY_PROPERTIES, SUMMARY_OPTIONAL),
  shortcuts: listPatch(SHORTCUT),
  leaves: listPatch(LEAF),
});

/** What would be done now. */
export const PLAN_OVERVIEW = object<PlanOverview>({
  items: list(object<PlanItem>({ namespace: STRING, name: STRING, clusters: STRINGS, plan: PLAN })),
  held: HELD,
});
