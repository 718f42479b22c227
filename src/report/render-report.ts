import type { ReconcileReport } from '../model/generated/report.ts';
import type { OutputFormat } from '../model/output-format.ts';
import type { Render, RenderOptions } from './render.ts';

/** Every form of a report. A form is loaded when it is asked for: most are not, and some bring a library. */
const RENDERS: Readonly<Record<OutputFormat, () => Promise<Render>>> = {
  text: async () => (await import('./render-text.ts')).renderText,
  json: async () => (await import('./render-json.ts')).renderJson,
  github: async () => (await import('./render-github.ts')).renderGithub,
  junit: async () => (await import('./render-junit.ts')).renderJunit,
  sarif: async () => (await import('./render-sarif.ts')).renderSarif,
  markdown: async () => (await import('./render-markdown.ts')).renderMarkdown,
  'code-quality': async () => (await import('./render-code-quality.ts')).renderCodeQuality,
};

/** The report in the form that `--output` names (DESIGN section 4). */
export async function renderReport(
  report: ReconcileReport,
  format: OutputFormat,
  options: RenderOptions,
): Promise<string> {
  const render = await RENDERS[format]();
  return render(report, options);
}
