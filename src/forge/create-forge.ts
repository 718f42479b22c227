import { createGitAgent, type GitNetwork } from '../git/http/git-agent.ts';
import type { ForgeKind } from '../model/forge.ts';
import type { Forge, StatusContext } from './forge.ts';
import { createForgeClient, type ForgeClientOptions } from './forge-client.ts';
import type { ForgeOptions } from './forge-options.ts';
import { createGitea, giteaHeaders } from './gitea.ts';
import { createGithub, githubHeaders } from './github.ts';
import { createGitlab, gitlabHeaders } from './gitlab.ts';

export interface CreateForgeOptions extends Pick<
  ForgeClientOptions,
  'apiUrl' | 'tokens' | 'userAgent' | 'clock' | 'onRequest'
> {
  readonly kind: ForgeKind;
  readonly repository: string;
  readonly context: StatusContext;
  /** As for Git: certificate authority and proxy. */
  readonly network: GitNetwork;
}

const FORGES: Readonly<
  Record<
    ForgeKind,
    {
      readonly headers: ForgeClientOptions['headers'];
      readonly create: (options: ForgeOptions) => Forge;
    }
  >
> = {
  github: { headers: githubHeaders, create: createGithub },
  gitlab: { headers: gitlabHeaders, create: createGitlab },
  gitea: { headers: giteaHeaders, create: createGitea },
};

/**
 * The forge that the configuration names. Nothing is sent yet.
 *
 * @throws ConfigError when the CA file cannot be read, CredentialInvalidError for the file of the proxy.
 */
export async function createForge(options: CreateForgeOptions): Promise<Forge> {
  const { kind, repository, apiUrl, context } = options;
  const { headers, create } = FORGES[kind];
  const dispatcher = await createGitAgent(options.network, new URL(apiUrl));
  const client = createForgeClient({ ...options, headers, dispatcher });
  return create({ client, apiUrl, repository, context });
}
