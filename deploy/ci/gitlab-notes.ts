import { type Forge, pagesOf, requestForge } from './forge-request.ts';
import type { Comments } from './keep-comment.ts';

interface Raw {
  readonly id: number;
  readonly body: string;
  readonly author: { readonly username: string };
}

/** GitLab's API and the token of a project, group or person. */
export function gitlabForge(api: string, token: string): Forge {
  return { api, headers: { 'private-token': token } };
}

/** The user that a token speaks as: the author of the notes that it writes (docs.gitlab.com/api/users). */
export async function readGitlabUser(forge: Forge): Promise<string> {
  const { username } = (await requestForge(forge, '/user')) as { readonly username: string };
  return username;
}

/** The notes of a merge request on GitLab (docs.gitlab.com/api/notes). */
export function createGitlabNotes(
  forge: Forge,
  { project, number }: { readonly project: string; readonly number: number },
): Comments {
  const notes = `/projects/${encodeURIComponent(project)}/merge_requests/${number}/notes`;
  return {
    pages: () =>
      pagesOf(forge, notes, (raw) => {
        const { id, body, author } = raw as Raw;
        return { id, author: author.username, body };
      }),
    create: async (body) => {
      await requestForge(forge, notes, { method: 'POST', body });
    },
    update: async (id, body) => {
      await requestForge(forge, `${notes}/${id}`, { method: 'PUT', body });
    },
  };
}
