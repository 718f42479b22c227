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
  'git-ca-file': {
    argument: 'file',
    description: 'certificate authority of the Git server, PEM',
    commands: BOTH,
  },
} as const satisfies Readonly<Record<string, FlagDefinition>>;
