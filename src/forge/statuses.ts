import type { Forge, ForgeCall, HeldStatus, StatusContext } from './forge.ts';
import type { ForgeClient } from './forge-client.ts';
import { listOf, numberOf, textOf } from './read-json.ts';

export interface StatusesOptions {
  readonly client: ForgeClient;
  readonly context: StatusContext;
  /** Path with a query that lists the statuses of a commit, the newest page first. */
  readonly list: (commit: string) => string;
  readonly create: (commit: string) => string;
  /** What the members for our context and for the state are called: in what is sent, and in what is read. */
  readonly names: { readonly context: string; readonly state: string };
}

/** Statuses of commits, which all three forges have in much the same way. */
export function createStatuses(options: StatusesOptions): Pick<Forge, 'readStatus' | 'setStatus'> {
  const { client, context, names } = options;
  const operation = 'status';
  return {
    readStatus: async (commit: string, call: ForgeCall): Promise<HeldStatus> => {
      const path = options.list(commit);
      const { body } = await client.send({ operation, method: 'GET', path }, call);
      const ours = listOf(body)
        .filter((item) => textOf(item, names.context) === context.name())
        // Those of one second come in any order.
        .sort((a, b) => numberOf(b, 'id') - numberOf(a, 'id'));
      const [last] = ours.map((item) => ({
        state: textOf(item, names.state),
        description: textOf(item, 'description'),
      }));
      return { last, count: ours.length };
    },
    setStatus: async (commit, { state, description }, call) => {
      const target = context.targetUrl === '' ? {} : { target_url: context.targetUrl };
      const body = { state, description, [names.context]: context.name(), ...target };
      const path = options.create(commit);
      await client.send({ operation, method: 'POST', path, body }, call);
    },
  };
}
