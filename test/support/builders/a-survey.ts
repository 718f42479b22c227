import type { ForeignWish } from '../../../src/import/foreign-cluster-connection.ts';
import type { Survey, SurveyedLeaf } from '../../../src/import/survey.ts';
import type { KnownSide } from '../../../src/plan/observation.ts';
import type { ModelLeaf } from '../model-leaf.ts';
import type { ModelWorld } from '../model-world.ts';
import { aKnownSide, anUnknownSide } from './a-known-side.ts';

/** A model leaf as `import` sees it. */
export function aSurveyedLeaf(
  leaf: ModelLeaf,
  overrides: Partial<SurveyedLeaf> & { readonly liqoVersion?: string } = {},
): SurveyedLeaf {
  const { liqoVersion, ...rest } = overrides;
  const gateways = leaf.ofKind('Configuration', 'GatewayServer', 'GatewayClient');
  const peers = gateways.map(
    ({ metadata }) => metadata.labels?.['liqo.io/remote-cluster-id'] ?? '',
  );
  const look = (peerID = ''): KnownSide => {
    const side = leaf.observe(peerID);
    return liqoVersion === undefined ? side : { ...side, liqoVersion };
  };
  return {
    name: leaf.cluster,
    origin: 'registered',
    clusterID: leaf.cluster,
    liqoNamespace: 'liqo',
    gateway: leaf.gateway,
    problem: undefined,
    ownNetworks: look().ownNetworks,
    peerIDs: [...new Set(peers)].sort(),
    observe: look,
    ...rest,
  };
}

/** A leaf that cannot be seen. */
export function anUnseenLeaf(name: string, overrides: Partial<SurveyedLeaf> = {}): SurveyedLeaf {
  const message = `no answer from "${name}"`;
  return {
    ...aSurveyedLeaf({
      cluster: name,
      gateway: {},
      ofKind: () => [],
      observe: () => aKnownSide(),
    } as unknown as ModelLeaf),
    problem: message,
    ownNetworks: [],
    observe: () => anUnknownSide({ cluster: name, message }),
    ...overrides,
  };
}

/** Everything in a model world, of which rome and milan are registered. */
export function aSurvey(world: ModelWorld, overrides: Partial<Survey> = {}): Survey {
  return {
    leaves: world.leaves.map((leaf) => aSurveyedLeaf(leaf)),
    wishes: [],
    shortcuts: [],
    mainClusterID: 'main',
    isFresh: () => true,
    ...overrides,
  };
}

/** What a ForeignClusterConnection from milan to rome says when nothing is said. */
export function aWish(overrides: Partial<ForeignWish> = {}): ForeignWish {
  return {
    name: 'default/milan-rome',
    client: 'milan',
    server: 'rome',
    settings: {},
    ...overrides,
  };
}
