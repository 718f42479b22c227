import { expect } from 'chai';

import { deriveTarget } from '../../src/config/derive-target.ts';
import type { ForgeKind } from '../../src/model/forge.ts';

const CASES: readonly (readonly [ForgeKind, string, string | undefined, string?])[] = [
  ['github', 'https://github.com/fleet/shortcuts.git', 'https://api.github.com', 'fleet/shortcuts'],
  ['github', 'https://github.com/fleet/shortcuts/', 'https://api.github.com', 'fleet/shortcuts'],
  ['github', 'https://acme.ghe.com/fleet/s', 'https://api.acme.ghe.com', 'fleet/s'],
  ['github', 'https://ghes.example:8443/fleet/s', 'https://ghes.example:8443/api/v3', 'fleet/s'],
  ['github', 'git@github.com:fleet/s.git', 'https://api.github.com', 'fleet/s'],
  ['github', 'https://github.com/fleet/group/s', undefined],
  ['gitlab', 'https://gitlab.com/a/b/c/s.git', 'https://gitlab.com/api/v4', 'a/b/c/s'],
  ['gitlab', 'ssh://git@gitlab.example:2222/a/s.git', 'https://gitlab.example/api/v4', 'a/s'],
  ['gitea', 'https://codeberg.org/fleet/s', 'https://codeberg.org/api/v1', 'fleet/s'],
  ['gitea', 'http://127.0.0.1:3000/fleet/s', 'http://127.0.0.1:3000/api/v1', 'fleet/s'],
  ['gitea', 'http://git.example/fleet/s', undefined],
  ['gitea', 'https://git.example/s', undefined],
  ['gitea', 'https://git.example/a%20b/s', undefined],
  ['gitlab', '/srv/git/fleet.git', undefined],
  ['gitlab', '.', undefined],
];

describe('deriveTarget', () => {
  for (const [kind, location, apiUrl, repository = ''] of CASES) {
    it(`tells ${apiUrl === undefined ? 'nothing' : `${repository} at ${apiUrl}`} of ${kind} and ${location}`, () => {
      const want = apiUrl === undefined ? undefined : { apiUrl, repository };
      expect(deriveTarget(kind, location)).to.deep.equal(want);
    });
  }
});
