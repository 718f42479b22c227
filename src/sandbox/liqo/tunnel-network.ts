/** One running gateway program as its opposite meets it on the wire. Keys are base64 of 32 raw bytes. */
export interface Gateway {
  /** Unique among all leaves: `cluster/namespace/pod UID`. */
  readonly id: string;
  readonly clusterID: string;
  readonly remoteID: string;
  readonly role: 'server' | 'client';
  /** `cluster/namespace/gateway name`: what a Service leads to. */
  readonly target: string;
  readonly mtu: number;
  readonly publicKey: string;
  /** The peer's key, from the PublicKey object; undefined until there was one. */
  readonly peerKey: string | undefined;
  /** What a client dials, `address:port`. */
  readonly dials: string | undefined;
  /** A stopped program answers nothing. */
  readonly frozen: boolean;
}

/**
 * The wire between leaves. A link exists only where WireGuard would have one: the client dials an address that some
 * Service publishes for the running server, each side holds the other's real key, roles are opposite and the MTUs agree.
 */
export interface TunnelNetwork {
  /** Adds a gateway or changes it. `onLink` is told at once, and then whenever the link appears or breaks. */
  attach(gateway: Gateway, onLink: (up: boolean) => void): void;
  detach(id: string): void;
  /** Makes a Service's `address:port` texts lead to a gateway; replaces what the same Service published before. */
  publish(service: string, endpoints: readonly string[], target: string): void;
  withdraw(service: string): void;
  /** Network address translation in front of a leaf: dialling `from` is dialling `to` (both `address:port`). */
  forward(from: string, to: string): void;
  /** Drops all packets of a cluster, or between two clusters, until called with `false`. */
  cut(clusterID: string, peerID: string | undefined, on: boolean): void;
}

interface Attachment {
  gateway: Gateway;
  onLink: (up: boolean) => void;
  up: boolean | undefined;
}

export function createTunnelNetwork(): TunnelNetwork {
  const attachments = new Map<string, Attachment>();
  const services = new Map<
    string,
    { readonly endpoints: readonly string[]; readonly target: string }
  >();
  const forwards = new Map<string, string>();
  const cuts = new Set<string>();

  /** Whoever's link changed is told. Cheap enough to look at all: changes are rare, gateways are few. */
  function update(): void {
    const targets = new Map<string, string>();
    for (const { endpoints, target } of services.values()) {
      for (const endpoint of endpoints) targets.set(endpoint, target);
    }
    const linked = linkedIDs(targets);
    for (const attachment of attachments.values()) {
      const up = linked.has(attachment.gateway.id);
      if (attachment.up === up) continue;
      attachment.up = up;
      attachment.onLink(up);
    }
  }

  function linkedIDs(targets: ReadonlyMap<string, string>): ReadonlySet<string> {
    const gateways = [...attachments.values()].map(({ gateway }) => gateway);
    const servers = new Map<string, Gateway>();
    for (const gateway of gateways) {
      if (gateway.role === 'server') servers.set(gateway.target, gateway);
    }
    const linked = new Set<string>();
    for (const client of gateways) {
      if (client.role !== 'client' || client.dials === undefined) continue;
      const target = targets.get(forwards.get(client.dials) ?? client.dials);
      const server = target === undefined ? undefined : servers.get(target);
      if (server === undefined || !shakeHands(client, server)) continue;
      linked.add(client.id).add(server.id);
    }
    return linked;
  }

  function shakeHands(client: Gateway, server: Gateway): boolean {
    return (
      client.peerKey === server.publicKey &&
      server.peerKey === client.publicKey &&
      client.mtu === server.mtu &&
      !client.frozen &&
      !server.frozen &&
      !isCut(client.clusterID, server.clusterID)
    );
  }

  function isCut(one: string, other: string): boolean {
    return [one, other, cutKey(one, other)].some((key) => cuts.has(key));
  }

  return {
    attach(gateway, onLink) {
      const known = attachments.get(gateway.id);
      if (known === undefined) attachments.set(gateway.id, { gateway, onLink, up: undefined });
      else known.gateway = gateway;
      update();
    },
    detach(id) {
      attachments.delete(id);
      update();
    },
    publish(service, endpoints, target) {
      services.set(service, { endpoints, target });
      update();
    },
    withdraw(service) {
      services.delete(service);
      update();
    },
    forward(from, to) {
      forwards.set(from, to);
      update();
    },
    cut(clusterID, peerID, on) {
      const key = peerID === undefined ? clusterID : cutKey(clusterID, peerID);
      if (on) cuts.add(key);
      else cuts.delete(key);
      update();
    },
  };
}

function cutKey(one: string, other: string): string {
  return [one, other].sort().join(' ');
}
