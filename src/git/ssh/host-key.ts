import { type SshAddress, SSH_PORT } from '../../config/ssh-address.ts';
import { GitHostKeyError } from '../../errors/errors.ts';
import { fingerprintOf, hasAuthority, isRevoked, keysOf, parseKnownHosts } from './known-hosts.ts';

/** What a host has to prove before we say anything to it. */
export interface HostKeyCheck {
  /** Types of the keys that we know, for the server to show one of them. */
  readonly types: readonly string[];
  /** Takes a key as it comes over the wire. Throws GitHostKeyError unless it is one that we know. */
  check(key: Buffer): void;
}

/**
 * The check against the text of a known_hosts file, which must name the host: nothing is learnt by connecting. Throws
 * GitHostKeyError where it does not, CredentialInvalidError for a file that is not understood.
 */
export function createHostKeyCheck(address: SshAddress, knownHosts: string): HostKeyCheck {
  const { host, port } = address;
  const lines = parseKnownHosts(knownHosts);
  const known = keysOf(address, lines);
  const details = { host, port };
  if (known.length === 0) {
    const what = hasAuthority(address, lines)
      ? `the known_hosts file has only a certificate authority for "${host}", and host certificates are not supported`
      : `the known_hosts file does not name "${host}"${port === SSH_PORT ? '' : ` with port ${port}`}`;
    throw new GitHostKeyError(
      `${what}: get the keys with "${scanOf(address)}", compare their fingerprints ("ssh-keygen -lf") with those that the host publishes, and add them`,
      { details },
    );
  }
  return {
    types: [...new Set(known.map(({ type }) => type))],
    check: (key) => {
      const fingerprint = fingerprintOf(key);
      if (isRevoked(address, key, lines)) {
        throw new GitHostKeyError(
          `"${host}" shows a host key that the known_hosts file revokes (${fingerprint}): somebody may pose as it; ask its operator for the new key`,
          { details: { ...details, fingerprint } },
        );
      }
      if (known.some((line) => line.key.equals(key))) return;
      throw new GitHostKeyError(
        `"${host}" shows another host key than the known_hosts file has (${fingerprint}): somebody may pose as it; only if its operator publishes this fingerprint, replace the key ("${scanOf(address)}")`,
        { details: { ...details, fingerprint } },
      );
    },
  };
}

function scanOf({ host, port }: SshAddress): string {
  return `ssh-keyscan ${port === SSH_PORT ? '' : `-p ${port} `}${host}`;
}
