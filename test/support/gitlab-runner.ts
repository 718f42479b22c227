import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

type Values = Readonly<Record<string, string>>;

/** A job of a pipeline, as GitLab sees it: everything included, every input put in. */
export interface GitlabJob {
  readonly stage: string;
  readonly rules: readonly { readonly if: string }[];
  readonly variables: Values;
  readonly before_script: readonly string[];
  readonly script: readonly string[];
  readonly artifacts: {
    readonly when: string;
    readonly paths: readonly string[];
    readonly reports: Values;
  };
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The jobs of the repository at `folder`, by gitlab-ci-local, which holds them to GitLab's own schema. Where they are not
 * valid: what it says.
 */
export async function readPipeline(
  folder: string,
): Promise<Readonly<Record<string, GitlabJob>> | string> {
  const program = resolve('node_modules/gitlab-ci-local/dist/index.js');
  // One environment for all: it would look for the user's settings, and tell the world about its use.
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_GLOBAL: '/dev/null' };
  const { code, stdout, stderr } = await execute(
    process.execPath,
    [program, '--preview'],
    folder,
    env,
  );
  const [, text = ''] = stdout.split(/^---$/m);
  return code === 0 ? (parse(text) as Readonly<Record<string, GitlabJob>>) : stdout + stderr;
}

/** Runs a job's scripts as GitLab's runner does, in bash, with these variables beside those of the job. */
export async function runGitlabJob(
  job: GitlabJob,
  { folder, variables }: { readonly folder: string; readonly variables: Values },
): Promise<Ended> {
  const script = join(folder, '../job.sh');
  await writeFile(script, [...job.before_script, ...job.script].join('\n'));
  const env = {
    HOME: folder,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    CI: 'true',
    GITLAB_CI: 'true',
    CI_PROJECT_DIR: folder,
    ...job.variables,
    ...variables,
  };
  return execute('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], folder, env);
}

function execute(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Values,
): Promise<Ended> {
  return new Promise((done) => {
    execFile(command, args, { cwd, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      done({ code, stdout, stderr });
    });
  });
}
