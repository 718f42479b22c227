import { execFile } from 'node:child_process';

/** What to compare with: a commit, or why it cannot be had. */
export type FoundBase =
  { readonly kind: 'commit'; readonly commit: string } | { readonly kind: 'missing' };

/**
 * Where the branch at HEAD began, seen from `target`, in the repository at `folder`: what others have merged since then is not part
 * of a pull request, whether its own commits or a trial merge are checked out.
 */
export async function findFork(folder: string, target: string): Promise<FoundBase> {
  const there = await findCommit(folder, target);
  if (there.kind === 'missing') return there;
  const commit = await git(folder, 'merge-base', there.commit, 'HEAD');
  return commit === undefined ? { kind: 'missing' } : { kind: 'commit', commit };
}

/** The commit that a ref or commit names, if this clone has it. */
export async function findCommit(folder: string, asked: string): Promise<FoundBase> {
  const verify = ['rev-parse', '--verify', '--quiet', '--end-of-options'];
  const commit = await git(folder, ...verify, `${asked}^{commit}`);
  return commit === undefined ? { kind: 'missing' } : { kind: 'commit', commit };
}

/** What git prints, or undefined where it fails. A job in a container may own the folder under another user's name. */
function git(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  return new Promise((done) => {
    const own = ['-C', folder, '-c', 'safe.directory=*'];
    execFile('git', [...own, ...args], (error, stdout) => {
      done(error === null ? stdout.trim() : undefined);
    });
  });
}
