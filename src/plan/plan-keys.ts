import { gatewayUIDOf, readConnection } from '../liqo/connection.ts';
import { describeMissingWg, findWgGateway } from '../liqo/endpoint.ts';
import { isPublicKey } from '../liqo/keys.ts';
import { CONNECTION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../liqo/kinds.ts';
import { gatewayChildName } from '../liqo/labels.ts';
import { type KubeObject, type ObjectRef, refOf, uidOf } from '../model/kube-object.ts';
import { ANNOTATION_TOUCHED } from '../model/names.ts';
import type { Wait } from '../model/plan.ts';
import type { Shortcut } from '../model/shortcut.ts';
import { desiredPublicKey } from './desired-objects.ts';
import { standingGateway } from './gateway-fate.ts';
import { keepObject } from './keep-object.ts';
import { gatewayOwners } from './leftovers.ts';
import { secretToRead } from './own-objects.ts';
import type { KnownSide } from './observation.ts';
import type { PairSide } from './pair-side.ts';
import { BY_COLLECTOR, BY_HAND, NOT_YET, type Step, waitFor, waitForAbsence } from './step.ts';

/** The peer's key on this side: as soon as the peer's Secret is there, and a gateway here to own it. */
export function planPublicKey(here: PairSide, there: PairSide): Step {
  const { side, stock } = here;
  const gateway = standingGateway(here);
  const peerGateway = standingGateway(there);
  if (gateway === undefined || peerGateway === undefined) return NOT_YET;
  const reading = readKey(there, peerGateway);
  switch (reading.kind) {
    case 'key': {
      const desired = desiredPublicKey(here, reading.key, gateway);
      const current = stock.publicKey;
      return keepObject({ cluster: side.cluster, kind: PUBLIC_KEY, desired, current });
    }
    case 'unread': {
      // Nothing may be concluded: a key that is there for this gateway counts as the right one, but for a peer's gateway
      // of which nothing has been made yet.
      const isKept =
        stock.publicKey !== undefined &&
        gatewayOwners(stock.publicKey).includes(uidOf(gateway)) &&
        findWgGateway(peerGateway, there.side.wgGateways) !== undefined;
      return isKept ? { isInPlace: true } : { isInPlace: false, wait: reading.wait };
    }
    case 'pending':
      return { isInPlace: false, wait: reading.wait };
  }
}

/** Liqo says why it makes none in events alone (NETWORK.md 14.22). */
const AWAITED =
  'waiting for Liqo to make it, and to be read; if that lasts, the events of the WgGateway tell why';

function describeAwaited({ wgGateways }: KnownSide, gateway: KubeObject): string {
  return findWgGateway(gateway, wgGateways) === undefined
    ? `waiting for Liqo to make it after ${describeMissingWg(gateway)}`
    : AWAITED;
}

type KeyReading =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'unread' | 'pending'; readonly wait: Wait };

/** The key of the side's own gateway. A Secret of an earlier gateway does not count (NETWORK.md 9.3). */
function readKey({ side, identity }: PairSide, gateway: KubeObject): KeyReading {
  const { keySecret, cluster } = side;
  const kind = gateway.kind === GATEWAY_SERVER.kind ? GATEWAY_SERVER : GATEWAY_CLIENT;
  const ref = secretToRead(side, identity)?.ref ?? refOf(kind, gateway);
  const keyWait = (what: string): Wait => ({
    ...waitFor(cluster, 'KeysPending', ref, what),
    isUnwatched: true,
  });
  const awaited = describeAwaited(side, gateway);
  const pending = (what: string): KeyReading => ({
    kind: 'pending',
    wait: keyWait(what),
  });
  switch (keySecret.kind) {
    case 'unread':
      // The same words as for one that is absent: between two looks it is the one or the other.
      return { kind: 'unread', wait: keyWait(awaited) };
    case 'absent':
      return pending(awaited);
    case 'present':
      if (!keySecret.ownerUIDs.includes(uidOf(gateway))) {
        return pending(
          `it was not made for this gateway, waiting for it to be gone: ${keySecret.ownerUIDs.length > 0 ? BY_COLLECTOR : BY_HAND}`,
        );
      }
      if (!isPublicKey(keySecret.publicKey)) {
        return pending('data.publicKey is not a key of 32 bytes');
      }
      return { kind: 'key', key: keySecret.publicKey };
  }
}

