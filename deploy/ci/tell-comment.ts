import { readFile } from 'node:fs/promises';

import { type Comments, ForgeError, keepComment } from './keep-comment.ts';

/** What the forge answers where a token may not write: GitHub 403 or 404, GitLab 401, 403 or 404. */
const MAY_NOT: ReadonlySet<number> = new Set([401, 403, 404]);

/**
 * Keeps the comment and answers with one line on what became of it. That it cannot be kept is never a reason to fail: a
 * pull request from a fork, for one, gets no token that may write.
 */
export async function tellComment(
  comments: Comments,
  { bodyFile, author }: { readonly bodyFile: string; readonly author: () => Promise<string> },
): Promise<string> {
  const body = await readFile(bodyFile, 'utf8').catch(() => undefined);
  if (body === undefined) return 'The comment stays as it is: there is no report';
  try {
    return `The comment is ${await keepComment(comments, { body, author: await author() })}`;
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    const why = MAY_NOT.has(error.status)
      ? ': the token may not write comments here, as is usual for a fork'
      : '';
    return `The comment cannot be kept (${error.message}${why}); the check itself is not affected`;
  }
}
