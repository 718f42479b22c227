import { expect } from 'chai';
import { marked } from 'marked';

import type { CommitFacts } from '../../src/forge/commit-facts.ts';
import { judgeCommit } from '../../src/forge/judge-commit.ts';
import { readRemoved, renderComment } from '../../src/forge/render-comment.ts';
import { revisionOf } from './reporter-world.ts';

const OPTIONS = { installation: 'torino', publicUrl: 'https://shortcuts.example' };
const REVISION = revisionOf('a');
const NOTHING: CommitFacts = {
  ...{ revision: REVISION, isApplied: true, problems: [], refusals: [], held: [] },
  ...{ shortcuts: [], leaves: [], removed: [] },
};

function render(facts: Partial<CommitFacts>, options = OPTIONS): string {
  const all = { ...NOTHING, ...facts };
  return renderComment(all, judgeCommit(all), options);
}

const HOSTILE = [
  '@everyone look at [this](https://evil.example) #1 !2',
  '<img src=x onerror=alert(1)>',
  '``` \n\n# Headline\n/close\n/label ~x',
  '`@admin`',
  '--> <!-- liqo-shortcuts report of torino -->',
  '\u202eetadpu',
];

describe('renderComment', () => {
  it('begins with the marker of the installation, and links to the dashboard', () => {
    const [first] = render({}).split('\n');
    expect(first).to.equal('<!-- liqo-shortcuts report of torino -->');
    expect(render({})).to.contain('[Dashboard](https://shortcuts.example)');
    expect(render({}, { ...OPTIONS, publicUrl: '' })).not.to.contain('Dashboard');
  });

  it('tells everything that there is to tell', () => {
    const fact = { namespace: 'n', clusters: ['rome', 'milan'], reason: 'Connected', message: 'm' };
    const text = render({
      error: { code: 'GIT_UNVERIFIED', message: 'nobody signed it', isAuthors: true },
      refusals: [{ code: 'deletion-guard', message: 'too many' }],
      held: [{ resource: 'Shortcut/n/h', reason: 'deletion-guard', message: 'is held' }],
      shortcuts: [
        { ...fact, name: 'up', state: 'ready' },
        { ...fact, name: 'soon', state: 'progressing', message: 'waits for a key' },
        { ...fact, name: 'down', state: 'troubled', reason: 'LeafUnreachable' },
      ],
      leaves: ['rome'],
      removed: ['Shortcut/n/gone'],
    });

    for (const part of [
      ...['nobody signed it', 'too many', 'Shortcut/n/h', 'n/up', 'waits for a key'],
      ...['LeafUnreachable', '`rome`', 'Shortcut/n/gone', REVISION],
      ...['1 not ready', '1 waiting', '1 ready', '1 removed', '1 leaf changed', '1 removal held'],
    ]) {
      expect(text).to.contain(part);
    }
  });

  for (const text of HOSTILE) {
    it(`lets a text do nothing but be read: ${JSON.stringify(text)}`, () => {
      const comment = render({
        shortcuts: [
          {
            ...{ namespace: 'n', name: text, clusters: [text, text], state: 'refused' },
            ...{ reason: text, message: text },
          },
        ],
        problems: [
          {
            ...{ code: 'schema-violation', severity: 'error', message: text, file: text },
            ...{ line: 1, column: 1, pointer: '', resource: '' },
          },
        ],
      });

      const harmless = render({});
      const tagsOf = (source: string) =>
        new Set(
          [...(marked.parse(source) as string).matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag),
        );
      const ours = new Set([
        ...tagsOf(harmless),
        'details',
        'summary',
        'ul',
        'li',
        'strong',
        'code',
      ]);
      expect([...tagsOf(comment)].filter((tag) => !ours.has(tag))).to.deep.equal([]);
      const outside = comment.replaceAll(/`[^`\n]*`/g, '');
      for (const mark of ['@', '#1', 'evil', 'onerror', '\u202e', '/close']) {
        expect(outside).not.to.contain(mark);
      }
      expect(comment.split('\n').filter((line) => line.startsWith('/'))).to.deep.equal([]);
      expect(comment.indexOf('<!-- liqo')).to.equal(0);
    });
  }

  it('is never longer than GitHub takes', () => {
    const fact = { namespace: 'n', clusters: ['a', 'b'], state: 'troubled', reason: 'R' } as const;
    const shortcuts = Array.from({ length: 500 }, (_, index) => ({
      ...{ ...fact, name: `pair-${index}`, message: 'x'.repeat(900) },
    }));

    const text = render({ shortcuts });

    expect(text.length).to.be.at.most(65_536);
    expect(text).to.contain('500 not ready').and.contain('more, left out for want of room');
  });
});

describe('readRemoved', () => {
  it('reads what the comment of the same commit remembers', () => {
    const removed = ['LeafCluster/n/rome', 'Shortcut/n/gone'];

    expect(readRemoved(render({ removed }), REVISION)).to.deep.equal(removed);
    expect(readRemoved(render({ removed }), revisionOf('b'))).to.deep.equal([]);
    expect(readRemoved(render({}), REVISION)).to.deep.equal([]);
  });

  it('takes nothing from it that is no name of a resource', () => {
    const forged = render({ removed: ['Shortcut/n/gone', '@everyone', 'Secret/n/x'] });

    expect(readRemoved(forged, REVISION)).to.deep.equal(['Shortcut/n/gone']);
  });
});
