import { type CanaryWorld, startCanaryWorld } from '../support/canary-world.ts';
import { expectSilence } from '../support/expect-silence.ts';
import { type Answer, refuse, reply } from '../support/raw-api-server.ts';
import { untilTrue } from '../support/scenario-wait.ts';

interface Case {
  readonly name: string;
  /** What the leaf is said to be. */
  readonly reason: string;
  /** How many watches it was asked for, when it counts as tried. */
  readonly asks?: number;
  readonly answer: (secret: string) => Answer;
}

/** More than a leaf has: some were answered, and asked for again. */
const WATCH_ROUNDS = 20;

const CASES: readonly Case[] = [
  {
    name: 'an error page',
    reason: 'LeafUnreachable',
    answer: (secret) => (_request, response) =>
      response.writeHead(500, { 'x-secret': secret, 'set-cookie': secret }).end(secret),
  },
  {
    name: 'a refusal in words of its own',
    reason: 'LeafForbidden',
    answer: (secret) => (_request, response) => {
      const details = {
        name: secret,
        causes: [{ field: secret, reason: secret, message: secret }],
      };
      refuse(
        response,
        { code: 403, reason: secret, message: secret, details },
        { warning: `299 - "${secret}"` },
      );
    },
  },
  {
    name: 'a request that is invalid',
    reason: 'Rejected',
    answer: (secret) => (_request, response) => {
      const causes = [{ field: `spec.${secret}`, reason: secret, message: secret }];
      refuse(response, { code: 422, reason: secret, message: secret, details: { causes } });
    },
  },
  {
    name: 'what server-side apply says to wrong types',
    reason: 'Rejected',
    answer: (secret) => (_request, response) =>
      refuse(response, {
        code: 500,
        message: `failed to create typed patch object: .spec.${secret}: field not declared in schema`,
      }),
  },
  {
    name: 'a redirect',
    reason: 'LeafUnreachable',
    answer: (secret) => (_request, response) =>
      response.writeHead(302, { location: `https://${secret}@127.0.0.1/?${secret}` }).end(),
  },
  {
    name: 'a page where JSON belongs',
    reason: 'LeafUnreachable',
    answer: (secret) => (_request, response) => response.writeHead(200).end(`<p>${secret}`),
  },
  {
    name: 'half an answer',
    reason: 'LeafUnreachable',
    answer: (secret) => (_request, response) => {
      response.writeHead(200);
      response.write(`{"${secret}":`, () => response.stream.destroy(new Error(secret)));
    },
  },
  {
    name: 'a list that is none',
    reason: 'LeafUnreachable',
    answer: (secret) => (_request, response) => reply(response, { kind: secret, items: secret }),
  },
  {
    name: 'a cluster ID that is none',
    reason: 'LiqoMissing',
    answer: (secret) => aLeaf({ clusterID: `${secret} !` }),
  },
  {
    name: 'a cluster ID that is too long',
    reason: 'LiqoMissing',
    answer: (secret) => aLeaf({ clusterID: `${secret}${secret}` }),
  },
  {
    name: 'watches that end with an error, and versions of a kind',
    reason: 'CIDRPending',
    asks: WATCH_ROUNDS,
    answer: (secret) =>
      aLeaf({
        clusterID: 'hostile',
        resourceVersion: secret,
        watch: { type: 'ERROR', object: { code: 410, reason: secret, message: secret } },
      }),
  },
  {
    name: 'watches of something else',
    reason: 'CIDRPending',
    asks: WATCH_ROUNDS,
    answer: (secret) =>
      aLeaf({ clusterID: 'hostile', watch: { type: secret, object: { kind: secret } } }),
  },
];

/** A leaf that allows everything and holds nothing but the ID of a cluster. */
function aLeaf({
  clusterID,
  resourceVersion = '1',
  watch,
}: {
  readonly clusterID: string;
  readonly resourceVersion?: string;
  readonly watch?: object;
}): Answer {
  const labels = { 'app.kubernetes.io/name': 'clusterid-configmap' };
  const configMap = { metadata: { name: 'x', labels }, data: { CLUSTER_ID: clusterID } };
  return ({ path, query }, response) => {
    if (path.endsWith('/selfsubjectaccessreviews')) reply(response, { status: { allowed: true } });
    else if (query.has('watch')) reply(response, watch);
    else {
      const items = path.endsWith('/configmaps') ? [configMap] : [];
      reply(response, { kind: 'List', metadata: { resourceVersion }, items });
    }
  };
}

describe('a secret in the answer of a leaf', function () {
  this.timeout(120_000);
  let world: CanaryWorld;

  before(async () => {
    world = await startCanaryWorld();
  });
  after(() => world.stop());
  afterEach(async () => {
    await expectSilence(world);
    // Another state than any that a case leads to, so that the next one cannot be taken for this one.
    await world.setKubeconfig('hostile', 'none');
    await world.untilHostile('CredentialInvalid');
  });

  it('is not in what the service says when all is well', () => world.untilReady());

  for (const { name, reason, asks = 0, answer } of CASES) {
    it(`is not repeated: ${name}`, async () => {
      const { hostile, canaries } = world;
      hostile.answer = answer(canaries.plant(name));
      hostile.requests.length = 0;

      await world.setKubeconfig('hostile', world.hostileKubeconfig());

      await untilTrue('it was asked', () => Promise.resolve(hostile.requests.length > 0));
      await world.untilHostile(reason);
      await untilTrue('watches were asked for', () => {
        const watches = hostile.requests.filter(({ query }) => query.has('watch'));
        return Promise.resolve(watches.length >= asks);
      });
    });
  }
});
