import { ForgeUnreachableError } from '../errors/errors.ts';
import type { Forge, ForgeCall, ForgeComment } from './forge.ts';
import type { ForgeClient, ForgeRequest } from './forge-client.ts';
import { findInPages } from './find-in-pages.ts';
import { listOf, numberOf, textOf } from './read-json.ts';

export interface CommentsOptions {
  readonly client: ForgeClient;
  /** Path of the comments on a pull request. */
  readonly list: (pull: number) => string;
  /** Query that lists them in pages, the oldest first; left out where all come at once. */
  readonly pages?: Readonly<Record<string, string>>;
  readonly edit: (pull: number, comment: number) => Pick<ForgeRequest, 'method' | 'path'>;
  /** Where a comment says who wrote it. */
  readonly author: readonly [string, string];
  /** Asks who we are, in the same words. */
  readonly identify: (call: ForgeCall) => Promise<string>;
}

/** Comments on pull requests, which all three forges have in much the same way. */
export function createComments(
  options: CommentsOptions,
): Pick<Forge, 'findComment' | 'createComment' | 'updateComment'> {
  const { client, author, pages } = options;
  const operation = 'comment';
  let self: string | undefined;

  async function whoAmI(call: ForgeCall): Promise<string> {
    self ??= await options.identify(call);
    // A name that is not told would be that of a comment whose author is not told either.
    if (self !== '') return self;
    self = undefined;
    throw new ForgeUnreachableError('the API does not say to whom the token belongs');
  }

  async function find(path: string, call: ForgeCall, isIt: (item: unknown) => boolean) {
    if (pages !== undefined) {
      return findInPages(client, { operation, path, query: pages }, call, isIt);
    }
    const { body } = await client.send({ operation, method: 'GET', path }, call);
    return listOf(body).find(isIt);
  }

  return {
    findComment: async (pull, marker, call): Promise<ForgeComment | undefined> => {
      const name = await whoAmI(call);
      const found = await find(options.list(pull), call, (item) => {
        return textOf(item, ...author) === name && textOf(item, 'body').startsWith(marker);
      });
      if (found === undefined) return undefined;
      return { id: numberOf(found, 'id'), body: textOf(found, 'body') };
    },
    createComment: async (pull, body, call) => {
      const path = options.list(pull);
      const answer = await client.send({ operation, method: 'POST', path, body: { body } }, call);
      return numberOf(answer.body, 'id');
    },
    updateComment: async (pull, { id, body }, call) => {
      const edit = options.edit(pull, id);
      const request = { ...edit, operation, body: { body }, expected: [404] } as const;
      const { status } = await client.send(request, call);
      return status !== 404;
    },
  };
}
