import { ClusterForbiddenError } from '../errors/errors.ts';
import type { OperatorError } from '../errors/operator-error.ts';
import type { CallOptions, KubeClient } from '../kube/kube-client.ts';
import type { Right } from '../model/right.ts';
import type { LeafMirror } from './leaf-mirror.ts';
import { RightsJudge, sortRights } from './judge-rights.ts';
import { createNamedNamespaces } from './named-namespaces.ts';
import { createRightsBook } from './rights-book.ts';
import { type LeafPeer, likelyNames, type Tenant, tenantsOf } from './tenants.ts';
import { WATCHED } from './watched.ts';

/** What can be said of the leaf for one peer. */
export type Sight =
  /** Everything is seen. With rights missing nothing may be written. */
  | { readonly kind: 'clear'; readonly missing: readonly Right[] }
  /** Not read yet. */
  | { readonly kind: 'pending' }
  /** Nothing may be concluded: these rights are missing. */
  | { readonly kind: 'refused'; readonly missing: readonly Right[] };

const CLEAR: Sight = { kind: 'clear', missing: [] };

/** What the credential may do on a leaf, and the watches that follow from it. */
export interface LeafAccess {
  setPeers(peers: readonly LeafPeer[]): void;
  /** A read was refused there (without a namespace: in all of them): from now on reads are asked about. */
  noteRefusal(namespace?: string): void;
  /** All that is known, or all that is missing, may have changed: the next `settle` asks for it again. */
  doubt(which: 'all' | 'missing'): void;
  /**
   * Asks for what is not known or is doubted, and makes the watches match. An unchanged world costs nothing. When it
   * fails, the next one goes on where it stopped.
   *
   * @throws what the client throws.
   */
  settle(options: CallOptions): Promise<void>;
  /** False before the first `settle`, and from a refusal until it was asked about. */
  readonly isSettled: boolean;
  /** Counts the changes of what is known of rights. */
  readonly version: number;
  /** False: what lies outside the tenant namespaces of the peers cannot be seen. */
  readonly seesEverywhere: boolean;
  sightOf(peerID: string): Sight;
  /** Without these the leaf itself cannot be told. */
  missingToKnow(): readonly Right[];
  /** All that is missing, sorted; and what of it holds nothing up. */
  missing(): { readonly needed: readonly Right[]; readonly tidy: readonly Right[] };
}

export interface LeafAccessOptions {
  readonly cluster: string;
  readonly client: KubeClient;
  readonly mirror: LeafMirror;
  readonly liqoNamespace: string;
}

