import { createHash } from 'node:crypto';
import { gatewayUIDOf } from '../liqo/connection.ts';
import { findWgGateway, readEndpoint } from '../liqo/endpoint.ts';
import { CONNECTION, GATEWAY_SERVER, WG_GATEWAY_CLIENT, WG_GATEWAY_SERVER } from '../liqo/kinds.ts';
import { gatewayChildName, LABEL_NETWORK_TYPE, NETWORK_TYPES } from '../liqo/labels.ts';
import { fieldAt, numberAt, textAt, textsAt } from '../liqo/read-field.ts';
import { readSeenAs } from '../liqo/remap.ts';
import { type KubeObject, uidOf } from '../model/kube-object.ts';
import { collect, isForeseen } from './carry-out.ts';
import type { KeySecret, KnownSide } from './observation.ts';

/** Stands for a node port that Kubernetes has still to choose. */
const SOME_NODE_PORT = 30_000;

/**
 * A side once its leaf has done what Liqo's controllers and the garbage collector do when nothing is in their way
 * (NETWORK.md 3.3, 5.1, 6, 7): Configurations are configured, gateways have an endpoint, a key and, with a peer's key, a
 * Connection. Values that only the leaf can choose are stand-ins: only whether they are there, and whether they change,
 * means something. `written`: the UIDs of what was just written, of which the leaf's present answer is out of date.
 */
export function answerAsLeaf(side: KnownSide, written: ReadonlySet<string>): KnownSide {
  const here = collect(side);
  const gateways = [...here.gatewayServers, ...here.gatewayClients];
  const wgGateways = answerGateways(here, gateways, written);
  return {
    ...here,
    configurations: here.configurations.map(configure),
    wgGateways,
    keySecret: answerKey(here, gateways),
    connections: [...here.connections, ...connect(here, gateways)],
    // Asked only when nothing else is left: then a caller says that it was assumed.
    otherUseOfTenant: here.otherUseOfTenant === 'unread' ? 'none' : here.otherUseOfTenant,
  };
}

function configure(configuration: KubeObject): KubeObject {
  if (readSeenAs(configuration) !== undefined) return configuration;
  const condition = {
    type: 'NetworkCIDRsConfigured',
    status: 'True',
    observedGeneration: configuration.metadata.generation,
  };
  const remote = fieldAt(configuration, 'spec', 'remote');
  return { ...configuration, status: { remote, conditions: [condition] } };
}

function answerGateways(
  side: KnownSide,
  gateways: readonly KubeObject[],
  written: ReadonlySet<string>,
): readonly KubeObject[] {
  const answered = gateways.map((gateway) => {
    const wg = findWgGateway(gateway, side.wgGateways);
    const isCurrent = wg !== undefined && !written.has(uidOf(gateway));
    const isServer = gateway.kind === GATEWAY_SERVER.kind;
    if (isCurrent && !(isServer && readEndpoint(gateway, side).kind === 'pending')) return wg;
    const made = wg ?? makeWgGateway(gateway);
    if (!isServer) return made;
    const spec = {
      service: { spec: { type: fieldAt(gateway, 'spec', 'endpoint', 'serviceType') } },
    };
    const status = { ...asFields(made['status']), endpoint: offer(side, gateway, made) };
    return { ...made, spec: { ...asFields(made['spec']), ...spec }, status };
  });
  const isAnswered = new Set(answered.map(uidOf));
  return [...side.wgGateways.filter((wg) => !isAnswered.has(uidOf(wg))), ...answered];
}

function makeWgGateway(gateway: KubeObject): KubeObject {
  const kind = gateway.kind === GATEWAY_SERVER.kind ? WG_GATEWAY_SERVER : WG_GATEWAY_CLIENT;
  const { name, namespace } = gateway.metadata;
  const uid = uidOf(gateway);
  const owner = { apiVersion: gateway.apiVersion, kind: gateway.kind, name, uid };
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      uid: `${uid}/wg`,
      ownerReferences: [owner],
    },
    status: { secretRef: { name: gatewayChildName(name) } },
  };
}

/** Where a server listens. What was asked for comes out; what was not stays, where the type of its Service does. */
function offer(side: KnownSide, server: KubeObject, wg: KubeObject): unknown {
  const asked = fieldAt(server, 'spec', 'endpoint');
  const type = textAt(asked, 'serviceType') ?? 'ClusterIP';
  const isSameType = (textAt(wg, 'spec', 'service', 'spec', 'type') ?? type) === type;
  const former = isSameType ? fieldAt(wg, 'status', 'endpoint') : undefined;
  const address = addressFor(server, side, { asked, former });
  return { addresses: [address], port: portFor(type, { asked, former }), protocol: 'UDP' };
}

interface Offers {
  readonly asked: unknown;
  readonly former: unknown;
}

function addressFor(server: KubeObject, side: KnownSide, { asked, former }: Offers): string {
  const type = textAt(asked, 'serviceType') ?? 'ClusterIP';
  const askedIP = type === 'LoadBalancer' ? textAt(asked, 'loadBalancerIP') : undefined;
  const formerIP = textsAt(former, 'addresses').find((address) => address !== '');
  const serviceIP = type === 'ClusterIP' ? someServiceAddress(side) : undefined;
  return askedIP ?? formerIP ?? serviceIP ?? standIn(`${type} ${uidOf(server)}`);
}

function portFor(type: string, { asked, former }: Offers): number | undefined {
  if (type !== 'NodePort') return numberAt(asked, 'port');
  return numberAt(asked, 'nodePort') ?? numberAt(former, 'port') ?? SOME_NODE_PORT;
}

/** An address that nobody has (RFC 2544), another one for another Service: nobody can know it before there is one. */
function standIn(service: string): string {
  const [third = 0, fourth = 0] = createHash('sha256').update(service).digest();
  return `198.18.${third}.${fourth}`;
}

function someServiceAddress({ ownNetworks }: KnownSide): string | undefined {
  const network = ownNetworks.find(
    ({ metadata }) => metadata.labels?.[LABEL_NETWORK_TYPE] === NETWORK_TYPES.service,
  );
  return textAt(network, 'status', 'cidr')?.split('/')[0];
}

/** A key that could not be read stays unread: what goes with it may be right. */
function answerKey({ keySecret }: KnownSide, gateways: readonly KubeObject[]): KeySecret {
  const [gateway] = gateways;
  if (gateway === undefined) return { kind: 'absent' };
  const uid = uidOf(gateway);
  const isRight = keySecret.kind === 'present' && keySecret.ownerUIDs.includes(uid);
  if (isRight || (keySecret.kind === 'unread' && !isForeseen(gateway))) return keySecret;
  return {
    kind: 'present',
    name: gatewayChildName(gateway.metadata.name),
    uid: `${uid}/key`,
    ownerUIDs: [uid],
    publicKey: createHash('sha256').update(uid).digest('base64'),
  };
}

/** A gateway that knows its peer's key has a Connection. */
function connect(side: KnownSide, gateways: readonly KubeObject[]): readonly KubeObject[] {
  if (side.publicKeys.length === 0) return [];
  return gateways
    .filter((gateway) => !side.connections.some((one) => gatewayUIDOf(one) === uidOf(gateway)))
    .map((gateway) => ({
      apiVersion: CONNECTION.apiVersion,
      kind: CONNECTION.kind,
      metadata: { ...gateway.metadata, name: gatewayChildName(gateway.metadata.name) },
      spec: { gatewayRef: { uid: uidOf(gateway) } },
      status: { value: 'Connected' },
    }));
}

function asFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
