import type { ReconcileReport } from '../model/generated/report.ts';

export interface RenderOptions {
  /** Colour in text for a terminal. */
  readonly color: boolean;
  /** Which installation the report is about, so that a comment can be replaced by the next one. */
  readonly installation: string;
  /** Version of the program. */
  readonly version: string;
}

/** One form of a report: equal reports give equal bytes. Pure. */
export type Render = (report: ReconcileReport, options: RenderOptions) => string;
