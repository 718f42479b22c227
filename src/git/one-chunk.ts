/** Bytes as the library takes them: an asynchronous iterator, of which a generator is the shortest one. */
// eslint-disable-next-line @typescript-eslint/require-await -- there is nothing to wait for
export async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
