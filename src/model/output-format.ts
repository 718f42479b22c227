/** Forms of a report (`--output`, DESIGN section 4), in the order of the help text. */
export const OUTPUT_FORMATS = ['text', 'json', 'github', 'junit', 'sarif', 'markdown'] as const;

export type OutputFormat = (typeof OUTPUT_FORMATS)[number];
