import { escapeCIDR } from './names.ts';

/** One prefix of a peer: as the peer has it, and as this cluster reaches it. */
export interface Remap {
  readonly real: string;
  readonly remapped: string;
}

/** Rules that some Configuration asks for, as the recordings show them. */
export function remapTable(name: string, remaps: readonly Remap[], ruleName: () => string): object {
  const changed = remaps.filter(({ real, remapped }) => real !== remapped);
  const outgoing = changed.map(({ real, remapped }) => ({
    name: ruleName(),
    natType: 'dnat',
    match: [
      matchIP('dst', remapped, 'eq'),
      matchDevice('in', 'eth0', 'neq'),
      matchDevice('in', TUNNEL_DEVICE, 'neq'),
    ],
    to: real,
  }));
  const incoming = changed.map(({ real, remapped }) => ({
    name: ruleName(),
    natType: 'snat',
    match: [
      matchDevice('out', 'eth0', 'neq'),
      matchIP('src', real, 'eq'),
      matchDevice('in', TUNNEL_DEVICE, 'eq'),
    ],
    to: remapped,
  }));
  return table(name, [
    natChain('outgoing', 'prerouting', -100, outgoing),
    natChain('incoming', 'postrouting', 100, incoming),
  ]);
}

/** What a leaf knows of itself and one peer, for the rules on its nodes. */
export interface BypassInput {
  readonly name: string;
  readonly remoteID: string;
  readonly ownPodCIDR: string;
  /** First address of the own external CIDR: source of traffic that no known prefix has. */
  readonly unknownSource: string;
  readonly podCIDRs: readonly string[];
  readonly externalCIDRs: readonly string[];
}

/** On the nodes: traffic to the peer keeps its pod's address, and everything else gets the unknown source's. */
export function masqueradeBypassTable(input: BypassInput): object {
  const { name, remoteID, ownPodCIDR, unknownSource, podCIDRs, externalCIDRs } = input;
  const own = escapeCIDR(ownPodCIDR);
  const fromPods = (rule: string, dst: string) => ({
    name: `podcidr-${remoteID}-${rule}`,
    natType: 'snat',
    match: [matchIP('dst', dst, 'eq'), matchIP('src', ownPodCIDR, 'eq')],
    to: ownPodCIDR,
  });
  const fromNodes = (rule: string, dst: string) => ({
    name: `service-nodeport-${remoteID}-${rule}`,
    natType: 'snat',
    match: [matchIP('dst', dst, 'eq'), matchIP('src', ownPodCIDR, 'neq')],
    to: unknownSource,
  });
  const rules = [
    ...podCIDRs.map((cidr) => fromPods(`${own}-${escapeCIDR(cidr)}`, cidr)),
    ...podCIDRs.map((cidr) => fromNodes(escapeCIDR(cidr), cidr)),
    ...externalCIDRs.map((cidr) => fromPods(`ext-${own}`, cidr)),
    ...externalCIDRs.map((cidr) => fromNodes('ext', cidr)),
  ];
  return table(name, [natChain('pre-postrouting', 'postrouting', 99, rules)]);
}

/** A node of the leaf as the gateways see it. */
export interface MarkedNode {
  readonly name: string;
  readonly device: string;
  readonly mark: number;
}

/** In the gateways: answers to traffic of node ports find the node that it came from. */
export function nodePortTable(nodes: readonly MarkedNode[], unknownSource: string): object {
  return table('service-nodeport-routing', [
    filterChain(
      'mark-to-conntrack',
      'forward',
      nodes.map(({ name, device, mark }) => ({
        name,
        action: 'ctmark',
        counter: false,
        match: [matchIP('src', unknownSource, 'eq'), matchDevice('in', device, 'eq')],
        value: String(mark),
      })),
    ),
    filterChain('conntrack-mark-to-meta-mark', 'prerouting', [
      {
        name: 'conntrack-mark-to-meta-mark',
        action: 'metamarkfromctmark',
        counter: false,
        match: [matchIP('dst', unknownSource, 'eq'), matchDevice('in', TUNNEL_DEVICE, 'eq')],
      },
    ]),
  ]);
}

/** The chart's rule against packets that the tunnel could not carry. */
export function mssClampingTable(): object {
  const match = { ...matchDevice('out', TUNNEL_DEVICE, 'eq'), proto: { value: 'tcp' } };
  return table('mss-clamping', [
    filterChain('mss-clamping', 'forward', [
      {
        name: 'mss-clamping-out',
        action: 'tcpmssclamp',
        counter: false,
        match: [match],
        value: '0',
      },
    ]),
  ]);
}

export const TUNNEL_DEVICE = 'liqo-tunnel';

function table(name: string, chains: readonly object[]): object {
  return { name, family: 'IPV4', chains };
}

function natChain(name: string, hook: string, priority: number, natRules: readonly object[]) {
  const rules = natRules.length === 0 ? {} : { natRules };
  return { name, type: 'nat', hook, policy: 'accept', priority, rules };
}

function filterChain(name: string, hook: string, filterRules: readonly object[]): object {
  return { name, type: 'filter', hook, policy: 'accept', priority: 0, rules: { filterRules } };
}

function matchIP(position: 'src' | 'dst', value: string, op: 'eq' | 'neq'): object {
  return { ip: { position, value }, op };
}

function matchDevice(position: 'in' | 'out', value: string, op: 'eq' | 'neq'): object {
  return { dev: { position, value }, op };
}