/** Nothing is asked before `settle`. */
export function createLeafAccess(options: LeafAccessOptions): LeafAccess {
  const { cluster, client, mirror, liqoNamespace } = options;
  const book = createRightsBook(client, cluster);
  const named = createNamedNamespaces(client);
  const refusedAt = new Set<string>();
  let peers: readonly LeafPeer[] = [];
  let isSettled = false;
  let version = 0;
  let unlimited: { readonly version: number; readonly is: boolean } | undefined;

  /** Asked for with every look at a pair. */
  function isUnlimited(): boolean {
    if (unlimited?.version !== version) unlimited = { version, is: judgeFor([]).isUnlimited };
    return unlimited.is;
  }

  async function ask(rights: readonly Right[], call: CallOptions): Promise<void> {
    if (rights.length === 0) return;
    // Of several answers some are there even if one got lost.
    await book.ask(rights, call).finally(() => (version += 1));
  }

  function judgeFor(tenants: readonly Tenant[]): RightsJudge {
    const answer = (right: Right) => book.answer(right);
    return new RightsJudge({ liqoNamespace, tenants, refusedAt, answer });
  }

  /** A namespace that may not even be looked for is taken to be there: its rights can be asked for all the same. */
  function tenantsFor(peer: LeafPeer): readonly Tenant[] {
    return tenantsOf(mirror, peer).map((tenant) =>
      tenant.exists || named.answer(tenant.namespace) !== 'refused'
        ? tenant
        : { ...tenant, exists: true },
    );
  }

  function allTenants(): readonly Tenant[] {
    // Before namespaces are known, nothing is known of tenants.
    const state = mirror.stateOf({ watched: 'namespaces' });
    return state?.kind === 'syncing' ? [] : peers.flatMap(tenantsFor);
  }

  function namesOf(which: readonly LeafPeer[]): readonly string[] {
    return which.flatMap(likelyNames);
  }

  async function findNamespaces(call: CallOptions): Promise<void> {
    if (judgeFor([]).mayListNamespaces) return;
    await named.read(namesOf(peers), call);
    mirror.holdNamespaces(named.found());
  }

  /** Of what was denied, only what is missed: most of it is given in single namespaces instead. */
  function missed(): readonly Right[] {
    const { needed, tidy } = missing();
    const texts = new Set([...needed, ...tidy].map(({ verb, kind }) => `${verb} ${kind.plural}`));
    return book.asked('denied').filter(({ verb, kind }) => texts.has(`${verb} ${kind.plural}`));
  }

  /** Whether the peer's tenant namespace can be looked for at all. */
  function findSight(peer: LeafPeer, judge: RightsJudge): Sight | undefined {
    if (judge.mayListNamespaces) return undefined;
    const answers = likelyNames(peer).map((name) => ({ name, answer: named.answer(name) }));
    if (answers.some(({ answer }) => answer === undefined)) return { kind: 'pending' };
    const isFound = answers.some(({ answer }) => typeof answer === 'object');
    const refused = answers.filter(({ answer }) => answer === 'refused');
    if (isFound || refused.length === 0) return undefined;
    const missing = refused.flatMap(({ name }) => judge.missingToFind(name));
    return { kind: 'refused', missing: sortRights(missing) };
  }

  /** Whether the watches in single namespaces have brought everything. */
  function watchSight(judge: RightsJudge, tenants: readonly Tenant[]): Sight | undefined {
    const namespaces = new Set(tenants.map(({ namespace }) => namespace));
    const refused: Right[] = [];
    for (const scope of judge.watches()) {
      if (scope.namespace === undefined || !namespaces.has(scope.namespace)) continue;
      const state = mirror.stateOf(scope);
      if (state === undefined || state.kind === 'syncing') return { kind: 'pending' };
      if (state.kind === 'failed' && state.error instanceof ClusterForbiddenError) {
        refused.push({
          ...rightOf(state.error),
          kind: WATCHED[scope.watched],
          namespace: scope.namespace,
        });
      }
    }
    return refused.length === 0 ? undefined : { kind: 'refused', missing: sortRights(refused) };
  }

  /** What was refused although the review says that it is allowed: something else than RBAC is in the way. */
  function refusedAnyway(): readonly Right[] {
    if (!isSettled) return [];
    return mirror.watches().flatMap(({ watched, namespace, state }) => {
      if (state.kind !== 'failed' || !(state.error instanceof ClusterForbiddenError)) return [];
      const where = namespace === undefined ? {} : { namespace };
      return { ...rightOf(state.error), kind: WATCHED[watched], ...where };
    });
  }

  function missing(): ReturnType<LeafAccess['missing']> {
    const tenants = allTenants();
    const judge = judgeFor(tenants);
    const found = peers.flatMap((peer) => {
      const sight = findSight(peer, judge);
      return sight?.kind === 'refused' ? sight.missing : [];
    });
    const needed = [
      ...judge.missingToKnow(),
      ...found,
      ...tenants.flatMap((tenant) => judge.missingToSee(tenant)),
      ...tenants.flatMap((tenant) => judge.missingToWrite(tenant)),
      ...(peers.length === 0 ? judge.missingWithoutPeers() : []),
      ...refusedAnyway(),
    ];
    return { needed: sortRights(needed), tidy: judge.missingToTidy() };
  }

  return {
    setPeers: (next) => {
      peers = next;
    },
    noteRefusal: (namespace = '') => {
      refusedAt.add(namespace);
      isSettled = false;
      version += 1;
    },
    doubt: (which) => {
      book.doubt(which === 'all' ? book.asked('all') : missed());
      named.doubt(which === 'all' ? 'all' : 'unfound');
    },
    settle: async (call) => {
      await findNamespaces(call);
      for (;;) {
        const judge = judgeFor(allTenants());
        mirror.keep(judge.watches());
        const open = [...book.doubted(), ...judge.toAsk()];
        if (open.length === 0) break;
        await ask(open, call);
        await findNamespaces(call);
      }
      if (!isSettled) version += 1;
      isSettled = true;
    },
    get isSettled() {
      return isSettled;
    },
    get version() {
      return version;
    },
    get seesEverywhere() {
      return judgeFor([]).seesEverywhere;
    },
    sightOf: (peerID) => {
      if (isUnlimited()) return CLEAR;
      const peer = peers.find(({ id }) => id === peerID) ?? { id: peerID };
      const tenants = tenantsFor(peer);
      const judge = judgeFor(tenants);
      const unfound = findSight(peer, judge);
      if (unfound !== undefined) return unfound;
      if (judge.toAsk().length > 0) return { kind: 'pending' };
      const toSee = tenants.flatMap((tenant) => judge.missingToSee(tenant));
      if (toSee.length > 0) return { kind: 'refused', missing: sortRights(toSee) };
      const unwatched = watchSight(judge, tenants);
      if (unwatched !== undefined) return unwatched;
      const missing = sortRights(tenants.flatMap((tenant) => judge.missingToWrite(tenant)));
      return { kind: 'clear', missing };
    },
    missingToKnow: () => judgeFor([]).missingToKnow(),
    missing,
  };
}

function rightOf({ details }: OperatorError): Pick<Right, 'verb'> {
  return { verb: String(details['action']).startsWith('watch') ? 'watch' : 'list' };
}
