import type { OwnCIDRs } from '../liqo/own-cidrs.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { Shortcut } from '../model/shortcut.ts';
import type { KnownSide } from './observation.ts';
import type { Identity } from './ownership.ts';
import type { Stock } from './take-stock.ts';

/** One side of a pair, with all that decides what has to lie there. */
export interface PairSide {
  readonly shortcut: Shortcut;
  readonly identity: Identity;
  readonly side: KnownSide;
  readonly peer: KnownSide;
  readonly role: 'server' | 'client';
  readonly stock: Stock;
  /** Name of the tenant namespace: that of the one there, else Liqo's default. */
  readonly tenantName: string;
  /** The peer's prefixes, as this side is to be told of them. */
  readonly remote: Exclude<OwnCIDRs, { readonly kind: 'invalid' }>;
}

/** The gateway whose kind fits the role. */
export function fittingGateway({ role, stock }: PairSide): KubeObject | undefined {
  return role === 'server' ? stock.server : stock.client;
}

/** A gateway of the other kind: it has to go, as two on one leaf break both (NETWORK.md 7.3). */
export function misfitGateway({ role, stock }: PairSide): KubeObject | undefined {
  return role === 'server' ? stock.client : stock.server;
}
