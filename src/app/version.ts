import { readFileSync } from 'node:fs';

/** The program's version, from package.json, which lies two folders up both in a checkout and in the package. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  }
).version;
