import { expect } from 'chai';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { LeafClusterSpec } from '../../src/model/leaf-cluster.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { chooseServer } from '../../src/plan/choose-server.ts';
import type { Stock } from '../../src/plan/take-stock.ts';
import { aKnownSide } from '../support/builders/a-known-side.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';

const EMPTY: Stock = {
  tenant: undefined,
  configuration: undefined,
  server: undefined,
  client: undefined,
  publicKey: undefined,
};
const GATEWAY: KubeObject = { apiVersion: 'v1', kind: 'Gateway', metadata: { name: 'x' } };

interface Leaf {
  readonly gateway?: LeafClusterSpec['gateway'];
  readonly version?: string;
  readonly holds?: 'server' | 'client';
}

describe('chooseServer', () => {
  const cases: readonly {
    readonly name: string;
    readonly spec?: Partial<ShortcutSpec>;
    readonly milan?: Leaf;
    readonly rome?: Leaf;
    readonly want: string;
  }[] = [
    {
      name: 'takes the side that the spec names, above all else',
      spec: { server: 'rome' },
      milan: { holds: 'server', gateway: { reachability: 'Public' } },
      want: '"rome" listens: spec.server says so.',
    },
    {
      name: 'keeps the first side where its gateway is',
      milan: { holds: 'server', gateway: { reachability: 'NAT' } },
      want: '"milan" listens: it does already.',
    },
    {
      name: 'keeps the second side where its gateway is',
      rome: { holds: 'server' },
      want: '"rome" listens: it does already.',
    },
    {
      name: "keeps the first side where only the other's client is left",
      rome: { holds: 'client' },
      want: '"milan" listens: it does already.',
    },
    {
      name: "keeps the second side where only the other's client is left",
      milan: { holds: 'client' },
      want: '"rome" listens: it does already.',
    },
    ...(
      [
        ['Public', undefined],
        [undefined, 'Private'],
        ['Private', 'NAT'],
      ] as const
    ).map(([better, worse]) => ({
      name: `prefers reachability ${better ?? 'not declared'} to ${worse ?? 'not declared'}`,
      milan: { gateway: worse === undefined ? {} : { reachability: worse } },
      rome: better === undefined ? {} : { gateway: { reachability: better } },
      want: '"rome" listens: its LeafCluster declares the better gateway.reachability.',
    })),
    {
      name: 'prefers the first side just as well',
      milan: { gateway: { reachability: 'Public' } },
      want: '"milan" listens: its LeafCluster declares the better gateway.reachability.',
    },
    {
      name: 'prefers a Service that can be reached from outside',
      milan: { gateway: { serviceType: 'ClusterIP' } },
      rome: { gateway: { serviceType: 'NodePort' } },
      want: '"rome" listens: its Service can be reached from outside the cluster.',
    },
    {
      name: 'does not mind the leaves’ service types where the Shortcut has its own',
      spec: { gateway: { serviceType: 'NodePort' } },
      milan: { gateway: { serviceType: 'ClusterIP' } },
      want: '"milan" listens: nothing speaks for either side, and its name comes first.',
    },
    {
      name: 'prefers a Liqo that knows the service annotations asked for',
      spec: { gateway: { serviceAnnotations: { a: 'b' } } },
      milan: { version: 'v1.1.2' },
      want: '"rome" listens: its Liqo knows service annotations.',
    },
    {
      name: 'takes the alphabet where nothing else speaks for a side',
      milan: { version: 'v1.1.2' },
      spec: { server: 'auto' },
      want: '"milan" listens: nothing speaks for either side, and its name comes first.',
    },
  ];
  for (const { name, spec, milan = {}, rome = {}, want } of cases) {
    it(name, () => {
      const candidate = (cluster: string, { gateway, version = 'v1.2.0', holds }: Leaf) => ({
        side: aKnownSide({ cluster, gateway, liqoVersion: version }),
        stock: holds === undefined ? EMPTY : { ...EMPTY, [holds]: GATEWAY },
      });

      const choice = chooseServer(aShortcut({ spec: spec ?? {} }).spec, [
        candidate('milan', milan),
        candidate('rome', rome),
      ]);

      expect(choice.reason).to.equal(want);
      expect(choice.server).to.equal(/^"(\w+)"/.exec(want)?.[1]);
    });
  }
});
