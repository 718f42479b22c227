import type { DesiredState } from '../../src/manifests/desired-state.ts';
import type { MirrorAction } from '../../src/mirror/mirror-plan.ts';
import { LEAF_CLUSTER, SHORTCUT } from '../../src/model/kinds.ts';
import type { ReportConnection } from '../../src/model/generated/report.ts';
import type { Problem } from '../../src/model/problem.ts';
import { buildReport, type ReportInput } from '../../src/reconcile/build-report.ts';
import { NO_OUTLOOK } from '../../src/reconcile/outlook.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';

/** Something wrong with a file. */
export function aProblem(overrides: Partial<Problem> = {}): Problem {
  return {
    code: 'unknown-leaf',
    severity: 'error',
    message: 'no LeafCluster is named "milano"',
    file: 'shortcuts/rome-milan.yaml',
    line: 6,
    column: 20,
    pointer: '/spec/clusters/1',
    resource: 'Shortcut/liqo-shortcuts/rome-milan',
    ...overrides,
  };
}

/** One thing to happen to a resource of the main cluster. */
export function aMirrorAction(
  action: MirrorAction['action'],
  overrides: { readonly resource?: string; readonly reason?: string } = {},
): MirrorAction {
  const subject = {
    ref: { kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-milan' },
    resource: 'Shortcut/liqo-shortcuts/rome-milan',
    clusters: ['milan', 'rome'],
    file: 'shortcuts/rome-milan.yaml',
    reason: 'is new',
    ...overrides,
  };
  switch (action) {
    case 'create':
    case 'update':
      return { ...subject, action, object: aShortcut() };
    case 'delete':
      return { ...subject, action, uid: 'u-1' };
    case 'keep':
    case 'blocked':
    case 'unknown':
      return { ...subject, action };
  }
}

/** A desired state without problems, or with these. */
export function aDesiredState(problems: readonly Problem[] = [], files = 3): DesiredState {
  const complete = problems.every(({ severity }) => severity === 'warning');
  return { resources: [], problems, files, complete };
}

/** What a report is built from: by default a run in which nothing is wrong and nothing is to do. */
export function aReportInput(overrides: Partial<ReportInput> = {}): ReportInput {
  return {
    mode: 'dry-run',
    source: { location: '.', ref: 'main', revision: 'main@sha1:0123', base: '' },
    desired: aDesiredState(),
    mirrorPlan: { actions: [], held: [], guards: [] },
    plans: [],
    outlook: NO_OUTLOOK,
    results: [],
    isEnvironmentBroken: false,
    detailedExitCode: false,
    ...overrides,
  };
}

/** A connection that everything is said of. */
export function aReportConnection(overrides: Partial<ReportConnection> = {}): ReportConnection {
  return {
    resource: 'Shortcut/liqo-shortcuts/update',
    action: 'update',
    clusters: ['milan', 'rome'],
    reason: 'differs in spec',
    server: { cluster: 'milan', reason: '"milan" listens: spec.server says so.', certain: false },
    downtime: { class: 're-created', reason: 'GatewayServer on "rome" goes.' },
    objects: [
      {
        action: 'create',
        cluster: 'milan',
        kind: 'GatewayServer',
        namespace: 'liqo-tenant-rome',
        name: 'rome',
        reason: 'It is missing.',
      },
    ],
    remap: [
      {
        cluster: 'rome',
        seenBy: 'milan',
        kind: 'pod',
        cidr: '10.200.0.0/16',
        seenAs: '10.71.0.0/16',
        predicted: true,
        clash: '10.200.0.0/16 is its own pod CIDR',
      },
    ],
    permissionsMissing: [
      {
        cluster: 'rome',
        verb: 'get',
        resource: 'secrets',
        namespace: 'liqo-tenant-milan',
        name: '',
      },
    ],
    blocked: ['leaf "rome" does not allow it'],
    notes: ['something was assumed'],
    ...overrides,
  };
}

/** A report in which everything occurs. */
export function aFullReport(overrides: Partial<ReportInput> = {}) {
  const actions = (['create', 'update', 'delete', 'keep', 'unknown', 'blocked'] as const).map(
    (action) => aMirrorAction(action, { resource: `Shortcut/liqo-shortcuts/${action}` }),
  );
  return buildReport(
    aReportInput({
      desired: aDesiredState([
        aProblem(),
        aProblem({ severity: 'warning', code: 'symlink-ignored', file: 'shortcuts/link.yaml' }),
      ]),
      mirrorPlan: {
        actions,
        held: [],
        guards: [
          {
            code: 'deletion-guard',
            message: '7 of 9 resources would be deleted',
            held: ['Shortcut/liqo-shortcuts/delete'],
          },
        ],
      },
      outlook: {
        connections: [
          aReportConnection(),
          aReportConnection({
            resource: 'Shortcut/liqo-shortcuts/delete',
            action: 'delete',
            reason: 'is not in the repository any more',
            server: { cluster: '', reason: '', certain: true },
            downtime: { class: 'ends', reason: 'The connection is taken away.' },
            ...{ objects: [], remap: [], permissionsMissing: [], blocked: [], notes: [] },
          }),
        ],
        existing: 14,
        deleted: 1,
      },
      plans: [
        {
          key: 'milan--rome',
          serverReason: '',
          actions: [
            {
              kind: 'patch',
              cluster: 'rome',
              ref: { kind: LEAF_CLUSTER, namespace: 'liqo-tenant-milan', name: 'milan' },
              body: {},
              uid: 'u-1',
              reason: 'has a field too many',
              drift: true,
            },
            {
              kind: 'delete',
              cluster: 'milan',
              ref: { kind: { ...LEAF_CLUSTER, kind: 'Namespace' }, name: 'liqo-tenant-rome' },
              uid: 'u-2',
              optional: true,
              reason: 'is not needed any more',
            },
          ],
          waits: [],
          blocked: [],
          finished: false,
          applied: false,
        },
      ],
      results: [
        { resource: 'Shortcut/ns/b', ready: 'False', reason: 'Connecting', message: 'not yet' },
        { resource: 'Shortcut/ns/a', ready: 'True', reason: 'Connected', message: 'up' },
        { resource: 'Shortcut/ns/c', ready: 'Unknown', reason: 'LeafUnreachable', message: '?' },
      ],
      ...overrides,
    }),
  );
}
