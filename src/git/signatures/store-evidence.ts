import type { Evidence, TagEvidence } from './evidence.ts';

type Stored<T extends { readonly object: Uint8Array }> = Omit<T, 'object' | 'tag'> & {
  readonly base64: string;
};

/** Evidence as JSON. */
export type StoredEvidence = Stored<Evidence> & { readonly tag?: Stored<TagEvidence> };

/** Evidence in a form that JSON can hold. */
export function storeEvidence({ tag, ...evidence }: Evidence): StoredEvidence {
  return { ...store(evidence), ...(tag === undefined ? {} : { tag: store(tag) }) };
}

/** The other way round. */
export function restoreEvidence({ tag, ...evidence }: StoredEvidence): Evidence {
  return { ...restore(evidence), ...(tag === undefined ? {} : { tag: restore(tag) }) };
}

function store<T extends { readonly object: Uint8Array }>({ object, ...rest }: T) {
  return { ...rest, base64: Buffer.from(object).toString('base64') };
}

function restore<T extends { readonly base64: string }>({ base64, ...rest }: T) {
  return { ...rest, object: Buffer.from(base64, 'base64') };
}
