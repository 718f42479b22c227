import { FORGE_KINDS } from '../model/forge.ts';
import { BOTH, type FlagDefinition } from './flag-definition.ts';

/** The flags of reporting back to the host of the repository, a part of the table of all. */
export const REPORT_FLAGS = {
  'report-to': {
    argument: 'host',
    description: `report back to the commit and its pull request: ${FORGE_KINDS.join(', ')}`,
    commands: BOTH,
  },
  'report-url': {
    argument: 'URL',
    description: 'API of that host; by default that of the host of --source',
    commands: BOTH,
  },
  'report-repository': {
    argument: 'owner/name',
    description: 'repository there; by default that of --source',
    commands: BOTH,
  },
  'report-token-file': {
    argument: 'file',
    description: 'file with the token for that API; read at every use',
    commands: BOTH,
  },
  'report-comment': {
    argument: 'true|false',
    default: 'true',
    description: 'report in a comment on the pull request too, beside the status of the commit',
    commands: BOTH,
  },
  'public-url': {
    argument: 'URL',
    description: 'where people reach the dashboard; reports link to it',
    commands: BOTH,
  },
} as const satisfies Readonly<Record<string, FlagDefinition>>;
