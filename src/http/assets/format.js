/**
 * What the page says about a snapshot of `/api/v1/status`, as plain data: app.js turns it into elements. Text is passed
 * on as it is; it becomes text nodes only.
 *
 * @typedef {{ symbol: string, word: string, tone: string }} Badge
 * @typedef {{ text: string, tone?: string }} Line
 * @typedef {{ lines: Line[], wide?: boolean }} Cell
 */

const LOOKS_BY_READY = {
  True: { symbol: '✓', tone: 'ready' },
  False: { symbol: '✕', tone: 'down' },
  Unknown: { symbol: '?', tone: 'unknown' },
};

/** Symbol and colour of phases that say more than ready or not. The word is always shown beside them. */
const LOOKS = {
  Progressing: { symbol: '⟳', tone: 'progress' },
  Degraded: { symbol: '▲', tone: 'degraded' },
  Deleting: { symbol: '⇣', tone: 'progress' },
  Suspended: { symbol: '○', tone: 'suspended' },
};

const NOTHING = '–';

/** How a shortcut or leaf stands. Old news is never shown as a state: it says what was, in grey. */
export function badge(item, isStale) {
  if (isStale) return { symbol: '?', word: `Unknown (was ${item.phase})`, tone: 'unknown' };
  const { status } = readyCondition(item);
  const look = LOOKS[item.phase] ?? LOOKS_BY_READY[status];
  return { ...look, word: item.phase };
}

export const SHORTCUT_COLUMNS = [
  'Shortcut',
  'State',
  'Why',
  'Listens',
  'Reached as',
  'Latency',
  'Revision',
];

/** One row of the table of shortcuts, a cell for each column. */
export function shortcutCells(item, isStale) {
  const { reason, message } = readyCondition(item);
  const [first, second] = item.clusters;
  const waiting = item.waitingFor === '' ? [] : [quiet(`waits for ${item.waitingFor}`)];
  return [
    cell({ text: `${first} ↔ ${second}` }, quiet(`${item.namespace}/${item.name}`)),
    cell(
      stateLine(item, isStale),
      ...(item.since === '' ? [] : [quiet(`since ${item.since.replace('T', ' ')}`)]),
    ),
    { wide: true, ...cell({ text: reason }, quiet(message), ...waiting) },
    cell({ text: item.sides.find(({ role }) => role === 'Server')?.cluster ?? NOTHING }),
    {
      wide: true,
      ...cell(...addressLines(item, first, second), ...addressLines(item, second, first)),
    },
    cell(...item.clusters.map((cluster) => ({ text: latencyText(item, cluster, isStale) }))),
    cell({ text: shortRevision(item.revision) }, quiet(item.file)),
  ];
}

export const LEAF_COLUMNS = [
  'Leaf',
  'State',
  'Why',
  'Liqo',
  'Own CIDRs',
  'Shortcuts',
  'Missing permissions',
];

/** One row of the table of leaves, a cell for each column. */
export function leafCells(leaf, isStale) {
  const { reason, message } = readyCondition(leaf);
  const missing = leaf.permissionsMissing.map((text) => ({ text, tone: 'down' }));
  return [
    cell({ text: leaf.name }, quiet(`cluster ID ${leaf.clusterID || 'not known yet'}`)),
    cell(stateLine(leaf, isStale)),
    { wide: true, ...cell({ text: reason }, quiet(message)) },
    cell({ text: leaf.liqoVersion || NOTHING }),
    cell(...cidrLines(leaf.cidrs)),
    cell({ text: String(leaf.shortcuts) }),
    cell(...(missing.length > 0 ? missing : [{ text: 'none' }])),
  ];
}

