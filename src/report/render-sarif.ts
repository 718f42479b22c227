import type { Location, Log, Notification, ReportingDescriptor, Result } from 'sarif';

import type { ReconcileReport, ReportProblem } from '../model/generated/report.ts';
import { PROBLEM_CODES } from '../model/problem.ts';
import { fingerprintsOf } from './fingerprints.ts';
import { PROBLEM_GUIDE, PROBLEM_PAGE } from './problem-guide.ts';
import type { Render } from './render.ts';
import { toSafeJson } from './render-json.ts';
import { showPlainly } from './show-plainly.ts';

const SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** The root of the repository, as code scanning knows it. */
const ROOT = '%SRCROOT%';

/** SARIF 2.1.0: the problems as results with their rules, the guards as notifications, since they stand in no file. */
export const renderSarif: Render = (report, { installation, version }) => {
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'liqo-shortcuts',
            semanticVersion: version,
            rules: PROBLEM_CODES.map(toRule),
          },
        },
        automationDetails: { id: `liqo-shortcuts/${showPlainly(installation)}/` },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: report.exitCode !== 2,
            exitCode: report.exitCode,
            toolExecutionNotifications: report.guards.map(toNotification),
          },
        ],
        results: toResults(report),
      },
    ],
  };
  return toSafeJson(log);
};

function toRule(code: ReportProblem['code']): ReportingDescriptor {
  const { title, remedy } = PROBLEM_GUIDE[code];
  const page = `${PROBLEM_PAGE}#${code}`;
  return {
    id: code,
    shortDescription: { text: title },
    help: { text: `${remedy} See ${page}.`, markdown: `${remedy} See \`${page}\`.` },
  };
}

function toNotification({ code, message, held }: ReconcileReport['guards'][number]): Notification {
  const lines = [message, ...held.map((resource) => `held: ${resource}`)];
  return {
    level: 'error',
    message: { text: lines.map(plainText).join('\n') },
    descriptor: { id: showPlainly(code) },
  };
}

function toResults({ problems }: ReconcileReport): Result[] {
  const fingerprints = fingerprintsOf(problems);
  return problems.map((problem, index) => {
    const { code, severity, message } = problem;
    return {
      ruleId: code,
      ruleIndex: PROBLEM_CODES.indexOf(code),
      level: severity,
      message: { text: plainText(message) },
      locations: [toLocation(problem)],
      // The name under which GitHub's code scanning looks for it.
      partialFingerprints: { primaryLocationLineHash: fingerprints[index] ?? '' },
    };
  });
}

function toLocation({ file, line, column, resource }: ReportProblem): Location {
  const uri = file.toWellFormed().split('/').map(encodeURIComponent).join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri, uriBaseId: ROOT },
      region: { startLine: line, startColumn: column },
    },
    ...(resource === ''
      ? {}
      : { logicalLocations: [{ fullyQualifiedName: showPlainly(resource), kind: 'resource' }] }),
  };
}

/** A plain text message, in which `[…](…)` would be a link and `{…}` a placeholder (SARIF 3.11.5 and 3.11.6). */
function plainText(text: string): string {
  return showPlainly(text)
    .replaceAll(/[\\[\]]/g, String.raw`\$&`)
    .replaceAll(/[{}]/g, '$&$&');
}
