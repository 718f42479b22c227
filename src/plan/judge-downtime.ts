import { GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../liqo/kinds.ts';
import { compareObject } from './compare.ts';
import type { ForeseenObject, Foresight } from './foresee.ts';
import type { PlanInput } from './plan-input.ts';

/**
 * What a change does to a tunnel that runs.
 *
 * - `none`: nothing that its traffic would notice.
 * - `re-handshake`: a gateway starts anew or dials anew with the same keys; seconds without traffic.
 * - `re-created`: a gateway is made again, with new keys and a new endpoint; the tunnel is down until both sides have
 *   taken that in.
 * - `ends`: it is taken away.
 * - `unknown`: a leaf cannot be seen.
 */
export type DowntimeClass = 'none' | 're-handshake' | 're-created' | 'ends' | 'unknown';

export interface Downtime {
  readonly class: DowntimeClass;
  /** One sentence, deterministic. */
  readonly reason: string;
}

interface Effect {
  readonly kind: string;
  /** Path of a field; what lies below it counts as well. The first one that fits is taken. */
  readonly field: string;
  readonly class: 'none' | 're-handshake';
  readonly why: string;
}

const RESTARTS = 'Liqo starts the Pod of the gateway anew';

/**
 * What a change of an object in place does to the tunnel, from what Liqo makes of it (NETWORK.md 7.2, observed/README.md):
 * what is an argument of a gateway's programs starts its Pod anew, what is only about its Service does not, and a client
 * that has to dial elsewhere follows by a change of its own.
 */
const EFFECTS: readonly Effect[] = [
  { kind: GATEWAY_SERVER.kind, field: 'spec.mtu', class: 're-handshake', why: RESTARTS },
  { kind: GATEWAY_SERVER.kind, field: 'spec.endpoint.port', class: 're-handshake', why: RESTARTS },
  { kind: GATEWAY_SERVER.kind, field: 'spec.endpoint', class: 'none', why: '' },
  { kind: GATEWAY_SERVER.kind, field: 'spec.serviceAnnotations', class: 'none', why: '' },
  { kind: GATEWAY_SERVER.kind, field: 'spec', class: 're-handshake', why: RESTARTS },
  { kind: GATEWAY_CLIENT.kind, field: 'spec', class: 're-handshake', why: RESTARTS },
  {
    kind: PUBLIC_KEY.kind,
    field: 'spec',
    class: 're-handshake',
    why: 'the gateway gets another key of its peer',
  },
];

const GATEWAYS: readonly string[] = [GATEWAY_SERVER.kind, GATEWAY_CLIENT.kind];

/** What a foreseen change does to the tunnel between two leaves. */
export function judgeDowntime(input: PlanInput, { objects, first }: Foresight): Downtime {
  const hidden = input.sides.find(({ kind }) => kind === 'unknown');
  if (hidden !== undefined) {
    return { class: 'unknown', reason: `"${hidden.cluster}" cannot be seen.` };
  }
  const [blocked] = first.blocked;
  if (blocked !== undefined && objects.length === 0) {
    return { class: 'none', reason: `Nothing is done: ${blocked.message}` };
  }
  if (input.shortcut.metadata.deletionTimestamp !== undefined) return judgeEnd(input);
  const lost = objects.find(
    ({ action, ref }) =>
      GATEWAYS.includes(ref.kind.kind) && (action === 're-create' || action === 'delete'),
  );
  if (lost !== undefined) {
    const reason = `${describe(lost)}: ${lost.reason} New keys, and no tunnel until both sides know them.`;
    return { class: 're-created', reason };
  }
  return judgeChanges(input, objects);
}

function judgeEnd({ shortcut, sides }: PlanInput): Downtime {
  if (shortcut.spec.deletionPolicy === 'Orphan') {
    const reason = 'Its deletionPolicy is Orphan: the tunnel stays, and nobody looks after it.';
    return { class: 'none', reason };
  }
  const isThere = sides.some(
    (side) => side.kind === 'known' && side.gatewayServers.length + side.gatewayClients.length > 0,
  );
  return isThere
    ? { class: 'ends', reason: 'The connection is taken away.' }
    : { class: 'none', reason: 'There is no gateway.' };
}

function judgeChanges({ sides }: PlanInput, objects: readonly ForeseenObject[]): Downtime {
  const isNew = sides.every(
    (side) =>
      side.kind === 'known' && side.gatewayServers.length + side.gatewayClients.length === 0,
  );
  if (isNew) return { class: 'none', reason: 'It is new: nothing runs yet.' };
  const found = objects
    .filter(({ action }) => action === 'update')
    .flatMap((object) => effectsOf(object).map((effect) => ({ object, ...effect })))
    .find((effect) => effect.class === 're-handshake');
  if (found === undefined)
    return { class: 'none', reason: 'Nothing changes that its traffic needs.' };
  const { object, path, why } = found;
  return { class: 're-handshake', reason: `${path} of ${describe(object)} changes: ${why}.` };
}

function effectsOf({ before, after, ref }: ForeseenObject): readonly (Effect & { path: string })[] {
  if (before === undefined || after === undefined) return [];
  const { wrong, surplus } = compareObject(before, after);
  return [...wrong, ...surplus].flatMap((path) => {
    const effect = EFFECTS.find(
      ({ kind, field }) => kind === ref.kind.kind && `${path}.`.startsWith(`${field}.`),
    );
    return effect === undefined ? [] : [{ ...effect, path }];
  });
}

function describe({ cluster, ref }: ForeseenObject): string {
  return `${ref.kind.kind} on "${cluster}"`;
}
