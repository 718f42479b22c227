import { gatewayChildName } from '../liqo/labels.ts';
import { LEAF_RULES, type LeafRule } from '../liqo/leaf-rules.ts';
import { CONFIG_MAP, NAMESPACE } from '../model/kinds.ts';
import type { ResourceKind } from '../model/kube-object.ts';
import { formatRight, type Right, type Verb } from '../model/right.ts';
import type { Tenant } from './tenants.ts';
import { WATCHED, WATCHED_NAMES, type WatchScope } from './watched.ts';

/** What is known of the rights on a leaf, to be judged. */
export interface RightsView {
  readonly liqoNamespace: string;
  /** The tenant namespaces of the peers. */
  readonly tenants: readonly Tenant[];
  /**
   * Where a read was refused: in all namespaces (`''`) or in one. What is read without a refusal is allowed, so that
   * nobody has to ask.
   */
  readonly refusedAt: ReadonlySet<string>;
  readonly answer: (right: Right) => boolean | undefined;
}

interface Need {
  readonly verb: Verb;
  readonly kind: ResourceKind;
  readonly purpose: LeafRule['purpose'];
  readonly isKeySecret: boolean;
}

type Place = Pick<Tenant, 'namespace' | 'gatewayName' | 'exists'>;

const EVERYWHERE = '';

function needsOf(where: LeafRule['where'], purpose: LeafRule['purpose']): readonly Need[] {
  return LEAF_RULES.filter(
    (rule) => rule.where === where && rule.purpose === purpose && rule.only !== 'itself',
  ).flatMap(({ kinds, verbs, only }) =>
    kinds.flatMap((kind) =>
      verbs.map((verb) => ({ verb, kind, purpose, isKeySecret: only === 'key-secret' })),
    ),
  );
}

const NAMESPACES_SEE = needsOf('cluster', 'see');
const NAMESPACES_WRITE = needsOf('cluster', 'write');
const NAMESPACES_TIDY = needsOf('cluster', 'tidy');
const LIQO_SEE = needsOf('liqo', 'see');
const TENANT_SEE = needsOf('tenant', 'see');
const TENANT_WRITE = needsOf('tenant', 'write');
const CREATE_NAMESPACES: Right = { verb: 'create', kind: NAMESPACE };

/**
 * Judges rights: which are still to be asked for, what may be watched where, and what is missing. A right that is there
 * in all namespaces is not asked for in single ones. Pure.
 */
export class RightsJudge {
  readonly #view: RightsView;

  constructor(view: RightsView) {
    this.#view = view;
  }

