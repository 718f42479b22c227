/** Forms of a report (`--output`, DESIGN section 4), in the order of the help text. */
export const OUTPUT_FORMATS = [
  'text',
  'json',
  'github',
  'junit',
  'sarif',
  'markdown',
  'code-quality',
] as const;

export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** A form of a report, and the file that it goes to. */
export interface OutputFile {
  readonly format: OutputFormat;
  readonly file: string;
}