/**
 * The Connection of one side, once everything of ours is in place on both. Read only for us: the most that we do is to
 * touch the PublicKey, so that Liqo makes a lost Connection again.
 */
export function planTunnel(here: PairSide, isApplied: boolean): Step {
  const { side, stock } = here;
  const gateway = standingGateway(here);
  const { publicKey } = stock;
  if (!isApplied || gateway === undefined || publicKey === undefined) return NOT_YET;
  const current = side.connections.find(
    (connection) => gatewayUIDOf(connection) === uidOf(gateway),
  );
  if (current !== undefined) {
    const isError = readConnection(current).value === 'Error';
    const mend = isError ? touch(here, gateway, publicKey, findError(here.shortcut)) : {};
    return { ...readTunnel(here, current), ...mend };
  }
  const [other] = side.connections;
  if (other !== undefined) {
    const target = { ref: refOf(CONNECTION, other), object: other };
    return { isInPlace: false, wait: waitForAbsence(side.cluster, target) };
  }
  const ref: ObjectRef = {
    kind: CONNECTION,
    namespace: here.tenantName,
    name: gatewayChildName(gateway.metadata.name),
  };
  const wait = waitFor(
    side.cluster,
    'Connecting',
    ref,
    'waiting for it to be made; if that lasts, see that the Pod of its gateway runs',
  );
  return { isInPlace: false, wait, ...touch(here, gateway, publicKey, findLoss(here.shortcut)) };
}

function readTunnel({ side, peer }: PairSide, connection: KubeObject): Step {
  const { value } = readConnection(connection);
  if (value === 'Connected') return { isInPlace: true };
  const what =
    value === 'Error'
      ? `status.value is Error: no answer through the tunnel; check that UDP passes between "${side.cluster}" and "${peer.cluster}"`
      : 'waiting for status.value Connected';
  const ref = refOf(CONNECTION, connection);
  return { isInPlace: false, wait: waitFor(side.cluster, 'Connecting', ref, what) };
}

/**
 * A Connection that was there and is gone comes back only when the PublicKey is touched (NETWORK.md 7.4). One that has
 * never been there is still being made by the gateway: then a touch would be a write for nothing. One in Error is
 * touched too: a gateway keeps the key of the last PublicKey that it saw, even of a second one that somebody has taken
 * away again (NETWORK.md 9.1).
 */
function touch(
  { side }: PairSide,
  gateway: KubeObject,
  publicKey: KubeObject,
  lostAt: string | undefined,
): Pick<Step, 'action'> {
  if (lostAt === undefined) return {};
  const marker = `${uidOf(gateway)}.${lostAt}`;
  if (publicKey.metadata.annotations?.[ANNOTATION_TOUCHED] === marker) {
    return {};
  }
  return {
    action: {
      kind: 'patch',
      cluster: side.cluster,
      ref: refOf(PUBLIC_KEY, publicKey),
      uid: uidOf(publicKey),
      body: { metadata: { annotations: { [ANNOTATION_TOUCHED]: marker } } },
      reason: 'The Connection is lost; Liqo looks at the key again when this is touched.',
      drift: false,
    },
  };
}

type Conditions = NonNullable<NonNullable<Shortcut['status']>['conditions']>;

/** When the Shortcut's status last changed between connected and lost: once per incident, so that a touch is too. */
function findLoss(shortcut: Shortcut): string | undefined {
  const connected = connectedOf(shortcut);
  return connected?.status === 'True' ? connected.lastTransitionTime : findError(shortcut);
}

/** When the status said that the connection was lost; undefined while it does not. */
function findError(shortcut: Shortcut): string | undefined {
  const connected = connectedOf(shortcut);
  return connected?.reason === 'ConnectionLost' ? connected.lastTransitionTime : undefined;
}

function connectedOf({ status }: Shortcut): Conditions[number] | undefined {
  return status?.conditions?.find(({ type }) => type === 'Connected');
}
