import { createSource, type CreateSourceOptions } from '../../src/git/create-source.ts';
import type { Checkout, Source } from '../../src/git/source.ts';
import { systemClock } from '../../src/runtime/clock.ts';

/** Never called off. */
export const { signal } = new AbortController();

/** A source with everything left out that the test does not care about. */
export function open(location: string, options: Partial<CreateSourceOptions> = {}): Source {
  return createSource({ location, path: '.', clock: systemClock, ...options });
}

/** One look and one read. */
export async function readNow(source: Source): Promise<Checkout> {
  const { commit } = await source.resolve({ signal });
  return source.read(commit, { signal });
}

/** The content of one file of a checkout, as text. */
export function textOf(checkout: Checkout, path: string): string {
  const file = checkout.files.find((candidate) => candidate.path === path);
  return Buffer.from(file?.bytes ?? []).toString();
}

/** The paths of a checkout, in its order. */
export function pathsOf({ files }: Checkout): readonly string[] {
  return files.map(({ path }) => path);
}

/** What a promise was rejected with; undefined when it was not. */
export function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
