import { PROBLEM_CODES } from '../../src/model/problem.ts';
import { PROBLEM_GUIDE } from '../../src/report/problem-guide.ts';

/** The reference page of all problem codes, as Markdown: the heading of each is its anchor. */
export function problemPage(banner: string): string {
  const sections = PROBLEM_CODES.flatMap((code) => {
    const { title, remedy } = PROBLEM_GUIDE[code];
    return [`## ${code}`, `${title}.`, remedy];
  });
  return [
    `<!-- ${banner} -->`,
    '# Problems: reference',
    'What `reconcile --once` finds wrong with a desired state, and what to do about it. An error makes the exit code 1, and while there is one nothing is deleted from the clusters; a warning does neither.',
    ...sections,
    '',
  ].join('\n\n');
}
