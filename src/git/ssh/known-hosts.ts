import { createHash, createHmac } from 'node:crypto';
import { type SshAddress, SSH_PORT } from '../../config/ssh-address.ts';
import { CredentialInvalidError } from '../../errors/errors.ts';

/** One line of a known_hosts file. */
export interface KnownHost {
  readonly marker: '' | '@revoked' | '@cert-authority';
  /** Patterns between commas, or one hashed name. */
  readonly hosts: string;
  /** `ssh-ed25519`, `ssh-rsa`, … */
  readonly type: string;
  /** As it goes over the wire. */
  readonly key: Buffer;
}

type Host = Pick<SshAddress, 'host' | 'port'>;

const LINE = /^(?:(@[a-z-]+)\s+)?(\S+)\s+([a-z0-9@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s.*)?$/;
const MARKERS: readonly string[] = [
  '',
  '@revoked',
  '@cert-authority',
] satisfies KnownHost['marker'][];

/**
 * Reads the format of OpenSSH (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Throws CredentialInvalidError for a line that it
 * does not understand, with its number: it could be the one that revokes a key.
 */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    return trimmed === '' || trimmed.startsWith('#') ? [] : [parseLine(trimmed, index + 1)];
  });
}

function parseLine(text: string, line: number): KnownHost {
  const [, marker = '', hosts = '', type = '', base64 = ''] = LINE.exec(text) ?? [];
  const key = Buffer.from(base64, 'base64');
  if (type === '' || !MARKERS.includes(marker) || typeOf(key) !== type) {
    throw new CredentialInvalidError(
      `line ${line} of the known_hosts file is not understood: correct it or take it out`,
      { details: { line } },
    );
  }
  return { marker: marker as KnownHost['marker'], hosts, type, key };
}

/** The type that a key says of itself (RFC 4253 section 6.6); empty for what is no key. */
export function typeOf(key: Buffer): string {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  return key.subarray(4, 4 + length).toString('latin1');
}

/** A key as `ssh-keygen -l` shows it, for comparing. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The keys that a host may show. */
export function keysOf(host: Host, lines: readonly KnownHost[]): readonly KnownHost[] {
  return lines.filter((line) => line.marker === '' && isAbout(line, nameOf(host)));
}

/** True where only a certificate authority vouches for the host. */
export function hasAuthority(host: Host, lines: readonly KnownHost[]): boolean {
  return lines.some((line) => line.marker === '@cert-authority' && isAbout(line, nameOf(host)));
}

/** True where the key was taken out of use for the host, on whatever port. */
export function isRevoked(host: Host, key: Buffer, lines: readonly KnownHost[]): boolean {
  return lines.some(
    (line) =>
      line.marker === '@revoked' &&
      line.key.equals(key) &&
      (isAbout(line, nameOf(host)) || isAbout(line, host.host)),
  );
}

/** As known_hosts files call it: with the port only where it is not SSH's own. */
function nameOf({ host, port }: Host): string {
  return port === SSH_PORT ? host : `[${host}]:${port}`;
}

function isAbout({ hosts }: KnownHost, name: string): boolean {
  if (hosts.startsWith('|')) return isHashOf(hosts, name);
  const patterns = hosts.toLowerCase().split(',');
  const isExcluded = patterns.some((text) => text.startsWith('!') && matches(text.slice(1), name));
  return !isExcluded && patterns.some((text) => matches(text, name));
}

/** `|1|salt|hash`, HashKnownHosts in ssh_config(5). */
function isHashOf(text: string, name: string): boolean {
  const [, version, salt = '', hash] = text.split('|');
  const own = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
  return version === '1' && hash === own;
}

/** `*` stands for any characters, `?` for one. Works in time of length times length, whatever the pattern. */
function matches(pattern: string, name: string): boolean {
  let ends = new Set([0]);
  for (const character of pattern) {
    ends = new Set([...ends].flatMap((end) => endsAfter(character, name, end)));
  }
  return ends.has(name.length);
}

function endsAfter(character: string, name: string, start: number): readonly number[] {
  if (character === '*')
    return Array.from({ length: name.length - start + 1 }, (_, n) => start + n);
  const isMatch = character === '?' ? start < name.length : character === name[start];
  return isMatch ? [start + 1] : [];
}
