import { isDeepStrictEqual } from 'node:util';

import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER } from '../liqo/kinds.ts';
import { readRemote } from '../liqo/remap.ts';
import type {
  ReportConnection,
  ReportConnectionObject,
  ReportConnectionRemap,
  ReportMissingPermission,
} from '../model/generated/report.ts';
import { SHORTCUT } from '../model/kinds.ts';
import { resourceOf } from '../model/right.ts';
import { clustersOf, nameOf } from '../model/shortcut.ts';
import type { AddressBook } from '../plan/address-book.ts';
import type { ForeseenObject, Foresight } from '../plan/foresee.ts';
import { judgeDowntime } from '../plan/judge-downtime.ts';
import type { SideObservation } from '../plan/observation.ts';
import type { PlanInput } from '../plan/plan-input.ts';

/** One connection and all that is known of its near future. */
export interface ConnectionOutlook {
  readonly action: ReportConnection['action'];
  /** Why, in a sentence. */
  readonly reason: string;
  readonly input: PlanInput;
  readonly foresight: Foresight;
  readonly server: ReportConnection['server'];
  /** Undefined where the CIDRs of a leaf are not known. */
  readonly addresses: AddressBook | undefined;
  readonly notes: readonly string[];
}

/** What a report says of one connection. The book of addresses is asked, so the order of calls counts. */
export function describeConnection(outlook: ConnectionOutlook): ReportConnection {
  const { action, reason, input, foresight, server, addresses, notes } = outlook;
  const { shortcut, sides } = input;
  const { first, last, objects } = foresight;
  const waits = last.waits.map(({ message }) => `In the end ${message}.`);
  return {
    resource: `${SHORTCUT.kind}/${nameOf(shortcut)}`,
    action,
    clusters: clustersOf(shortcut).toSorted(),
    reason,
    server,
    downtime: judgeDowntime(input, foresight),
    objects: objects.map((object) => toReportObject(object, server.cluster !== '')),
    remap:
      addresses === undefined ? [] : objects.flatMap((object) => remapOf(object, input, addresses)),
    permissionsMissing: sides.flatMap(missingOf),
    blocked: unique([...first.blocked, ...last.blocked].map(({ message }) => message)),
    notes: unique([...notes, ...(first.notes ?? []).map((note) => `${note}.`), ...waits]),
  };
}

const GATEWAYS: readonly string[] = [GATEWAY_SERVER.kind, GATEWAY_CLIENT.kind];

/** Where nobody knows which side listens, nobody knows which gateway is whose. */
function toReportObject(
  { action, cluster, ref, reason }: ForeseenObject,
  isServerKnown: boolean,
): ReportConnectionObject {
  const { kind } = ref.kind;
  const isOpen = GATEWAYS.includes(kind) && !isServerKnown && action === 'create';
  return {
    action,
    cluster,
    kind: isOpen ? GATEWAYS.join(' or ') : kind,
    namespace: ref.namespace ?? '',
    name: ref.name,
    reason,
  };
}

/** The IPAM is asked where a Configuration tells it of other prefixes than before. */
function remapOf(
  { cluster, ref, before, after, action }: ForeseenObject,
  { sides, shortcut }: PlanInput,
  addresses: AddressBook,
): readonly ReportConnectionRemap[] {
  const viewer = sides.find((side) => side.cluster === cluster);
  const peer = clustersOf(shortcut).find((name) => name !== cluster);
  if (ref.kind.kind !== CONFIGURATION.kind || after === undefined) return [];
  if (viewer?.kind !== 'known' || peer === undefined) return [];
  const wanted = readRemote(after);
  const isSame = before !== undefined && isDeepStrictEqual(readRemote(before), wanted);
  if (isSame && action !== 're-create') return [];
  return addresses.predict(viewer, peer, wanted).map(({ kind, cidr, seenAs = '', clash }) => ({
    cluster: peer,
    seenBy: cluster,
    kind,
    cidr,
    seenAs,
    predicted: true,
    clash,
  }));
}

function missingOf({
  cluster,
  missingRights = [],
}: SideObservation): readonly ReportMissingPermission[] {
  return missingRights.map(({ verb, kind, namespace = '', name = '' }) => ({
    cluster,
    verb,
    resource: resourceOf(kind),
    namespace,
    name,
  }));
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
