import type { IncomingHttpHeaders } from 'node:http';

/** By the header that names the event: the events that tell of a branch or tag that moved, came or went. */
const MOVES: Readonly<Record<string, readonly string[]>> = {
  // Gitea and Forgejo send it as well.
  'x-github-event': ['push', 'create', 'delete'],
  'x-gitlab-event': ['Push Hook', 'Tag Push Hook', 'System Hook'],
  // Bitbucket Cloud, then Data Center.
  'x-event-key': ['repo:push', 'repo:refs_changed', 'mirror:repo_synchronized'],
};

/**
 * Whether the notification may be about what a repository's refs point at. True when nothing says what it is about. To
 * which ref is not looked at: to ask the repository is one look-up, and fetches nothing when another one moved.
 */
export function mayMoveRef(headers: IncomingHttpHeaders): boolean {
  return Object.entries(MOVES).every(([header, moves]) => {
    const event = headers[header];
    return event === undefined || moves.includes(String(event));
  });
}
