import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { LEFT_OUT } from './left-out.ts';

/** By itself, or by something that wraps it. */
const STARTS_SCENARIO = /startScenario\(|new \w+Scenario\(|support\/describe-/;

/** Every scenario as it is, and what is for real API servers only; `npm run test:envtest`. */
export default {
  require: [join(import.meta.dirname, 'root-hooks.ts')],
  // A scenario waits more than it works: for servers to start, for the garbage collector to look.
  parallel: true,
  jobs: 2,
  spec: [
    'test/envtest/**/*.envtest.ts',
    ...globSync('test/scenarios/*.test.ts')
      .filter((file) => !Object.hasOwn(LEFT_OUT, file))
      .filter((file) => STARTS_SCENARIO.test(readFileSync(file, 'utf8')))
      .sort(),
  ],
};
