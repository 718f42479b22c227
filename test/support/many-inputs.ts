import fc, { type RunDetails } from 'fast-check';

/**
 * Loaded by mocha before the tests for `npm run fuzz`: every property gets FUZZ_INPUTS inputs (100,000) from FUZZ_SEED
 * (a new one, printed), unless it says itself how many.
 */
const numRuns = Number(process.env['FUZZ_INPUTS'] ?? 100_000);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const counts = { properties: 0, inputs: 0 };

function count(details: RunDetails<unknown>): void {
  counts.properties += 1;
  counts.inputs += details.numRuns;
  const message = fc.defaultReportMessage(details);
  if (message !== undefined) throw new Error(message);
}

// eslint-disable-next-line @typescript-eslint/no-deprecated -- a plugin cannot be given to all properties at once
fc.configureGlobal({ numRuns, seed, reporter: count });

/** Called once, after everything. */
export function mochaGlobalTeardown(): void {
  const { properties, inputs } = counts;
  console.log(`${inputs} inputs for ${properties} properties; FUZZ_SEED=${seed} repeats them`);
}
