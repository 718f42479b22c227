import type { ForgeCall } from './forge.ts';
import type { ForgeClient, ForgeRequest } from './forge-client.ts';
import { listOf } from './read-json.ts';

/** GitHub's and GitLab's largest page. */
const PAGE_SIZE = 100;
/** A pull request with more than a thousand comments is looked through no further. */
const MOST_PAGES = 10;

/** The first item that is what is looked for, of a list that is told in pages; `query` says in which order. */
export async function findInPages(
  client: ForgeClient,
  {
    query,
    ...request
  }: Pick<ForgeRequest, 'operation' | 'path'> & {
    readonly query: Readonly<Record<string, string>>;
  },
  call: ForgeCall,
  isIt: (item: unknown) => boolean,
): Promise<unknown> {
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const paging = { per_page: String(PAGE_SIZE), page: String(page) };
    const path = `${request.path}?${new URLSearchParams({ ...query, ...paging }).toString()}`;
    const { body } = await client.send({ ...request, method: 'GET', path }, call);
    const items = listOf(body);
    const found = items.find(isIt);
    if (found !== undefined || items.length < PAGE_SIZE) return found;
  }
  return undefined;
}
