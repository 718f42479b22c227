import { Refusal } from './refusal.ts';

/** A commit or tag object, taken apart as Git does it before it verifies. */
export interface SignedObject {
  /** What was signed, byte by byte. */
  readonly payload: Buffer;
  /** Armored; undefined where it is not signed. */
  readonly signature: string | undefined;
  /** Address of the committer or tagger. */
  readonly email: string;
  /** When he says that he did it, in milliseconds since the epoch. */
  readonly at: number;
}

/** A signed tag says which commit it is about, and its own name. */
export interface SignedTag extends SignedObject {
  readonly commit: string;
  readonly name: string;
}

const ARMOR_START =
  /(?<=\n)-----BEGIN (SSH SIGNATURE|PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE)-----(?=\n)/g;
const IDENTITY = /^[^<>\n]*<([^<>\n]*)> (\d{1,12}) [+-]\d{4}$/;

/**
 * A commit object (git-commit(1), gitformat-signature): the signature is the header `gpgsig`, and what was signed is the
 * object without the headers whose name begins so. Throws Refusal for what is no commit, or has two signatures.
 */
export function readSignedCommit(object: Uint8Array): SignedObject {
  const { text, headers, body } = split(object);
  const signatures = headers.filter(({ name }) => name === 'gpgsig');
  if (signatures.length > 1) throw new Refusal('has more than one signature');
  const [signature] = signatures.map(({ value }) => value);
  const kept = headers.filter(({ name }) => !name.startsWith('gpgsig'));
  if (kept[0]?.name !== 'tree') throw new Refusal('is no commit');
  const payload = signature === undefined ? text : kept.map(({ raw }) => raw).join('') + body;
  return { payload: bytes(payload), signature, ...identity(headers, 'committer') };
}

/**
 * A tag object: the signature is the end of its message, from the last line on that begins one. Throws Refusal for what is
 * no tag, and for the tag of anything but a commit.
 */
export function readSignedTag(object: Uint8Array): SignedTag {
  const text = Buffer.from(object).toString('latin1');
  const start = [...text.matchAll(ARMOR_START)].at(-1)?.index;
  const payload = bytes(text.slice(0, start));
  const { headers } = split(payload);
  if (headers.some(({ name }) => name.startsWith('gpgsig'))) {
    throw new Refusal('has a signature of a kind that is not supported');
  }
  const [commit, type, name] = ['object', 'type', 'tag'].map((wanted, index) => {
    const header = headers[index];
    return header?.name === wanted ? header.value : '';
  });
  if (!commit || !name) throw new Refusal('is no tag');
  if (type !== 'commit') throw new Refusal('is not the tag of a commit');
  return {
    payload,
    signature: start === undefined ? undefined : text.slice(start),
    ...identity(headers, 'tagger'),
    commit,
    name: Buffer.from(name, 'latin1').toString(),
  };
}

interface Header {
  readonly name: string;
  /** Lines after the first without the space that they begin with. */
  readonly value: string;
  /** As it stands in the object. */
  readonly raw: string;
}

/** Byte for byte: every byte is one character. `body` begins with the empty line after the headers. */
function split(object: Uint8Array): {
  readonly text: string;
  readonly headers: readonly Header[];
  readonly body: string;
} {
  const text = Buffer.from(object).toString('latin1');
  const end = text.indexOf('\n\n');
  if (end === -1) throw new Refusal('has no end of its headers');
  const head = text.slice(0, end + 1);
  const raws = head.match(/[^\n]*\n(?: [^\n]*\n)*/g) ?? [];
  const headers = raws.map((raw) => {
    const space = raw.indexOf(' ');
    const name = space === -1 ? raw.trimEnd() : raw.slice(0, space);
    return { name, value: raw.slice(space + 1, -1).replaceAll('\n ', '\n'), raw };
  });
  return { text, headers, body: text.slice(head.length) };
}

function identity(
  headers: readonly Header[],
  role: 'committer' | 'tagger',
): Pick<SignedObject, 'email' | 'at'> {
  const [first, second] = headers.filter(({ name }) => name === role);
  const [, email, seconds] = IDENTITY.exec(first?.value ?? '') ?? [];
  if (second !== undefined || email === undefined) throw new Refusal(`names no single ${role}`);
  return { email: Buffer.from(email, 'latin1').toString(), at: Number(seconds) * 1000 };
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
