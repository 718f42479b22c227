import { FORGE_KINDS, type ForgeKind } from '../model/forge.ts';
import { type ConfigFiles, readConfigFile } from './config-files.ts';
import { deriveTarget, type ReportTarget } from './derive-target.ts';
import { type FlagReader, parseSwitch } from './flag-reader.ts';
import { oneOf, parseApiUrl, parseRepository, parseSecret } from './flag-values.ts';
import type { FlagName } from './flags.ts';
import type { SourceConfig } from './source-config.ts';

/** Where and how to report back. */
export interface ReportConfig {
  readonly kind: ForgeKind;
  /** Base of the API, without a slash at its end. */
  readonly apiUrl: string;
  /** `owner/name`; at GitLab with all groups. */
  readonly repository: string;
  /** Read at every use, so that the token can be rotated; undefined where the source's GitHub App gives one. */
  readonly tokenFile: string | undefined;
  /** Whether to comment on pull requests too. */
  readonly comment: boolean;
  /** Where people reach the dashboard. */
  readonly publicUrl: string | undefined;
}

/** Reads the flags of reporting back; what is not given is derived from the location of the source. */
export function readReport(
  reader: FlagReader,
  source: SourceConfig | undefined,
  files: ConfigFiles,
): ReportConfig | undefined {
  const kind = reader.optional('report-to', oneOf(FORGE_KINDS));
  const given = readGiven(reader, files);
  const comment = reader.required('report-comment', parseSwitch);
  if (kind === undefined) {
    for (const [name, value] of Object.entries(given)) {
      if (value !== undefined) reader.refuse(name as FlagName, 'is of no use without --report-to');
    }
    return undefined;
  }
  if (source === undefined) reader.refuse('report-to', '--source none has no commits');
  const target = readTarget(reader, deriveTarget(kind, source?.location ?? ''), given);
  const tokenFile = given['report-token-file'];
  if (tokenFile === undefined && !(kind === 'github' && isApp(source))) {
    reader.refuse('report-token-file', 'is needed with --report-to');
  }
  return { kind, ...target, tokenFile, comment, publicUrl: given['public-url'] };
}

/** A GitHub App gets a token of its own for this, too. */
function isApp(source: SourceConfig | undefined): boolean {
  return source?.auth?.kind === 'github-app';
}

function readGiven(reader: FlagReader, files: ConfigFiles) {
  return {
    'report-url': reader.optional('report-url', parseApiUrl),
    'report-repository': reader.optional('report-repository', parseRepository),
    'report-token-file': reader.optional('report-token-file', (path) => {
      parseSecret(readConfigFile(files, path));
      return path;
    }),
    'public-url': reader.optional('public-url', parseApiUrl),
  } satisfies Partial<Record<FlagName, string | undefined>>;
}

/** Where something is missing, `finish` of the reader throws: the empty text goes nowhere. */
function readTarget(
  reader: FlagReader,
  derived: ReportTarget | undefined,
  given: Readonly<Record<'report-url' | 'report-repository', string | undefined>>,
): ReportTarget {
  const {
    'report-url': apiUrl = derived?.apiUrl,
    'report-repository': repository = derived?.repository,
  } = given;
  const problem = 'cannot be told from --source: give it';
  if (apiUrl === undefined) reader.refuse('report-url', problem);
  if (repository === undefined) reader.refuse('report-repository', problem);
  return { apiUrl: apiUrl ?? '', repository: repository ?? '' };
}
