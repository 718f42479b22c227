import { isDeepStrictEqual } from 'node:util';
import { readEndpoint } from '../liqo/endpoint.ts';
import { fieldAt, numberAt, textAt, textsAt } from '../liqo/read-field.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { ShortcutSpec } from '../model/shortcut.ts';
import type { KnownSide } from '../plan/observation.ts';
import { DEFAULT_MTU, DEFAULT_PORT, DEFAULT_SERVICE_TYPE } from '../plan/server-settings.ts';

type Gateway = NonNullable<ShortcutSpec['gateway']>;

/** A gateway template, as far as somebody named it. */
export interface NamedTemplate {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

/** How the two gateways of a connection are set up, wherever that was found. Undefined: nothing was said. */
export interface GatewaySettings {
  readonly mtu?: number | undefined;
  readonly serviceType?: string | undefined;
  readonly port?: number | undefined;
  readonly nodePort?: number | undefined;
  readonly loadBalancerIP?: string | undefined;
  readonly serviceAnnotations?: Readonly<Record<string, string>> | undefined;
  readonly clientEndpoint?: { readonly address: string; readonly port: number } | undefined;
  readonly serverTemplate?: NamedTemplate | undefined;
  readonly clientTemplate?: NamedTemplate | undefined;
}

/** What a GatewayServer on a leaf was asked for (NETWORK.md section 3.1). */
export function settingsOfServer(server: KubeObject): GatewaySettings {
  const annotations = fieldAt(server, 'spec', 'serviceAnnotations');
  const isAnnotated = typeof annotations === 'object' && annotations !== null;
  return {
    mtu: numberAt(server, 'spec', 'mtu'),
    // The default of Liqo's own definition.
    serviceType: textAt(server, 'spec', 'endpoint', 'serviceType') ?? 'ClusterIP',
    port: numberAt(server, 'spec', 'endpoint', 'port'),
    nodePort: numberAt(server, 'spec', 'endpoint', 'nodePort'),
    loadBalancerIP: textAt(server, 'spec', 'endpoint', 'loadBalancerIP'),
    ...(isAnnotated &&
      Object.keys(annotations).length > 0 && {
        serviceAnnotations: annotations as Readonly<Record<string, string>>,
      }),
    serverTemplate: templateOf(server, 'serverTemplateRef'),
  };
}

/**
 * What a GatewayClient on a leaf was asked for. Where it dials is a setting only where that is not what the server
 * publishes, as with `liqoctl --gw-client-address`.
 */
export function settingsOfClient(
  client: KubeObject,
  serverSide: KnownSide | undefined,
): GatewaySettings {
  return {
    mtu: numberAt(client, 'spec', 'mtu'),
    clientTemplate: templateOf(client, 'clientTemplateRef'),
    clientEndpoint: serverSide && ownEndpoint(client, serverSide),
  };
}

function ownEndpoint(client: KubeObject, serverSide: KnownSide): GatewaySettings['clientEndpoint'] {
  const addresses = textsAt(client, 'spec', 'endpoint', 'addresses');
  const port = numberAt(client, 'spec', 'endpoint', 'port');
  const [server] = serverSide.gatewayServers;
  const [address] = addresses;
  if (server === undefined || address === undefined || port === undefined) return undefined;
  const published = readEndpoint(server, serverSide);
  const isPublished =
    published.kind === 'published' &&
    isDeepStrictEqual([published.endpoint.addresses, published.endpoint.port], [addresses, port]);
  return isPublished ? undefined : { address, port };
}

function templateOf(gateway: KubeObject, field: string): NamedTemplate {
  return {
    name: textAt(gateway, 'spec', field, 'name'),
    namespace: textAt(gateway, 'spec', field, 'namespace'),
  };
}

/** Where the two ends lie, as far as it is known: the defaults depend on it. */
export interface Ends {
  /** `spec.gateway.serviceType` of the server's LeafCluster. */
  readonly serverServiceType?: string | undefined;
  /** Namespaces in which Liqo lives; undefined where nobody has looked. */
  readonly serverLiqoNamespace?: string | undefined;
  readonly clientLiqoNamespace?: string | undefined;
}

/** The `spec.gateway` that asks for exactly these settings, without what is so anyway; undefined when nothing is left. */
export function gatewayOf(settings: GatewaySettings, ends: Ends): Gateway | undefined {
  const { mtu, serviceType, port, nodePort, loadBalancerIP } = settings;
  const { serviceAnnotations, clientEndpoint } = settings;
  const gateway = {
    mtu: unless(mtu, DEFAULT_MTU),
    serviceType: unless(serviceType, ends.serverServiceType ?? DEFAULT_SERVICE_TYPE),
    port: unless(port, DEFAULT_PORT),
    nodePort,
    loadBalancerIP,
    serviceAnnotations,
    clientEndpoint,
    serverTemplate: template(settings.serverTemplate, 'wireguard-server', ends.serverLiqoNamespace),
    clientTemplate: template(settings.clientTemplate, 'wireguard-client', ends.clientLiqoNamespace),
  };
  const entries = Object.entries(gateway).filter(([, value]) => value !== undefined);
  // What the schema does not allow is found when the manifest is read back.
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function unless<Value>(value: Value | undefined, preset: Value): Value | undefined {
  return value === preset ? undefined : value;
}

/** Without a namespace that is Liqo's own there, or the usual one where nobody has looked. */
function template(
  found: NamedTemplate | undefined,
  preset: string,
  liqoNamespace = 'liqo',
): { readonly name: string; readonly namespace?: string } | undefined {
  const { name = preset, namespace = liqoNamespace } = found ?? {};
  if (name === preset && namespace === liqoNamespace) return undefined;
  return namespace === liqoNamespace ? { name } : { name, namespace };
}

/** One setting of which two sources say different things. */
export interface Difference {
  readonly field: string;
  readonly said: string | number;
  readonly found: string | number;
}

/** What one source says otherwise than the other, of what both speak of. */
export function findDifferences(
  said: GatewaySettings,
  found: GatewaySettings,
): readonly Difference[] {
  const other = flatten(found);
  return Object.entries(flatten(said)).flatMap(([field, value]) => {
    const there = other[field];
    const isSame = value === undefined || there === undefined || value === there;
    return isSame ? [] : [{ field, said: value, found: there }];
  });
}

function flatten(settings: GatewaySettings): Readonly<Record<string, string | number | undefined>> {
  const { mtu, serviceType, port, serverTemplate, clientTemplate } = settings;
  return {
    mtu,
    serviceType,
    port,
    'serverTemplate.name': serverTemplate?.name,
    'serverTemplate.namespace': serverTemplate?.namespace,
    'clientTemplate.name': clientTemplate?.name,
    'clientTemplate.namespace': clientTemplate?.namespace,
  };
}

/** The first that says something, field by field. */
export function firstOf(...sources: readonly GatewaySettings[]): GatewaySettings {
  const said = sources.toReversed().flatMap((settings) => Object.entries(settings));
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}
