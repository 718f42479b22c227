import { expect } from 'chai';
import { GitUnreachableError } from '../../src/errors/errors.ts';
import type { Source } from '../../src/git/source.ts';
import { checkOffline } from '../../src/reconcile/check.ts';
import { createMemorySource, leafFile, shortcutFile } from './memory-source.ts';

const { signal } = new AbortController();
const options = {
  sourceName: 'fleet',
  namespace: 'liqo-shortcuts',
  guard: { maxDeletions: 5, maxDeletionsPercent: 30 },
  signal,
};
const FLEET = {
  'leaves/milan.yaml': leafFile('milan'),
  'leaves/rome.yaml': leafFile('rome'),
  'shortcuts/rome-milan.yaml': shortcutFile('rome', 'milan'),
};

async function changesOf(source: Source, base?: Source): Promise<readonly string[]> {
  const { plan } = await checkOffline({ ...options, source, ...(base && { base }) });
  return plan.actions.map(({ action, resource }) => `${action} ${resource}`);
}

describe('checkOffline', () => {
  it('reads what a source holds', async () => {
    const { revision, desired } = await checkOffline({
      ...options,
      source: createMemorySource(FLEET),
    });

    expect(revision).to.match(/^main@sha1:/);
    expect(desired).to.include({ files: 3, complete: true });
    expect(desired.resources).to.have.lengthOf(3);
  });

  it('takes a folder that is not there for a problem, never for an empty one', async () => {
    const source = createMemorySource(undefined);
    const { desired, plan } = await checkOffline({
      ...options,
      source,
      base: createMemorySource(FLEET),
    });

    expect(desired).to.include({ files: 0, complete: false });
    expect(desired.problems.map(({ code, severity }) => `${code} ${severity}`)).to.deep.equal([
      'path-not-found error',
    ]);
    expect(plan.actions.filter(({ action }) => action === 'delete')).to.be.empty;
  });

  it('throws whatever else goes wrong', async () => {
    const error = new GitUnreachableError('no answer');
    const source = { ...createMemorySource(FLEET), read: () => Promise.reject(error) };

    const thrown: unknown = await checkOffline({ ...options, source }).catch(
      (caught: unknown) => caught,
    );

    expect(thrown).to.equal(error);
  });

  it('says without a base only what is there, since nothing was compared', async () => {
    expect(await changesOf(createMemorySource(FLEET))).to.deep.equal([
      'unknown LeafCluster/liqo-shortcuts/milan',
      'unknown LeafCluster/liqo-shortcuts/rome',
      'unknown Shortcut/liqo-shortcuts/rome-milan',
    ]);
  });

  it('says with a base what changes', async () => {
    const base = createMemorySource(
      { ...FLEET, 'leaves/naples.yaml': leafFile('naples') },
      'f'.repeat(40),
    );
    const source = createMemorySource({
      ...FLEET,
      'shortcuts/rome-milan.yaml': shortcutFile('rome', 'milan', 'rome'),
      'leaves/turin.yaml': leafFile('turin'),
    });

    expect(await changesOf(source, base)).to.deep.equal([
      'keep LeafCluster/liqo-shortcuts/milan',
      'delete LeafCluster/liqo-shortcuts/naples',
      'keep LeafCluster/liqo-shortcuts/rome',
      'create LeafCluster/liqo-shortcuts/turin',
      'update Shortcut/liqo-shortcuts/rome-milan',
    ]);
  });

  it('names both revisions, and none for a base that there is not', async () => {
    const source = createMemorySource(FLEET);
    const base = createMemorySource({}, 'f'.repeat(40));

    const compared = await checkOffline({ ...options, source, base });
    const alone = await checkOffline({ ...options, source });

    expect(compared.baseRevision).to.equal(`main@sha1:${'f'.repeat(40)}`);
    expect(alone).to.include({ revision: compared.revision, baseRevision: '' });
  });

  it('takes everything for new when the base did not have the folder', async () => {
    const changes = await changesOf(createMemorySource(FLEET), createMemorySource(undefined));

    expect(changes.map((change) => change.split(' ')[0])).to.deep.equal([
      'create',
      'create',
      'create',
    ]);
  });

  it('deletes nothing while a file is wrong: it may be the one that holds the resource', async () => {
    const source = createMemorySource({ ...FLEET, 'shortcuts/rome-milan.yaml': 'kind: [' });

    const { desired, plan } = await checkOffline({
      ...options,
      source,
      base: createMemorySource(FLEET),
    });

    expect(desired.complete).to.be.false;
    expect(plan.actions.filter(({ action }) => action === 'delete')).to.be.empty;
  });
});
