import { ConfigError } from '../errors/errors.ts';
import type { Parse } from './flag-reader.ts';

/** Reads a file as text; throws where it cannot. */
export interface ConfigFiles {
  read(path: string): string;
}

/** Throws ConfigError, which does not show the path: somebody may have given the secret itself. */
export function readConfigFile(files: ConfigFiles, path: string): string {
  try {
    return files.read(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new ConfigError(`the file cannot be read${code}; give the path of a readable file`);
  }
}

/** Takes the path of a file that can be read. */
export function parseReadable(files: ConfigFiles): Parse<string> {
  return (path) => {
    readConfigFile(files, path);
    return path;
  };
}
