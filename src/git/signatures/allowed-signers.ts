import { matchesPatternList } from './match-pattern.ts';
import { Refusal } from './refusal.ts';
import { isSshKeyType, parseSshKey, type SshKey } from './ssh-key.ts';
import { GIT_NAMESPACE } from './ssh-signature.ts';
import { parseSshTime } from './ssh-time.ts';
import { strictBase64 } from './strict-base64.ts';

/** A line of the file: who may sign with which key, and when. */
export interface AllowedSigner {
  /** A list of patterns. */
  readonly principals: string;
  readonly keyBlob: Buffer;
  readonly key: SshKey;
  /** For which purposes, a list of patterns; left out: for any. */
  readonly namespaces?: string;
  /** Milliseconds since the epoch, both inclusive. */
  readonly validAfter?: number;
  readonly validBefore?: number;
}

/** A text of OpenSSH's `authorized_keys` family: to the next space that is not within quotes. */
const WORD = /^(?:[^\s"]|"(?:[^"\\]|\\"|\\(?!"))*")+/;
const OPTION = /^([a-z-]+)(?:="((?:[^"\\]|\\"|\\(?!"))*)")?(?:,(?=.)|$)/i;

/**
 * The lines of a file of allowed signers (ALLOWED SIGNERS in ssh-keygen(1)). Every line has to be understood: a restriction
 * that is passed over would allow more than the file says. `cert-authority` is refused: certificates are not supported.
 *
 * @throws Refusal which begins with the number of the line; for a file without a signer too.
 */
export function parseAllowedSigners(text: string): readonly AllowedSigner[] {
  const signers = text.split(/\r?\n/).flatMap((line, index) => {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) return [];
    try {
      return [parseLine(content)];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(`line ${index + 1}: ${error.message}`);
    }
  });
  if (signers.length === 0) throw new Refusal('there is no signer in it');
  return signers;
}

/** Why somebody may not sign so with this key; undefined where he may. `at` holds times that all have to be allowed. */
export function objection(
  signer: AllowedSigner,
  who: string,
  at: readonly number[],
): string | undefined {
  const { principals, namespaces, validAfter, validBefore } = signer;
  if (namespaces !== undefined && !matchesPatternList(GIT_NAMESPACE, namespaces)) {
    return 'may not sign for Git (namespaces)';
  }
  if (!matchesPatternList(who, principals)) {
    return 'may not sign for the address that the committer gives';
  }
  if (validAfter !== undefined && at.some((time) => time < validAfter)) {
    return 'is not valid yet (valid-after)';
  }
  if (validBefore !== undefined && at.some((time) => time > validBefore)) {
    return 'is no longer valid (valid-before)';
  }
  return undefined;
}

function parseLine(line: string): AllowedSigner {
  const [principals, afterPrincipals] = word(line);
  const [first, afterFirst] = word(afterPrincipals);
  const hasOptions = !isSshKeyType(first);
  const options = hasOptions ? parseOptions(first) : {};
  const [type, afterType] = hasOptions ? word(afterFirst) : [first, afterFirst];
  if (!isSshKeyType(type)) throw new Refusal('the type of the key is not supported');
  const keyBlob = about('the key', () => strictBase64(word(afterType)[0]));
  const key = about('the key', () => parseSshKey(keyBlob));
  if (keyBlob.toString('latin1', 4, 4 + type.length) !== type) {
    throw new Refusal('the key is of another type than the line says');
  }
  return { principals: unquoted(principals), keyBlob, key, ...options };
}

function word(text: string): readonly [string, string] {
  const [found] = WORD.exec(text) ?? [];
  if (found === undefined) throw new Refusal('it ends too early, or a quotation mark is missing');
  return [found, text.slice(found.length).trimStart()];
}

function unquoted(text: string): string {
  const [, inner] = /^"([^"]*)"$/.exec(text) ?? [];
  if (inner === undefined && text.includes('"')) {
    throw new Refusal('quotation marks must stand around all principals or none');
  }
  return inner ?? text;
}

function parseOptions(text: string): Pick<AllowedSigner, 'namespaces'> & Validity {
  const given = new Map<string, string>();
  for (let rest = text; rest !== '';) {
    const [whole, name, value] = OPTION.exec(rest) ?? [];
    if (whole === undefined || name === undefined) {
      throw new Refusal('neither a type of key nor options stand after the principals');
    }
    given.set(
      checkedOption(name.toLowerCase(), value, given),
      (value ?? '').replaceAll('\\"', '"'),
    );
    rest = rest.slice(whole.length);
  }
  const namespaces = given.get('namespaces');
  return { ...(namespaces === undefined ? {} : { namespaces }), ...validity(given) };
}

function checkedOption(
  name: string,
  value: string | undefined,
  given: ReadonlyMap<string, string>,
): string {
  if (name === 'cert-authority') {
    throw new Refusal('cert-authority: certificates are not supported, list the keys themselves');
  }
  if (!['namespaces', 'valid-after', 'valid-before'].includes(name)) {
    throw new Refusal('it has an option, or a type of key, that is not supported');
  }
  if (value === undefined) throw new Refusal(`${name} needs a value in quotation marks`);
  if (given.has(name)) throw new Refusal(`${name} is there twice`);
  return name;
}

interface Validity {
  readonly validAfter?: number;
  readonly validBefore?: number;
}

function validity(given: ReadonlyMap<string, string>): Validity {
  const [validAfter, validBefore] = ['valid-after', 'valid-before'].map((name) => {
    const text = given.get(name);
    return text === undefined ? undefined : about(name, () => parseSshTime(text));
  });
  if (validAfter !== undefined && validBefore !== undefined && validBefore <= validAfter) {
    throw new Refusal('valid-before is not after valid-after');
  }
  return {
    ...(validAfter === undefined ? {} : { validAfter }),
    ...(validBefore === undefined ? {} : { validBefore }),
  };
}

function about<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(`${what} ${error.message}`);
  }
}