/** Where the desired state comes from and what is wrong with it. `now` is the service's time, in milliseconds. */
export function sourceLines(source, now) {
  if (source === undefined) {
    return [quiet('No Git source: shortcuts come to the main cluster by other ways.')];
  }
  const { error, held, problems } = source;
  return [
    { text: [source.location, source.ref, source.path].filter((part) => part !== '').join(' · ') },
    { text: revisionText(source) },
    ...(source.lastPollAt === undefined ? [] : [quiet(pollText(source, now))]),
    ...(error === undefined ? [] : [alarm(`Cannot be mirrored (${error.code}): ${error.message}`)]),
    ...problems.map(problemLine),
    ...held.map(({ resource, reason, message }) =>
      warning(`Deletion held: ${resource} (${reason}): ${message}`),
    ),
  ];
}

/** The counts of the header. */
export function countBadges(counts, isStale) {
  if (isStale) return [{ symbol: '?', word: 'state unknown', tone: 'unknown' }];
  return [
    { ...LOOKS_BY_READY.False, word: `${counts.notReady} not ready` },
    { ...LOOKS_BY_READY.Unknown, word: `${counts.unknown} unknown` },
    { ...LOOKS_BY_READY.True, word: `${counts.ready} ready` },
    { symbol: '◦', word: `${counts.leavesReady} of ${counts.leaves} leaves ready`, tone: '' },
  ];
}

/** A span of time in one unit, rounded down: `12 s`, `3 min`, `2 h`, `4 d`. */
export function spanText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `main@sha1:0123456789…` with as much of the commit as people read. */
export function shortRevision(revision) {
  if (!revision) return NOTHING;
  return revision.replace(/(@sha1:[0-9a-f]{10})[0-9a-f]+$/, '$1');
}

function readyCondition(item) {
  return (
    item.conditions.find(({ type }) => type === 'Ready') ?? {
      status: 'Unknown',
      reason: 'Not looked at yet',
      message: '',
    }
  );
}

function stateLine(item, isStale) {
  const { symbol, word, tone } = badge(item, isStale);
  return { text: `${symbol} ${word}`, tone: `badge ${tone}` };
}

/** Under which addresses `from` reaches `to`: `seenAs` of a side is how the other one sees it. */
function addressLines(item, from, to) {
  const lines = cidrLines(sideOf(item, to)?.seenAs ?? {});
  return [{ text: `${from} → ${to}` }, ...lines.map(({ text }) => quiet(text))];
}

function cidrLines(cidrs) {
  const lines = ['pod', 'external']
    .filter((network) => cidrs[network]?.length > 0)
    .map((network) => ({ text: `${network} ${cidrs[network].join(', ')}` }));
  return lines.length > 0 ? lines : [{ text: NOTHING }];
}

function latencyText(item, cluster, isStale) {
  const latency = sideOf(item, cluster)?.connection?.latency;
  return `${cluster} ${isStale || !latency ? NOTHING : latency}`;
}

function sideOf(item, cluster) {
  return item.sides.find((side) => side.cluster === cluster);
}

function revisionText({ revisionAttempted, revisionApplied }) {
  if (revisionApplied === undefined) return 'Nothing applied yet';
  const applied = `Applied ${shortRevision(revisionApplied)}`;
  if (revisionAttempted === undefined || revisionAttempted === revisionApplied) return applied;
  return `${applied}, looking at ${shortRevision(revisionAttempted)}`;
}

function pollText({ lastPollAt, nextPollAt }, now) {
  const looked = `Looked at ${spanText(now - Date.parse(lastPollAt))} ago`;
  if (nextPollAt === undefined) return looked;
  return `${looked}, again in ${spanText(Date.parse(nextPollAt) - now)}`;
}

function problemLine({ file, line, code, message, severity }) {
  const text = `${file}:${line} ${code}: ${message}`;
  return severity === 'error' ? alarm(text) : warning(text);
}

function cell(...lines) {
  return { lines: lines.filter(({ text }) => text !== '') };
}

function quiet(text) {
  return { text, tone: 'quiet' };
}

function warning(text) {
  return { text: text && `▲ ${text}`, tone: 'degraded' };
}

function alarm(text) {
  return { text: `✕ ${text}`, tone: 'down' };
}
