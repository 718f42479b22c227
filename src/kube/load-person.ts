import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { CredentialInvalidError } from '../errors/errors.ts';
import type { ClusterCredentials } from './credentials.ts';
import { loadMainCredentials, type LoadMainOptions } from './load-main.ts';

/** What to do about what we do not take from a kubeconfig, by field. */
const ADVICE: readonly (readonly [fields: RegExp, advice: string])[] = [
  [
    /^user\.(exec|auth-provider|username|password|tokenFile)$/,
    'no program is run and no login made because a kubeconfig says so. Make a kubeconfig with a token instead: "kubectl create token <service account>", or a client certificate',
  ],
  [
    /^(user\.client-(certificate|key)|cluster\.certificate-authority)$/,
    'no other file is read. "kubectl config view --minify --flatten --raw" writes a kubeconfig that holds them itself',
  ],
];

/** The same refusal, and what a person can do about it. */
export function withAdvice(error: CredentialInvalidError): CredentialInvalidError {
  const field = String(error.details['field']);
  const advice = ADVICE.find(([fields]) => fields.test(field))?.[1];
  if (advice === undefined) return error;
  return new CredentialInvalidError(`${error.message}: ${advice}`, { details: error.details });
}

/**
 * The main cluster for a command that a person types, as kubectl finds it: `--kubeconfig`, else `KUBECONFIG`, else
 * `~/.kube/config` where there is one, else the Pod's service account, else undefined. What a kubeconfig may hold is the
 * same as everywhere (ARCHITECTURE.md, decision 26); a refusal says what to do.
 *
 * @throws CredentialInvalidError
 */
export async function loadPersonCredentials(
  options: LoadMainOptions & { readonly home: string | undefined },
): Promise<ClusterCredentials | undefined> {
  const { home, ...rest } = options;
  const isNamed = rest.kubeconfig !== undefined || (rest.environment['KUBECONFIG'] ?? '') !== '';
  const usual = isNamed || home === undefined ? undefined : await usualFile(home);
  try {
    return await loadMainCredentials(usual === undefined ? rest : { ...rest, kubeconfig: usual });
  } catch (error) {
    throw error instanceof CredentialInvalidError ? withAdvice(error) : error;
  }
}

async function usualFile(home: string): Promise<string | undefined> {
  const file = join(home, '.kube', 'config');
  try {
    await access(file);
    return file;
  } catch {
    return undefined;
  }
}
