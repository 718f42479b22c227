import { fingerprintsOf } from './fingerprints.ts';
import type { Render } from './render.ts';
import { toSafeJson } from './render-json.ts';
import { showPlainly } from './show-plainly.ts';

/** GitLab's words: what blocks a merge, and what does not. */
const SEVERITIES = { error: 'blocker', warning: 'minor' } as const;

/**
 * GitLab's Code Quality: the problems, which it shows in the merge request beside their lines
 * (docs.gitlab.com/ci/testing/code_quality, "Code Quality report format"). Guards have no place in a file: they are in
 * the other forms.
 */
export const renderCodeQuality: Render = ({ problems }) => {
  const fingerprints = fingerprintsOf(problems);
  const issues = problems.map(({ code, severity, message, file, line }, index) => ({
    check_name: code,
    description: showPlainly(message),
    fingerprint: fingerprints[index],
    severity: SEVERITIES[severity],
    location: { path: file.toWellFormed(), lines: { begin: line } },
  }));
  return toSafeJson(issues);
};
