import { expect } from 'chai';
import { compareVersions, parseVersion, supports, versionOf } from '../../src/liqo/version.ts';
import { anOwnNetwork } from '../support/builders/a-known-side.ts';

describe('parseVersion', () => {
  for (const [text, want] of [
    ['v1.2.0', [1, 2, 0]],
    ['1.0.3', [1, 0, 3]],
    ['v1.2', [1, 2, 0]],
    ['v1.2.0-13-g557c199cf', [1, 2, 0]],
    ['v1.3.0-rc.1', [1, 3, 0]],
    ['v1.2.0+build', [1, 2, 0]],
    ['latest', undefined],
    ['', undefined],
    ['v1', undefined],
  ] as const) {
    it(`reads "${text}"`, () => {
      expect(parseVersion(text)).to.deep.equal(want);
    });
  }
});

describe('compareVersions', () => {
  for (const [a, b, want] of [
    [[1, 2, 0], [1, 2, 0], 0],
    [[1, 1, 9], [1, 2, 0], -1],
    [[2, 0, 0], [1, 9, 9], 1],
    [[1, 2, 1], [1, 2, 0], 1],
  ] as const) {
    it(`puts ${a.join('.')} and ${b.join('.')} in order`, () => {
      expect(Math.sign(compareVersions(a, b))).to.equal(want);
    });
  }
});

describe('versionOf', () => {
  it('takes the first version that can be read', () => {
    expect(
      versionOf([anOwnNetwork({ version: 'latest' }), anOwnNetwork({ version: 'v1.1.2' })]),
    ).to.equal('v1.1.2');
  });

  it('knows none where no Network says one', () => {
    const unlabelled = { ...anOwnNetwork(), metadata: { name: 'x' } };

    expect(versionOf([])).to.be.undefined;
    expect(versionOf([unlabelled, anOwnNetwork({ version: '' })])).to.be.undefined;
  });
});

describe('supports', () => {
  for (const [version, feature, want] of [
    ['v1.0.3', 'podSecurityLabels', false],
    ['v1.1.0', 'podSecurityLabels', true],
    ['v1.1.2', 'severalCIDRs', false],
    ['v1.2.0', 'severalCIDRs', true],
    ['v1.1.2', 'remoteChangePropagates', false],
    ['v2.0.0', 'serviceAnnotations', true],
    ['latest', 'serviceAnnotations', true],
    [undefined, 'severalCIDRs', true],
  ] as const) {
    it(`says ${String(want)} for ${feature} of ${version ?? 'a version that is not known'}`, () => {
      expect(supports(version, feature)).to.equal(want);
    });
  }
});
