export type { DesiredResource, DesiredState } from './desired-state.ts';
export { parseManifests, type ParseOptions } from './parse-manifests.ts';
export { MAX_FILE_BYTES } from './parse-yaml.ts';
export { MAX_FILES } from './select-files.ts';
export type { SourceFile } from './source-file.ts';
