import { expect } from 'chai';

import { pin } from '../../schemas/generator/pinned-files.ts';

const pinned = (text: string): string => pin(text, 'acme/liqo-shortcuts', 'v2.0.0-rc.1');

/** A release changes package.json; `npm run generate` brings every address to it. */
describe('pin', () => {
  for (const { name, text, want } of [
    {
      name: 'the address of a file',
      text: 'https://raw.githubusercontent.com/liqotech/liqo-shortcuts/v0.1.0/schemas/a.json',
      want: 'https://raw.githubusercontent.com/acme/liqo-shortcuts/v2.0.0-rc.1/schemas/a.json',
    },
    {
      name: 'the Action',
      text: '- uses: liqotech/liqo-shortcuts/.github/actions/check@v0.1.0\n',
      want: '- uses: acme/liqo-shortcuts/.github/actions/check@v2.0.0-rc.1\n',
    },
    {
      name: 'the repository of the hook, and its revision',
      text: '- repo: https://github.com/liqotech/liqo-shortcuts\n  rev: v0.1.0\n',
      want: '- repo: https://github.com/acme/liqo-shortcuts\n  rev: v2.0.0-rc.1\n',
    },
    {
      name: 'the defaults of the template',
      text: 'default: https://github.com/liqotech/liqo-shortcuts.git\ndefault: v0.1.0\n',
      want: 'default: https://github.com/acme/liqo-shortcuts.git\ndefault: v2.0.0-rc.1\n',
    },
  ]) {
    it(`brings ${name} to the place and version of package.json`, () => {
      expect(pinned(text)).to.equal(want);
      expect(pinned(want)).to.equal(want);
    });
  }

  it('leaves everything of others as it is', () => {
    const text =
      '- uses: actions/checkout@v5.0.0\nliqoVersion: v1.2.0\nhttps://github.com/liqotech/liqo.git\n';

    expect(pinned(text)).to.equal(text);
  });
});
