import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { aLeafItem, aShortcutItem, aSnapshot } from './fake-snapshot-reader.ts';
import { NOW, startTestServer } from './start-test-server.ts';

interface Line {
  readonly text: string;
  readonly tone?: string;
}
interface Cell {
  readonly lines: readonly Line[];
}
interface Badge {
  readonly symbol: string;
  readonly word: string;
  readonly tone: string;
}
/** The browser's module, as these tests use it: it has no types of its own. */
interface Format {
  badge(item: object, isStale: boolean): Badge;
  shortcutCells(item: object, isStale: boolean): readonly Cell[];
  leafCells(leaf: object, isStale: boolean): readonly Cell[];
  sourceLines(source: object | undefined, now: number): readonly Line[];
  countBadges(counts: object, isStale: boolean): readonly Badge[];
  spanText(ms: number): string;
  shortRevision(revision: string): string;
  readonly SHORTCUT_COLUMNS: readonly string[];
  readonly LEAF_COLUMNS: readonly string[];
}

const ASSETS = new URL('../../src/http/assets/', import.meta.url);
const format = (await import(new URL('format.js', ASSETS).href)) as Format;

function textOf(cells: readonly Cell[]): string {
  return cells.map(({ lines }) => lines.map(({ text }) => text).join(' / ')).join(' | ');
}

function ready(status: string, reason = 'X', message = '') {
  return [{ type: 'Ready', status, reason, message, lastTransitionTime: '' }];
}

const SOURCE = {
  location: 'https://git.example/fleet',
  ref: 'main',
  path: '.',
  problems: [],
  held: [],
};

