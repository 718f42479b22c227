import { CONFIG_MAP, NAMESPACE, SECRET } from '../model/kinds.ts';
import type { ResourceKind } from '../model/kube-object.ts';
import type { Verb } from '../model/right.ts';
import {
  CONFIGURATION,
  CONNECTION,
  FOREIGN_CLUSTER,
  GATEWAY_CLIENT,
  GATEWAY_SERVER,
  NETWORK,
  PUBLIC_KEY,
  WG_GATEWAY_CLIENT,
  WG_GATEWAY_SERVER,
} from './kinds.ts';

/**
 * How much of a leaf the credential reaches. `cluster`: tenant namespaces are made on the fly, so what lies in them is
 * granted everywhere. `strict`: only in the tenant namespaces that the leaf's administrator has made. `namespaced`: the
 * same with nothing at the cluster scope, so that only tenant namespaces of the default name are found.
 */
export type LeafScope = 'cluster' | 'strict' | 'namespaced';

/** Verbs on some kinds, all for one reason. */
export interface LeafRule {
  /** The cluster scope, the Liqo namespace, or each tenant namespace. */
  readonly where: 'cluster' | 'liqo' | 'tenant';
  readonly kinds: readonly ResourceKind[];
  readonly verbs: readonly Verb[];
  /**
   * What it is for. Without a right to `see`, the leaf or the pair is unknown. Without one to `write`, nothing is written
   * for the pair on either leaf. Without one to `tidy`, an empty tenant namespace stays behind.
   */
  readonly purpose: 'see' | 'write' | 'tidy';
  readonly scopes: readonly LeafScope[];
  /** In a tenant namespace narrowed to the tenant namespace itself, or to the key Secret of its gateway. */
  readonly only?: 'itself' | 'key-secret';
  /** One line for the manifest. */
  readonly why: string;
}

const EVERY: readonly LeafScope[] = ['cluster', 'strict', 'namespaced'];
const WRITTEN = [CONFIGURATION, GATEWAY_SERVER, GATEWAY_CLIENT, PUBLIC_KEY];

/** The least rights on a leaf (NETWORK.md 11.3, narrowed to the requests that are really sent). */
export const LEAF_RULES: readonly LeafRule[] = [
  {
    where: 'cluster',
    kinds: [NAMESPACE],
    verbs: ['list', 'watch'],
    purpose: 'see',
    scopes: ['cluster', 'strict'],
    why: 'Tenant namespaces are found by their labels.',
  },
  {
    where: 'cluster',
    kinds: [NAMESPACE],
    verbs: ['create', 'patch'],
    purpose: 'write',
    scopes: ['cluster'],
    why: 'A tenant namespace is made where there is none, and its labels are kept.',
  },
  {
    where: 'cluster',
    kinds: [NAMESPACE],
    verbs: ['delete'],
    purpose: 'tidy',
    scopes: ['cluster'],
    why: 'A tenant namespace that was made for a shortcut goes with it; without this right it stays.',
  },
  {
    where: 'cluster',
    kinds: [FOREIGN_CLUSTER],
    verbs: ['get'],
    purpose: 'tidy',
    scopes: ['cluster'],
    why: 'Whether Liqo uses a tenant namespace for more is asked before it goes; without this right it stays.',
  },
  {
    where: 'liqo',
    kinds: [CONFIG_MAP],
    verbs: ['list'],
    purpose: 'see',
    scopes: EVERY,
    why: "Liqo's ID of the cluster: nothing is done on a cluster that is another one than registered.",
  },
  {
    where: 'liqo',
    kinds: [NETWORK],
    verbs: ['list', 'watch'],
    purpose: 'see',
    scopes: ['strict', 'namespaced'],
    why: "The cluster's own CIDRs, which the other leaf is told.",
  },
  {
    where: 'tenant',
    kinds: [NAMESPACE],
    verbs: ['get'],
    purpose: 'see',
    scopes: ['namespaced'],
    only: 'itself',
    why: 'Whether the tenant namespace exists, since namespaces cannot be listed.',
  },
  {
    where: 'tenant',
    kinds: WRITTEN,
    verbs: ['list', 'watch'],
    purpose: 'see',
    scopes: EVERY,
    why: 'What is there is compared with what is wanted, so that only a difference is written.',
  },
  {
    where: 'tenant',
    kinds: WRITTEN,
    verbs: ['create', 'patch', 'delete'],
    purpose: 'write',
    scopes: EVERY,
    why: 'The objects of a connection. Server-side apply needs create and patch.',
  },
  {
    where: 'tenant',
    kinds: [CONNECTION, WG_GATEWAY_SERVER, WG_GATEWAY_CLIENT],
    verbs: ['list', 'watch'],
    purpose: 'see',
    scopes: EVERY,
    why: 'Whether the connection works, where the gateway listens, and whether an old one is gone.',
  },
  {
    where: 'tenant',
    kinds: [NETWORK],
    verbs: ['list', 'watch'],
    purpose: 'see',
    scopes: EVERY,
    why: "The CIDRs (in the cluster scope the cluster's own too), and whether those of an old peer are gone.",
  },
  {
    where: 'tenant',
    kinds: [SECRET],
    verbs: ['get'],
    purpose: 'write',
    scopes: EVERY,
    only: 'key-secret',
    why: 'The public key of the gateway, which the other leaf is told. The private key is dropped on reading.',
  },
];
