import { BOTH, type FlagDefinition, RECONCILE } from './flag-definition.ts';

/** The flags of the Git source, in the order of `--help`. */
export const SOURCE_FLAGS = {
  source: {
    argument: 'path|URL|none',
    default: '.',
    description: 'Git repository with the desired state; none: the CRs come by other ways',
    commands: BOTH,
  },
  ref: {
    argument: 'ref',
    description: 'branch, tag, commit or full ref; by default the branch that HEAD names',
    commands: BOTH,
  },
  path: {
    argument: 'folder',
    default: '.',
    description: 'folder within the repository',
    commands: BOTH,
  },
  worktree: {
    description: 'read the files of a local repository as they lie, uncommitted ones included',
    commands: BOTH,
  },
  base: {
    argument: 'ref',
    description: 'compare against this ref, for pull requests',
    commands: RECONCILE,
  },
  'git-token-file': {
    argument: 'file',
    description: 'file with the token for the Git server; read at every use',
    commands: BOTH,
  },
  'git-username': {
    argument: 'name',
    description: 'user name beside the token, for servers that care',
    commands: BOTH,
  },
  'git-auth': {
    argument: 'basic|bearer',
    default: 'basic',
    description: "how the token is sent: as a user's password, or as a bearer token",
    commands: BOTH,
  },
  'git-app-id': {
    argument: 'id',
    description:
      'GitHub App that reads the repository, in place of a token: its number or client ID',
    commands: BOTH,
  },
  'git-app-key-file': {
    argument: 'file',
    description: 'private key of the GitHub App, PEM; read at every use',
    commands: BOTH,
  },
  'git-app-installation-id': {
    argument: 'number',
    description: "the app's installation; by default the one that has the repository",
    commands: BOTH,
  },
  'git-app-api-url': {
    argument: 'URL',
    description: "GitHub's API; by default the one that goes with the host of the source",
    commands: BOTH,
  },
  'git-ca-file': {
    argument: 'file',
    description: 'certificate authority of the Git server, PEM',
    commands: BOTH,
  },
  'git-proxy': {
    argument: 'URL',
    description:
      'proxy to the Git server; by default HTTPS_PROXY and HTTP_PROXY, where NO_PROXY allows it',
    commands: BOTH,
  },
  'git-proxy-file': {
    argument: 'file',
    description: 'file with the URL of the proxy, where that holds a password; read at every use',
    commands: BOTH,
  },
  'git-ssh-key-file': {
    argument: 'file',
    description: 'private key for a source over SSH; read at every use',
    commands: BOTH,
  },
  'git-ssh-passphrase-file': {
    argument: 'file',
    description: 'file with the passphrase of that key, if it has one',
    commands: BOTH,
  },
  'git-known-hosts-file': {
    argument: 'file',
    description: 'keys of the hosts that are trusted over SSH, in the format of OpenSSH; no other',
    commands: BOTH,
  },
  'verify-signatures': {
    description:
      'take a commit only when somebody has signed it who may: the files below say who; else the last good revision stays',
    commands: BOTH,
  },
  'allowed-signers-file': {
    argument: 'file',
    description: 'who may sign with SSH (ALLOWED SIGNERS in ssh-keygen(1)); read at every use',
    commands: BOTH,
  },
  'gpg-keyring-file': {
    argument: 'file',
    description: 'who may sign with OpenPGP: armored public keys; read at every use',
    commands: BOTH,
  },
} as const satisfies Readonly<Record<string, FlagDefinition>>;
