import type { StatusContext } from './forge.ts';
import type { ForgeClient } from './forge-client.ts';

/** What each forge is made of. */
export interface ForgeOptions {
  readonly client: ForgeClient;
  /** Base of the API, without a slash at its end. */
  readonly apiUrl: string;
  readonly repository: string;
  readonly context: StatusContext;
}
