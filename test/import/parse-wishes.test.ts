import { expect } from 'chai';
import { stringify } from 'yaml';
import { parseWishes } from '../../src/import/parse-wishes.ts';
import { foreignConnection } from '../support/foreign-connections.ts';

const ONE = foreignConnection({ name: 'rome-milan', client: 'rome', server: 'milan' });
const OTHER = foreignConnection({ name: 'other', client: 'rome', server: 'naples' });
const NAMES = ['default/rome-milan', 'default/other'];

describe('a file of ForeignClusterConnections', () => {
  const forms: readonly (readonly [name: string, text: string])[] = [
    ['a list of kubectl', stringify({ apiVersion: 'v1', kind: 'List', items: [ONE, OTHER] })],
    ['documents', `${stringify(ONE)}---\n${stringify(OTHER)}---\n`],
    ['JSON', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [ONE, OTHER] })],
  ];
  for (const [name, text] of forms) {
    it(`is read as ${name}`, () => {
      const { wishes, problems } = parseWishes(text);

      expect(problems).to.deep.equal([]);
      expect(wishes.map((wish) => wish.name)).to.deep.equal(NAMES);
    });
  }

  it('says what it asks for, and nothing where it says 0 or nothing', () => {
    const networking = { mtu: 0, serverServiceType: '', serverServicePort: 51_999 };
    const text = stringify(
      foreignConnection({ name: 'a', client: 'rome', server: 'milan', networking }),
    );

    const [wish] = parseWishes(text).wishes;

    expect(wish).to.deep.equal({
      name: 'default/a',
      client: 'rome',
      server: 'milan',
      settings: {
        mtu: undefined,
        serviceType: undefined,
        port: 51_999,
        serverTemplate: { name: 'wireguard-server', namespace: 'liqo' },
        clientTemplate: { name: 'wireguard-client', namespace: 'liqo' },
      },
    });
  });

  const broken: readonly (readonly [name: string, text: string, problem: RegExp])[] = [
    ['no YAML', 'a: [', /is not YAML/],
    ['an alias', 'a: &x 1\nb: *x\n', /without aliases/],
    ['nothing', '', /holds nothing/],
    ['another kind', stringify({ ...ONE, kind: 'Secret' }), /1 of the objects is no Foreign/],
    ['another version', stringify({ ...ONE, apiVersion: 'v1' }), /1 of the objects is no Foreign/],
    ['text', 'secret-word', /1 of the objects is no Foreign/],
    [
      'a cluster that is no cluster ID',
      stringify(foreignConnection({ name: 'a', client: 'Not Valid', server: 'milan' })),
      /default\/a: spec\.foreignClusterA is not a cluster ID/,
    ],
    [
      'the same cluster twice',
      stringify(foreignConnection({ name: 'a', client: 'rome', server: 'rome' })),
      /are the same/,
    ],
  ];
  for (const [name, text, problem] of broken) {
    it(`is told where it holds ${name}, without a word of what it holds`, () => {
      const { wishes, problems } = parseWishes(text);

      expect(wishes).to.deep.equal([]);
      expect(problems.join('\n'))
        .to.match(problem)
        .and.not.match(/secret-word|Not Valid/);
    });
  }
});
