import { expect } from 'chai';
import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import { MAX_FILES } from '../../src/manifests/select-files.ts';
import { leafYaml, parseTexts, places, sourceFile } from './parse-texts.ts';

function namesOf(state: ReturnType<typeof parseTexts>): readonly string[] {
  return state.resources.map(({ object }) => object.metadata.name);
}

describe('selectFiles', () => {
  const texts = {
    'top.yaml': leafYaml('top'),
    'fleet/a.yaml': leafYaml('a'),
    'fleet/deep/b.yml': leafYaml('b'),
    'fleet-old/c.yaml': leafYaml('c'),
  };

  for (const { path, want } of [
    { path: '.', want: ['a', 'b', 'c', 'top'] },
    { path: './', want: ['a', 'b', 'c', 'top'] },
    { path: 'fleet', want: ['a', 'b'] },
    { path: './fleet/', want: ['a', 'b'] },
    { path: 'fleet/deep', want: ['b'] },
  ]) {
    it(`takes only the files below the folder ${path}`, () => {
      expect(namesOf(parseTexts(texts, { path }))).to.deep.equal(want);
    });
  }

  it('skips hidden files and folders, and what is not YAML', () => {
    const state = parseTexts({
      'a.yaml': leafYaml('a'),
      '.hidden.yaml': 'kind: Nonsense',
      '.github/workflow.yml': 'kind: Nonsense',
      'deep/.git/b.yaml': 'kind: Nonsense',
      'README.md': 'text',
      yaml: 'text',
    });

    expect(state).to.deep.include({ files: 1, problems: [] });
  });

  it('takes endings in capital letters for what they are', () => {
    const state = parseTexts({ 'A.YAML': leafYaml('a'), 'b.Yml': 'kind: Nonsense' });

    expect(namesOf(state)).to.deep.equal(['a']);
    expect(state.problems.map(({ file, code }) => `${file} ${code}`)).to.deep.equal([
      'b.Yml unknown-kind',
    ]);
  });

  it('looks into a hidden folder when that is the path', () => {
    const state = parseTexts({ '.config/a.yaml': leafYaml('a') }, { path: '.config' });

    expect(namesOf(state)).to.deep.equal(['a']);
  });

  it('respects the .shortcutsignore at the root of the path only', () => {
    const state = parseTexts(
      {
        'fleet/.shortcutsignore': '# not ours\nhelm/\n*.values.yaml\n!kept.values.yaml\n',
        'fleet/helm/chart.yaml': 'kind: Nonsense',
        'fleet/a.values.yaml': 'kind: Nonsense',
        'fleet/kept.values.yaml': leafYaml('kept'),
        'fleet/Helm/a.yaml': leafYaml('a'),
        'fleet/sub/.shortcutsignore': '*',
        'fleet/sub/b.yaml': leafYaml('b'),
        '.shortcutsignore': '*',
      },
      { path: 'fleet' },
    );

    expect(state.problems).to.deep.equal([]);
    expect(namesOf(state)).to.deep.equal(['a', 'b', 'kept']);
  });

  it('warns of links and submodules instead of following them', () => {
    const state = parseManifests(
      [
        sourceFile('a.yaml', leafYaml('a')),
        { path: 'b.yaml', kind: 'symlink', size: 6 },
        { path: 'c.txt', kind: 'symlink', size: 6 },
        { path: 'folder', kind: 'symlink', size: 6 },
        { path: 'modules/fleet', kind: 'submodule', size: 0 },
      ],
      { path: '.', namespace: 'n' },
    );

    expect(places(state)).to.deep.equal([
      'b.yaml:1:1 symlink-ignored ',
      'folder:1:1 symlink-ignored ',
      'modules/fleet:1:1 symlink-ignored ',
    ]);
    expect(new Set(state.problems.map(({ severity }) => severity))).to.deep.equal(
      new Set(['warning']),
    );
    expect(state).to.deep.include({ files: 1, complete: true });
  });

  it('reads nothing at all when there are too many files', () => {
    const comment = sourceFile('x', '#');
    const many = Array.from({ length: MAX_FILES }, (_, index) => ({
      ...comment,
      path: `fleet/${index}.yaml`,
    }));
    const one = sourceFile('fleet/one.yaml', leafYaml('one'));
    const options = { path: 'fleet', namespace: 'n' };

    const enough = parseManifests([...many.slice(1), one], options);
    const tooMany = parseManifests([...many, one], options);

    expect(enough).to.deep.include({ problems: [], complete: true });
    expect(places(tooMany)).to.deep.equal(['fleet:1:1 too-many-files ']);
    expect(tooMany).to.deep.include({ resources: [], complete: false });
  });

  it('reads nothing at all either when most of them are excluded, since a source stops at so many', () => {
    const many = Array.from({ length: MAX_FILES }, (_, index) => sourceFile(`x/${index}.yaml`, ''));
    const files = [sourceFile('.shortcutsignore', 'x/'), sourceFile('a.yaml', leafYaml('a'))];

    const state = parseManifests([...many, ...files], { path: '.', namespace: 'n' });

    expect(places(state)).to.deep.equal(['.:1:1 too-many-files ']);
    expect(state).to.deep.include({ resources: [], complete: false });
  });
});
