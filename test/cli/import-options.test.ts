import { expect } from 'chai';
import { type ImportFlags, readImportOptions } from '../../src/cli/import-options.ts';
import { ConfigError } from '../../src/errors/errors.ts';

describe('flags of import', () => {
  it('have defaults', () => {
    expect(readImportOptions({}, {})).to.deep.equal({
      kubeconfig: undefined,
      context: undefined,
      namespace: 'liqo-shortcuts',
      isOffline: false,
      leaves: [],
      liqoNamespace: 'liqo',
      from: undefined,
      to: undefined,
      force: false,
      output: 'yaml',
    });
  });

  it('are taken from their variables where other commands have them too', () => {
    const env = { SHORTCUTS_NAMESPACE: 'net', SHORTCUTS_KUBECONFIG: 'main.yaml' };

    expect(readImportOptions({ kubeconfig: 'other.yaml' }, env)).to.include({
      namespace: 'net',
      kubeconfig: 'other.yaml',
    });
  });

  it('name leaves with a file and a context', () => {
    const { leaves } = readImportOptions({ leaf: ['rome=a.yaml', 'milan=b.yaml#ad:min'] }, {});

    expect(leaves).to.deep.equal([
      { name: 'rome', file: 'a.yaml', context: undefined },
      { name: 'milan', file: 'b.yaml', context: 'ad:min' },
    ]);
  });

  const wrong: readonly (readonly [name: string, flags: ImportFlags, problem: RegExp])[] = [
    ['a leaf without a file', { leaf: ['s3cret'] }, /--leaf: is not NAME=FILE/],
    ['a leaf whose name is none', { leaf: ['s3cret--x=a'] }, /--leaf: is not NAME=FILE/],
    ['a leaf twice', { leaf: ['a=1', 'a=2'] }, /"a" is given twice/],
    ['a leaf offline', { offline: true, from: 'f', leaf: ['a=1'] }, /--leaf: a leaf cannot/],
    ['offline alone', { offline: true }, /--offline: needs --from/],
    ['force without a folder', { force: true }, /--force: goes only with --to/],
    ['another form', { output: 's3cret' }, /--output: is not one of yaml, json/],
    ['a namespace that is none', { namespace: 'S3CRET!' }, /--namespace/],
  ];
  for (const [name, flags, problem] of wrong) {
    it(`refuse ${name}, and quote no value`, () => {
      const read = (): unknown => readImportOptions(flags, {});

      expect(read).to.throw(ConfigError, problem);
      expect(read).not.to.throw(/s3cret/i);
    });
  }
});
