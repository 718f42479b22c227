import { DOMImplementation, type Element, XMLSerializer } from '@xmldom/xmldom';

import type { ReconcileReport, ReportProblem } from '../model/generated/report.ts';
import { connectionDetails } from './connection-details.ts';
import type { Render } from './render.ts';
import { showPlainly } from './show-plainly.ts';

interface TestCase {
  readonly name: string;
  readonly classname: string;
  /** Relative to the root of the repository; empty when it is about no file. */
  readonly file: string;
  readonly result:
    | { readonly kind: 'passed' }
    | { readonly kind: 'warned'; readonly message: string }
    | {
        readonly kind: 'failure' | 'error' | 'skipped';
        readonly type: string;
        readonly message: string;
      };
}

const PASSED = { kind: 'passed' } as const;

/**
 * JUnit XML, as CI servers read it. A problem is a test case of its own, since many of them read only one failure of
 * each, and is named without its line: it stays the same test when lines move. No times, so that equal runs are equal.
 */
export const renderJunit: Render = (report) => {
  const suites = [
    { name: 'desired state', cases: desiredState(report) },
    { name: 'guards', cases: guardCases(report) },
    { name: 'changes', cases: changeCases(report) },
    { name: 'results', cases: resultCases(report) },
  ].filter(({ cases }) => cases.length > 0);
  const cases = suites.flatMap((suite) => suite.cases);
  const xml = toXml({
    name: 'testsuites',
    attributes: { name: 'liqo-shortcuts', ...counts(cases) },
    content: suites.map(toSuite),
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`;
};

/** An element to be: with text, or with elements below it. */
interface Branch {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly content: string | readonly Branch[];
}

function toSuite({ name, cases }: { name: string; cases: readonly TestCase[] }): Branch {
  return {
    name: 'testsuite',
    attributes: { name, ...counts(cases) },
    content: cases.map(({ result, file, ...names }) => ({
      name: 'testcase',
      attributes: { ...names, ...(file === '' ? {} : { file }) },
      content: resultOf(result),
    })),
  };
}

function resultOf(result: TestCase['result']): readonly Branch[] {
  switch (result.kind) {
    case 'passed':
      return [];
    case 'warned':
      return [{ name: 'system-out', attributes: {}, content: result.message }];
    case 'failure':
    case 'error':
    case 'skipped': {
      const { kind, type, message } = result;
      return [{ name: kind, attributes: { type, message }, content: message }];
    }
  }
}

/** Indented. The library escapes what XML can hold; what it cannot is shown plainly. */
function toXml(root: Branch): string {
  const document = new DOMImplementation().createDocument(null, root.name);
  const fill = (element: Element, { attributes, content }: Branch, indent: string): void => {
    for (const [name, value] of Object.entries(attributes)) {
      element.setAttribute(name, showPlainly(String(value)));
    }
    if (typeof content === 'string') {
      element.appendChild(document.createTextNode(showPlainly(content)));
      return;
    }
    for (const branch of content) {
      element.appendChild(document.createTextNode(`${indent}  `));
      const below = document.createElement(branch.name);
      element.appendChild(below);
      fill(below, branch, `${indent}  `);
    }
    if (content.length > 0) element.appendChild(document.createTextNode(indent));
  };
  if (document.documentElement !== null) fill(document.documentElement, root, '\n');
  return new XMLSerializer().serializeToString(document);
}

function counts(cases: readonly TestCase[]): Readonly<Record<string, number>> {
  const count = (kind: string) => cases.filter(({ result }) => result.kind === kind).length;
  const [failures, errors, skipped] = [count('failure'), count('error'), count('skipped')];
  return { tests: cases.length, failures, errors, skipped };
}

/** Every problem, and the files that have none. A report without any test is taken for a broken one. */
function desiredState({ problems, changes, source }: ReconcileReport): readonly TestCase[] {
  const wrong = new Set(problems.map(({ file }) => file));
  const files = new Set(changes.map(({ file }) => file));
  const fine = [...files].filter((file) => file !== '' && !wrong.has(file)).toSorted();
  const cases = [...problems.map(problemCase), ...fine.map((file) => passed(file, file))];
  return cases.length === 0 ? [passed(source.revision, '')] : cases;
}

function passed(name: string, file: string): TestCase {
  return { name, classname: 'file', file, result: PASSED };
}

function problemCase(problem: ReportProblem): TestCase {
  const { code, severity, file, line, column, pointer, resource, message } = problem;
  const text = `${file}:${line}:${column}: ${message}`;
  const name = `${code} ${resource === '' ? file : resource}${pointer}`;
  const result =
    severity === 'error'
      ? ({ kind: 'failure', type: code, message: text } as const)
      : ({ kind: 'warned', message: text } as const);
  return { name, classname: file, file, result };
}

function guardCases({ guards }: ReconcileReport): readonly TestCase[] {
  return guards.map(({ code, message, held }) => {
    const text = [message, ...held.map((resource) => `held: ${resource}`)].join('; ');
    const result = { kind: 'failure', type: code, message: text } as const;
    return { name: code, classname: 'guard', file: '', result };
  });
}

/** What becomes of a connection is told, and no failure. */
function changeCases({ changes, connections }: ReconcileReport): readonly TestCase[] {
  return changes.map(({ action, resource, reason, file }) => {
    const isHeld = action === 'blocked' || action === 'unknown';
    const connection = connections.find(
      (one) => one.resource === resource && one.action === action,
    );
    const told = connection === undefined ? [] : connectionDetails(connection);
    const message = told.map(({ about, text }) => `${about}: ${text}`).join('; ');
    const passed = message === '' ? PASSED : ({ kind: 'warned', message } as const);
    const result = isHeld ? ({ kind: 'skipped', type: action, message: reason } as const) : passed;
    return { name: `${action} ${resource}`, classname: 'change', file, result };
  });
}

/** Not ready yet is no error, unless somebody waited for it or nothing can be known. */
function resultCases({ results, exitCode }: ReconcileReport): readonly TestCase[] {
  const kind = exitCode === 2 ? 'error' : 'skipped';
  return results.map(({ resource, ready, reason, message }) => ({
    name: resource,
    classname: 'result',
    file: '',
    result: ready === 'True' ? PASSED : { kind, type: reason, message },
  }));
}
