import { ForgeError } from './keep-comment.ts';

/** No forge takes longer for a comment; a check does not hang because of one. */
const TIMEOUT_MS = 20_000;

/** Comments that a forge gives at a time: the most that GitHub and GitLab do. */
export const PAGE_SIZE = 100;

/** A forge's API, and how it knows us. */
export interface Forge {
  readonly api: string;
  /** With the token in it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One request. Answers with the JSON that came back; throws a ForgeError otherwise. */
export async function requestForge(
  { api, headers }: Forge,
  path: string,
  write?: { readonly method: 'POST' | 'PATCH' | 'PUT'; readonly body: string },
): Promise<unknown> {
  const response = await fetch(`${api}${path}`, {
    method: write?.method ?? 'GET',
    headers: { ...headers, ...(write && { 'content-type': 'application/json' }) },
    body: write === undefined ? null : JSON.stringify({ body: write.body }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new ForgeError(0, { cause: error });
  });
  if (!response.ok) throw new ForgeError(response.status);
  return response.json();
}

/** Every page of a list, until one is not full. */
export async function* pagesOf<Item>(
  forge: Forge,
  path: string,
  toItem: (raw: unknown) => Item,
): AsyncIterable<readonly Item[]> {
  for (let page = 1; ; page += 1) {
    const items = (await requestForge(forge, `${path}?per_page=${PAGE_SIZE}&page=${page}`)) as
      readonly unknown[] | undefined;
    if (!Array.isArray(items)) throw new ForgeError(0);
    yield items.map(toItem);
    if (items.length < PAGE_SIZE) return;
  }
}
