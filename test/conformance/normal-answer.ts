import type { ConformanceAnswer } from './conformance-case.ts';

/** Headers that clients act upon. */
const HEADERS = ['content-type', 'warning', 'retry-after', 'www-authenticate', 'allow'];

const UID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const TIME = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;
const AGE = /^(?:\d+[smhd])+$/;

/** Members whose values are the server's own business. */
const VOLATILE: Readonly<Record<string, string>> = {
  resourceVersion: '<version>',
  continue: '<token>',
  serverAddress: '<address>',
  resourceVersionHash: '<hash>',
  hash: '<hash>',
};

/** Members that no client acts upon: documentation, and what caches of discovery go by. */
const SILENT = new Set(['description', 'storageVersionHash']);

/** What was saved before a request, and the case's own names: value by name. */
export type Names = ReadonlyMap<string, string>;

/** Puts the values of names in the place of `{name}`, in every text of a value. */
export function filledIn(value: unknown, names: Names): unknown {
  return mapTexts(value, (text) =>
    text.replace(/\{([A-Za-z]+)\}/g, (whole, name: string) => names.get(name) ?? whole),
  );
}

/** An answer that two servers can share: names in the place of values, and nothing that differs from run to run. */
export function normalAnswer(
  answer: { readonly code: number; readonly headers: Headers; readonly body: unknown },
  look: readonly string[] | undefined,
  names: Names,
): ConformanceAnswer {
  const { code } = answer;
  const headers = HEADERS.flatMap((name) => {
    const value = answer.headers.get(name);
    if (value === null || value === 'application/json') return [];
    return [[name, normalText(value, names)] as const];
  });
  const whole = isStatus(answer.body) ? essential(answer.body, code) : answer.body;
  const body = normal(look === undefined ? whole : parts(answer.body, look), names);
  return {
    code,
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(body !== '' && { body }),
  };
}

/** The value at a path like `items[metadata.name=a].kind`. */
export function valueAt(value: unknown, path: string): unknown {
  const steps = path.match(/"[^"]*"|[^.[\]"]+|\[[^\]]*\]/g) ?? [];
  return steps.reduce<unknown>((at, step) => {
    const [, index, key, wanted] = /^\[(?:(-?\d+)|(.+?)=(.*))\]$/.exec(step) ?? [];
    if (index !== undefined) return (at as readonly unknown[] | undefined)?.at(Number(index));
    if (key !== undefined) {
      return (at as readonly unknown[] | undefined)?.find((item) => valueAt(item, key) === wanted);
    }
    return (at as Readonly<Record<string, unknown>> | null | undefined)?.[unquoted(step)];
  }, value);
}

function unquoted(step: string): string {
  return step.replaceAll('"', '');
}

function parts(body: unknown, look: readonly string[]): unknown {
  const found = look.map((path) => [path, valueAt(body, path)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

function isStatus(body: unknown): body is Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status';
}

/** A Status without what every Status has, as long as it has it. */
function essential(status: Readonly<Record<string, unknown>>, code: number): unknown {
  const usual: Readonly<Record<string, unknown>> = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: code < 400 ? 'Success' : 'Failure',
    code,
  };
  return Object.fromEntries(
    Object.entries(inOrder(status)).filter(
      ([member, value]) => JSON.stringify(usual[member]) !== JSON.stringify(value),
    ),
  );
}

interface Cause {
  readonly field: string;
  readonly message: string;
}

/** Go walks maps in any order: what is wrong with an object is told in ours. */
function inOrder(status: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const message = (status['message'] ?? '') as string;
  const details = status['details'] as { readonly causes?: readonly Cause[] } | undefined;
  const causes = (details?.causes ?? []).map((cause) => [textOf(cause), cause] as const);
  const texts = [...new Set(causes.map(([text]) => text))];
  const sorted = texts.toSorted();
  const list = `[${texts.join(', ')}]`;
  const isList = message.endsWith(list);
  // Conflicts of an apply: the message names the managers in order, the causes come as they come.
  if (causes.length < 2 || !(isList || message.startsWith('Apply failed'))) return status;
  return {
    ...status,
    message: isList ? `${message.slice(0, -list.length)}[${sorted.join(', ')}]` : message,
    details: {
      ...details,
      causes: causes.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, cause]) => cause),
    },
  };
}

function textOf({ field, message }: Cause): string {
  return `${field}: ${message}`;
}

function normal(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((item) => normal(item, names));
  if (typeof value === 'string') return normalText(value, names);
  if (typeof value !== 'object' || value === null) return value;
  // The version of a list moves whenever anybody writes anything.
  const isList = 'resourceVersion' in value && !('uid' in value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([member]) => !SILENT.has(member))
      .map(([member, inner]) => {
        const text = typeof inner === 'string' && inner !== '' ? inner : undefined;
        const known =
          text === undefined || (isList && member === 'resourceVersion')
            ? undefined
            : nameOf(text, names);
        const hidden = text === undefined ? undefined : VOLATILE[member];
        return [normalText(member, names), known ?? hidden ?? normal(inner, names)];
      }),
  );
}

function nameOf(text: string, names: Names): string | undefined {
  const found = [...names].find(([, value]) => value === text);
  return found === undefined ? undefined : `{${found[0]}}`;
}

function normalText(text: string, names: Names): string {
  let shown = text
    .replace(/current: \d+/, 'current: <version>')
    .replace(/(too old resource version: \d+) \(\d+\)/, '$1 (<version>)')
    .replace(/Key: \/[^/]+\//, 'Key: /<prefix>/');
  for (const [name, value] of names) {
    // Versions are short numbers, which may stand in a text for something else.
    if (/^\d+$/.test(value)) shown = shown.replace(new RegExp(`\\b${value}\\b`, 'g'), `{${name}}`);
    else shown = shown.replaceAll(value, `{${name}}`);
  }
  return shown.replaceAll(UID, '<uid>').replaceAll(TIME, '<time>').replace(AGE, '<age>');
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [change(member), mapTexts(inner, change)]),
  );
}