  /** The rights to ask for next; more may follow from the answers. */
  toAsk(): readonly Right[] {
    const { tenants, liqoNamespace } = this.#view;
    const everywhere = [
      ...NAMESPACES_SEE,
      ...TENANT_SEE,
      ...TENANT_WRITE,
      ...NAMESPACES_WRITE,
      ...NAMESPACES_TIDY,
    ]
      .filter((need) => this.#everywhere(need) === undefined)
      .map(({ verb, kind }) => ({ verb, kind }));
    const liqo = this.#unknownAt(LIQO_SEE, {
      namespace: liqoNamespace,
      gatewayName: '',
      exists: true,
    });
    const inTenants = tenants
      .filter((tenant) => this.#isWithinReach(tenant))
      .flatMap((tenant) => this.#unknownAt([...TENANT_SEE, ...TENANT_WRITE], tenant));
    return [...everywhere, ...liqo, ...inTenants];
  }

  /** True when every right that is needed is there everywhere: then nothing depends on namespaces. */
  get isUnlimited(): boolean {
    const needs = [...NAMESPACES_SEE, ...TENANT_SEE, ...TENANT_WRITE, ...NAMESPACES_WRITE];
    return needs.every((need) => this.#everywhere(need) === true);
  }

  get mayMakeNamespaces(): boolean {
    return this.#view.answer(CREATE_NAMESPACES) === true;
  }

  get mayListNamespaces(): boolean {
    return NAMESPACES_SEE.every((need) => this.#everywhere(need) !== false);
  }

  /** Whether all that lies in tenant namespaces is seen, whichever namespace it is in. */
  get seesEverywhere(): boolean {
    return TENANT_SEE.every((need) => this.#everywhere(need) !== false);
  }

  /** The watches that are allowed and needed. */
  watches(): readonly WatchScope[] {
    const { tenants, liqoNamespace } = this.#view;
    const liqo = { namespace: liqoNamespace, gatewayName: '', exists: true };
    return WATCHED_NAMES.flatMap((watched): readonly WatchScope[] => {
      const kind = WATCHED[watched];
      if (watched === 'namespaces') return this.mayListNamespaces ? [{ watched }] : [];
      const needs = TENANT_SEE.filter((need) => need.kind === kind);
      if (needs.every((need) => this.#everywhere(need) !== false)) return [{ watched }];
      const places = [
        ...(watched === 'networks' ? [liqo] : []),
        ...tenants.filter(({ exists }) => exists),
      ].filter((place) => needs.every((need) => this.#at(need, place) !== false));
      return places.map(({ namespace }) => ({ watched, namespace }));
    });
  }

  /** Rights without which the leaf itself cannot be told: who it is, and its own CIDRs. */
  missingToKnow(): readonly Right[] {
    const { liqoNamespace } = this.#view;
    const place = { namespace: liqoNamespace, gatewayName: '', exists: true };
    return LIQO_SEE.filter((need) => this.#at(need, place) === false).map((need) =>
      rightAt(need, place),
    );
  }

  /** Rights without which what a tenant namespace holds cannot be told. */
  missingToSee(tenant: Tenant): readonly Right[] {
    return this.#isWithinReach(tenant) ? this.#missingAt(TENANT_SEE, tenant) : [];
  }

  /** Rights without which nothing may be written for the peer. */
  missingToWrite(tenant: Tenant): readonly Right[] {
    const forNamespace =
      tenant.exists && !tenant.isOurs
        ? []
        : NAMESPACES_WRITE.filter((need) => this.#everywhere(need) === false).map(toRight);
    if (!this.#isWithinReach(tenant)) return forNamespace;
    return [...forNamespace, ...this.#missingAt(TENANT_WRITE, tenant)];
  }

  /** Rights without which it cannot be told whether a tenant namespace exists: to list all, or to get the one. */
  missingToFind(namespace: string): readonly Right[] {
    if (this.mayListNamespaces) return [];
    const isHalf = this.#isWide(NAMESPACES_SEE);
    if (!isHalf) return [{ verb: 'get', kind: NAMESPACE, namespace, name: namespace }];
    return NAMESPACES_SEE.filter((need) => this.#everywhere(need) === false).map(toRight);
  }

  /** Rights that hold nothing up: without them an empty tenant namespace that we made stays behind. */
  missingToTidy(): readonly Right[] {
    if (!this.mayMakeNamespaces) return [];
    return NAMESPACES_TIDY.filter((need) => this.#everywhere(need) === false).map(toRight);
  }

  /** While the leaf has no peer: what is missing of rights that are otherwise given in all namespaces. */
  missingWithoutPeers(): readonly Right[] {
    return [TENANT_SEE, TENANT_WRITE].flatMap((needs) =>
      this.#isWide(needs)
        ? needs.filter((need) => this.#everywhere(need) === false).map(toRight)
        : [],
    );
  }

  /** In a namespace that is not there, and that we may not make, nothing can be granted either. */
  #isWithinReach({ exists }: Tenant): boolean {
    return exists || this.mayMakeNamespaces;
  }

  #missingAt(needs: readonly Need[], tenant: Tenant): readonly Right[] {
    const isWide = this.#isWide(needs);
    return needs
      .filter((need) => this.#at(need, tenant) === false)
      .map((need) => (isWide ? toRight(need) : rightAt(need, tenant)));
  }

  /** Rights that are given in all namespaces are missed there too. */
  #isWide(needs: readonly Need[]): boolean {
    return needs.some((need) => this.#everywhere(need) === true);
  }

  #unknownAt(needs: readonly Need[], place: Place): readonly Right[] {
    return needs
      .filter((need) => this.#at(need, place) === undefined && this.#everywhere(need) === false)
      .map((need) => rightAt(need, place));
  }

  #everywhere(need: Need): boolean | undefined {
    // Where Liqo's ConfigMap lies is known: nobody needs all of them.
    if (need.kind === CONFIG_MAP) return false;
    if (need.purpose === 'see' && !this.#view.refusedAt.has(EVERYWHERE)) return true;
    return this.#view.answer(toRight(need));
  }

  #at(need: Need, place: Place): boolean | undefined {
    const everywhere = this.#everywhere(need);
    if (everywhere !== false) return everywhere;
    // What is not there yet cannot have been refused.
    const isAssumed = place.exists && !this.#view.refusedAt.has(place.namespace);
    return need.purpose === 'see' && isAssumed ? true : this.#view.answer(rightAt(need, place));
  }
}

function toRight({ verb, kind }: Need): Right {
  return { verb, kind };
}

function rightAt({ verb, kind, isKeySecret }: Need, { namespace, gatewayName }: Place): Right {
  const name = isKeySecret ? { name: gatewayChildName(gatewayName) } : {};
  return { verb, kind, namespace, ...name };
}

/** Each once, in the order of their text; none in one namespace that is there for all of them too. */
export function sortRights(rights: readonly Right[]): readonly Right[] {
  const byText = new Map(rights.map((right) => [formatRight(right), right]));
  const isCovered = ({ verb, kind, namespace }: Right): boolean =>
    namespace !== undefined && byText.has(formatRight({ verb, kind }));
  return [...byText]
    .filter(([, right]) => !isCovered(right))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, right]) => right);
}
