import { pagesOf, requestForge } from './forge-request.ts';
import type { Comments } from './keep-comment.ts';

interface Raw {
  readonly id: number;
  readonly body: string | null;
  readonly user: { readonly login: string } | null;
}

/** The comments of a pull request on GitHub (docs.github.com/rest/issues/comments). */
export function createGithubComments(options: {
  /** `https://api.github.com`, or that of a server of one's own. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly number: number;
  readonly token: string;
}): Comments {
  const { repository, number, token } = options;
  const forge = {
    api: options.api,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    },
  };
  const issue = `/repos/${repository}/issues/${number}/comments`;
  return {
    pages: () =>
      pagesOf(forge, issue, (raw) => {
        const { id, body, user } = raw as Raw;
        return { id, author: user?.login ?? '', body: body ?? '' };
      }),
    create: async (body) => {
      await requestForge(forge, issue, { method: 'POST', body });
    },
    update: async (id, body) => {
      const path = `/repos/${repository}/issues/comments/${id}`;
      await requestForge(forge, path, { method: 'PATCH', body });
    },
  };
}