describe('Page', () => {
  describe('state', () => {
    for (const { phase, status, symbol, tone } of [
      { phase: 'Ready', status: 'True', symbol: '✓', tone: 'ready' },
      { phase: 'Progressing', status: 'False', symbol: '⟳', tone: 'progress' },
      { phase: 'Degraded', status: 'False', symbol: '▲', tone: 'degraded' },
      { phase: 'Down', status: 'False', symbol: '✕', tone: 'down' },
      { phase: 'Stalled', status: 'False', symbol: '✕', tone: 'down' },
      { phase: 'Unknown', status: 'Unknown', symbol: '?', tone: 'unknown' },
      { phase: 'Deleting', status: 'True', symbol: '⇣', tone: 'progress' },
      { phase: 'Suspended', status: 'True', symbol: '○', tone: 'suspended' },
    ]) {
      it(`is shown as ${symbol} and the word ${phase}`, () => {
        const item = { phase, conditions: ready(status) };

        expect(format.badge(item, false)).to.deep.equal({ symbol, word: phase, tone });
      });

      it(`is unknown when ${phase} is old news`, () => {
        const item = { phase, conditions: ready(status) };

        expect(format.badge(item, true)).to.deep.equal({
          symbol: '?',
          word: `Unknown (was ${phase})`,
          tone: 'unknown',
        });
      });
    }

    it('is unknown before anybody looked', () => {
      expect(format.badge({ phase: 'New', conditions: [] }, false).tone).to.equal('unknown');
    });
  });

  it('shows of a shortcut the pair, the state, who listens, addresses both ways and latencies', () => {
    const cells = format.shortcutCells(aShortcutItem({ waitingFor: 'the moon' }), false);

    expect(cells).to.have.lengthOf(format.SHORTCUT_COLUMNS.length);
    expect(textOf(cells)).to.equal(
      'rome ↔ milan / liqo-shortcuts/rome-milan | ✓ Ready / since 2026-11-22 10:00:00Z | ' +
        'Connected / both sides are connected / waits for the moon | rome | ' +
        'rome → milan / pod 10.81.0.0/16 / milan → rome / pod 10.71.0.0/16 / external 10.72.0.0/16 | ' +
        'rome 12ms / milan 13ms | main@sha1:0123456789 / shortcuts/rome-milan.yaml',
    );
  });

  it('shows of a shortcut that nobody looked at yet that nothing is known', () => {
    const cells = format.shortcutCells(
      aShortcutItem({ conditions: [], sides: [], since: '', revision: '', file: '' }),
      false,
    );

    expect(textOf(cells)).to.equal(
      'rome ↔ milan / liqo-shortcuts/rome-milan | ? Ready | Not looked at yet | – | ' +
        'rome → milan / – / milan → rome / – | rome – / milan – | –',
    );
  });

  it('shows no old latency', () => {
    expect(textOf(format.shortcutCells(aShortcutItem(), true))).not.to.contain('12ms');
  });

  it('shows of a leaf its identity, networks and what it does not allow', () => {
    const cells = format.leafCells(aLeafItem({ permissionsMissing: ['list networks'] }), false);

    expect(cells).to.have.lengthOf(format.LEAF_COLUMNS.length);
    expect(textOf(cells)).to.equal(
      'rome / cluster ID rome-id | ✓ Ready | Connected / reachable, with a Liqo that we know | ' +
        'v1.2.0 | pod 10.200.0.0/16 / external 10.70.0.0/16 | 1 | list networks',
    );
  });

  it('shows of a leaf that was never reached what is missing', () => {
    const leaf = aLeafItem({
      clusterID: '',
      liqoVersion: '',
      phase: 'Unknown',
      conditions: ready('Unknown', 'LeafUnreachable') as never,
      cidrs: { pod: [], external: [] },
    });

    expect(textOf(format.leafCells(leaf, false))).to.equal(
      'rome / cluster ID not known yet | ? Unknown | LeafUnreachable | – | – | 1 | none',
    );
  });

  describe('source', () => {
    const later = NOW + 90_000;

    for (const { name, source, want } of [
      {
        name: 'that there is none',
        source: undefined,
        want: ['No Git source: shortcuts come to the main cluster by other ways.'],
      },
      {
        name: 'that nothing was applied yet',
        source: SOURCE,
        want: ['https://git.example/fleet · main · .', 'Nothing applied yet'],
      },
      {
        name: 'one revision when it is applied',
        source: {
          ...SOURCE,
          revisionAttempted: 'main@sha1:1',
          revisionApplied: 'main@sha1:1',
          lastPollAt: '2026-11-22T10:00:00Z',
        },
        want: [
          'https://git.example/fleet · main · .',
          'Applied main@sha1:1',
          'Looked at 1 min ago',
        ],
      },
      {
        name: 'no ref where none was asked for',
        source: { ...SOURCE, ref: '' },
        want: ['https://git.example/fleet · .', 'Nothing applied yet'],
      },
      {
        name: 'both revisions while they differ, errors, problems with their place, held deletions',
        source: {
          ...SOURCE,
          revisionAttempted: 'main@sha1:2',
          revisionApplied: 'main@sha1:1',
          lastPollAt: '2026-11-22T10:00:00Z',
          nextPollAt: '2026-11-22T10:01:42Z',
          error: { code: 'GIT_UNREACHABLE', message: 'no answer' },
          problems: [
            { file: 'a.yaml', line: 3, code: 'unknown-leaf', message: 'x', severity: 'error' },
            { file: 'b.yaml', line: 1, code: 'yaml-alias', message: 'y', severity: 'warning' },
          ],
          held: [{ resource: 'Shortcut/n/c', reason: 'deletion-guard', message: 'z' }],
        },
        want: [
          'https://git.example/fleet · main · .',
          'Applied main@sha1:1, looking at main@sha1:2',
          'Looked at 1 min ago, again in 12 s',
          '✕ Cannot be mirrored (GIT_UNREACHABLE): no answer',
          '✕ a.yaml:3 unknown-leaf: x',
          '▲ b.yaml:1 yaml-alias: y',
          '▲ Deletion held: Shortcut/n/c (deletion-guard): z',
        ],
      },
    ]) {
      it(`tells ${name}`, () => {
        expect(format.sourceLines(source, later).map(({ text }) => text)).to.deep.equal(want);
      });
    }
  });

  it('counts worst first, and counts nothing that is old', () => {
    const { counts } = aSnapshot();

    const texts = format.countBadges(counts, false).map(({ symbol, word }) => `${symbol} ${word}`);

    expect(texts).to.deep.equal([
      '✕ 0 not ready',
      '? 0 unknown',
      '✓ 1 ready',
      '◦ 1 of 1 leaves ready',
    ]);
    expect(format.countBadges(counts, true)).to.have.lengthOf(1);
  });

  for (const { ms, want } of [
    { ms: -5, want: '0 s' },
    { ms: 59_999, want: '59 s' },
    { ms: 60_000, want: '1 min' },
    { ms: 3_600_000, want: '1 h' },
    { ms: 86_400_000, want: '1 d' },
  ]) {
    it(`says ${want} for ${ms} ms`, () => {
      expect(format.spanText(ms)).to.equal(want);
    });
  }

  it('keeps hostile text as it is, wherever it comes from', () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const item = aShortcutItem({
      clusters: [hostile, hostile],
      file: hostile,
      waitingFor: hostile,
      conditions: ready('False', hostile, hostile) as never,
    });

    const text = textOf(format.shortcutCells(item, false));

    expect(text.split(hostile)).to.have.lengthOf.greaterThan(7);
    expect(text).not.to.contain('&lt;');
  });

  describe('files', () => {
    it('are served, each with its type', async () => {
      const { server } = await startTestServer();

      for (const { url, type } of [
        { url: '/', type: 'text/html; charset=utf-8' },
        { url: '/app.js', type: 'application/javascript; charset=utf-8' },
        { url: '/format.js', type: 'application/javascript; charset=utf-8' },
        { url: '/style.css', type: 'text/css; charset=utf-8' },
        { url: '/icon.svg', type: 'image/svg+xml' },
      ]) {
        const { statusCode, headers } = await server.inject(url);

        expect(statusCode, url).to.equal(200);
        expect(headers['content-type'], url).to.equal(type);
      }
      await server.close();
    });

    it('make markup of no text, and ask nobody else for anything', async () => {
      for (const name of await readdir(ASSETS)) {
        const text = await readFile(new URL(name, ASSETS), 'utf8');

        expect(text, name).not.to.match(
          /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/,
        );
        expect(text.replace('http://www.w3.org/2000/svg', ''), name).not.to.match(/https?:\/\//);
      }
    });

    it('hold no inline script, style or handler, which the policy would refuse', async () => {
      const page = await readFile(new URL('index.html', ASSETS), 'utf8');

      expect(page).not.to.match(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    });
  });
});
