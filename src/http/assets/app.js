import {
  countBadges,
  LEAF_COLUMNS,
  leafCells,
  SHORTCUT_COLUMNS,
  shortcutCells,
  sourceLines,
} from './format.js';

const POLL_MS = 2000;
/** Three polls without an answer: what is on the page is no longer known to be true. */
const STALE_AFTER_MS = 3 * POLL_MS;
const TOKEN_KEY = 'liqo-shortcuts-token';

const page = {
  /** The last picture, and its ETag. */
  snapshot: undefined,
  etag: undefined,
  answeredAt: performance.now(),
  /** Time of the service at `answeredAt`: ages do not depend on this machine's clock. */
  serviceTime: 0,
  failure: '',
  isTokenWanted: false,
  /** What the tables show now, so that they are left alone (selection, scroll) while nothing changed. */
  shown: { snapshot: undefined, isStale: undefined },
};

async function poll() {
  try {
    const response = await fetch('api/v1/status', {
      headers: requestHeaders(),
      cache: 'no-store',
      signal: AbortSignal.timeout(STALE_AFTER_MS),
    });
    await take(response);
  } catch {
    page.failure = 'the service does not answer';
  }
}

function requestHeaders() {
  const token = sessionStorage.getItem(TOKEN_KEY);
  return {
    ...(page.etag && { 'If-None-Match': page.etag }),
    ...(token && { Authorization: `Bearer ${token}` }),
  };
}

async function take(response) {
  page.isTokenWanted = response.status === 401;
  if (response.status !== 304 && !response.ok) {
    page.failure = `the service answers ${response.status}`;
    return;
  }
  if (response.ok) {
    page.snapshot = await response.json();
    page.etag = response.headers.get('ETag');
  }
  page.failure = '';
  page.answeredAt = performance.now();
  page.serviceTime = Date.parse(response.headers.get('Date'));
}

function render() {
  const silence = performance.now() - page.answeredAt;
  const isStale = silence > STALE_AFTER_MS;
  byId('sign-in').hidden = !page.isTokenWanted;
  byId('picture').hidden = page.snapshot === undefined;
  renderFreshness(isStale);
  if (page.snapshot === undefined) return;
  byId('source').replaceChildren(
    ...sourceLines(page.snapshot.source, page.serviceTime + silence).map(lineItem),
  );
  if (page.shown.snapshot === page.snapshot && page.shown.isStale === isStale) return;
  page.shown = { snapshot: page.snapshot, isStale };
  renderPicture(page.snapshot, isStale);
}

function renderFreshness(isStale) {
  const { text, isAlarm } = freshness(isStale);
  const line = byId('freshness');
  line.className = isAlarm ? 'alarm' : '';
  // A status region is read aloud when it changes: not for the same words again.
  if (line.textContent !== text) line.textContent = text;
}

function freshness(isStale) {
  if (page.isTokenWanted) return { text: 'The token is missing or wrong.', isAlarm: false };
  if (isStale && page.snapshot !== undefined) {
    const since = new Date(page.serviceTime).toLocaleTimeString();
    const why = page.failure === '' ? '' : ` (${page.failure})`;
    const text = `No news since ${since}${why}: what follows is old, its state unknown.`;
    return { text, isAlarm: true };
  }
  if (page.snapshot === undefined) {
    const text = page.failure === '' ? 'Loading…' : `Nothing to show yet: ${page.failure}.`;
    return { text, isAlarm: page.failure !== '' };
  }
  const { mainError, synced } = page.snapshot;
  if (mainError !== undefined) {
    return {
      text: `The main cluster cannot be reached, what follows is old: ${mainError}`,
      isAlarm: true,
    };
  }
  if (!synced) return { text: 'The main cluster has not been read yet.', isAlarm: false };
  return { text: 'Live.', isAlarm: false };
}

function renderPicture(snapshot, isServiceSilent) {
  const isStale = isServiceSilent || snapshot.mainError !== undefined;
  byId('installation').textContent = `${snapshot.installation} · namespace ${snapshot.namespace}`;
  byId('counts').replaceChildren(
    ...countBadges(snapshot.counts, isStale).map(({ symbol, word, tone }) =>
      lineItem({ text: `${symbol} ${word}`, tone: `badge ${tone}` }),
    ),
  );
  renderTable('shortcuts', {
    columns: SHORTCUT_COLUMNS,
    rows: snapshot.shortcuts.map((item) => shortcutCells(item, isStale)),
    empty: 'No shortcut yet: commit a file with a Shortcut, or make one with kubectl.',
  });
  renderTable('leaves', {
    columns: LEAF_COLUMNS,
    rows: snapshot.leaves.map((leaf) => leafCells(leaf, isStale)),
    empty: 'No leaf yet: commit or make a LeafCluster with the Secret of its kubeconfig.',
  });
}

function renderTable(id, { columns, rows, empty }) {
  if (rows.length === 0) {
    byId(id).replaceChildren(element('caption', { text: empty, tone: 'quiet' }));
    return;
  }
  const headings = columns.map((text) => scoped(element('th', { text }), 'col'));
  byId(id).replaceChildren(
    element('thead', {}, [element('tr', {}, headings)]),
    element(
      'tbody',
      {},
      rows.map((cells) => element('tr', {}, cells.map(tableCell))),
    ),
  );
}

function tableCell({ lines, wide }, index) {
  const spans = lines.map((line) => element('span', line));
  const node = element(index === 0 ? 'th' : 'td', { tone: wide ? 'wide' : '' }, spans);
  return index === 0 ? scoped(node, 'row') : node;
}

function scoped(heading, scope) {
  heading.scope = scope;
  return heading;
}

function lineItem(line) {
  return element('li', line);
}

/** The only place where text enters the page: as text, whatever it holds. */
function element(tag, { text, tone = '' }, children = []) {
  const node = document.createElement(tag);
  node.className = tone;
  if (text !== undefined) node.textContent = text;
  node.append(...children);
  return node;
}

function byId(id) {
  return document.getElementById(id);
}

async function turn() {
  await poll();
  render();
  // With a wrong token there is nothing to ask for until somebody enters another.
  if (!page.isTokenWanted) window.setTimeout(turn, POLL_MS);
}

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN_KEY, byId('token').value.trim());
  byId('token').value = '';
  void turn();
});
void turn();
