/** Secrets that were planted, and where one of them turned up. */
export interface Canaries {
  /** A new secret, of characters that may stand in a token, a host name, a label and YAML. */
  plant(where: string): string;
  /** A secret that was there already, e.g. a generated token or the bytes of a key. */
  add(where: string, secret: string | Buffer): void;
  /** The secrets that a text holds, in any form that we know: by where they were planted. */
  foundIn(text: string): readonly string[];
}

/** In every planted secret, four times: whatever twenty characters of it somebody quotes, this is among them. */
const MARK = 'q7zkpvxw';
const REPEATS = 4;
const ID_LENGTH = 2;

export function createCanaries(): Canaries {
  const planted: string[] = [];
  const added: { readonly where: string; readonly forms: readonly string[] }[] = [];
  const marks = formsOf(MARK);
  return {
    plant: (where) => {
      const id = planted.length.toString(36).padStart(ID_LENGTH, '0');
      planted.push(where);
      return `${MARK}${id}`.repeat(REPEATS);
    },
    add: (where, secret) => {
      if (secret.length < MARK.length) throw new Error(`${where}: would be found by chance`);
      added.push({ where, forms: formsOf(secret) });
    },
    foundIn: (text) => {
      const lower = text.toLowerCase();
      const found = added.filter(({ forms }) => forms.some((form) => text.includes(form)));
      const known = [...lower.matchAll(new RegExp(`${MARK}(..)`, 'g'))].map(
        ([, id = '']) => planted[Number.parseInt(id, 36)] ?? 'a planted secret',
      );
      const encoded = known.length === 0 && marks.some((mark) => text.includes(mark));
      return [
        ...new Set([
          ...found.map(({ where }) => where),
          ...known,
          ...(encoded ? ['a planted secret, encoded'] : []),
        ]),
      ];
    },
  };
}

/**
 * As it is, percent-encoded (as little and as much as possible), in hexadecimal, and in base64, which looks different at
 * each of three offsets, and whose first and last characters depend on the neighbours.
 */
function formsOf(secret: string | Buffer): readonly string[] {
  const bytes = typeof secret === 'string' ? Buffer.from(secret) : secret;
  const hex = bytes.toString('hex');
  const base64 = ['', 'x', 'xx'].map((before) => {
    const text = Buffer.concat([Buffer.from(before), bytes]).toString('base64');
    return text.replace(/=+$/, '').slice(before === '' ? 0 : 4, -2);
  });
  const base64url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const percent = hex.replaceAll(/../g, '%$&');
  const plain = typeof secret === 'string' ? [secret, encodeURIComponent(secret)] : [];
  return [...plain, percent, hex, ...base64, ...base64url];
}
