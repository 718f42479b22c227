import { expect } from 'chai';
import { describeRights } from '../../src/liqo/describe-rights.ts';
import { CONFIGURATION, GATEWAY_CLIENT, NETWORK } from '../../src/liqo/kinds.ts';
import { NAMESPACE, SECRET } from '../../src/model/kinds.ts';
import type { Right } from '../../src/model/right.ts';

const namespace = 'liqo-tenant-milan';

const cases: readonly (readonly [string, readonly Right[], string])[] = [
  ['one right of a core kind', [{ verb: 'list', kind: NAMESPACE }], 'list namespaces'],
  [
    'one object',
    [{ verb: 'get', kind: SECRET, namespace, name: 'gw-milan' }],
    'get secrets/gw-milan in namespace liqo-tenant-milan',
  ],
  [
    'kinds of one group with the same verbs in one phrase',
    [CONFIGURATION, GATEWAY_CLIENT].flatMap((kind): readonly Right[] => [
      { verb: 'create', kind },
      { verb: 'patch', kind },
    ]),
    'create/patch configurations, gatewayclients (networking.liqo.io)',
  ],
  [
    'other verbs and other groups apart',
    [
      { verb: 'create', kind: CONFIGURATION },
      { verb: 'delete', kind: GATEWAY_CLIENT },
      { verb: 'delete', kind: NETWORK },
    ],
    'create configurations (networking.liqo.io), delete gatewayclients (networking.liqo.io), delete networks (ipam.liqo.io)',
  ],
  [
    'each namespace apart',
    [
      { verb: 'create', kind: NAMESPACE },
      { verb: 'list', kind: NETWORK, namespace: 'liqo' },
    ],
    'create namespaces; list networks (ipam.liqo.io) in namespace liqo',
  ],
];

describe('describeRights', () => {
  for (const [name, rights, want] of cases) {
    it(`says ${name}`, () => {
      expect(describeRights('rome', rights)).to.equal(
        `leaf "rome" does not allow to ${want}: grant it as in deploy/leaf-rbac/`,
      );
    });
  }

  it('stays short enough for a condition when nothing is allowed in a tenant namespace', () => {
    const verbs = ['create', 'delete', 'list', 'patch', 'watch'] as const;
    const rights = [CONFIGURATION, GATEWAY_CLIENT, NETWORK].flatMap((kind) =>
      verbs.map((verb): Right => ({ verb, kind, namespace })),
    );

    expect(describeRights('rome', rights)).to.have.length.below(300);
  });
});
