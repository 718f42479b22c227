import { randomBytes } from 'node:crypto';
import { ApiStatusError } from '../api-status-error.ts';
import type { Caller } from '../request.ts';

/** A user as the state file keeps it. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly token: string;
}

/** Members of this group may do everything. */
export const MASTERS = 'system:masters';

/** The user that exists from the beginning and may do everything. */
export const ADMIN = 'admin';

/** Who may come in, by bearer token. */
export class Users {
  readonly #users = new Map<string, User>();

  constructor(known: readonly User[]) {
    for (const user of known) this.#users.set(user.name, user);
    this.add(ADMIN, [MASTERS]);
  }

  /** Adds a user, or changes the groups of one; returns the token, which stays the same. */
  add(name: string, groups: readonly string[]): string {
    const token = this.#users.get(name)?.token ?? randomBytes(24).toString('base64url');
    this.#users.set(name, { name, groups, token });
    return token;
  }

  all(): readonly User[] {
    return [...this.#users.values()];
  }

  find(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** The caller of that name, known or not; in process nobody needs a token. */
  callerNamed(name: string): Caller {
    const groups = this.#users.get(name)?.groups ?? [];
    return { user: name, groups: [...groups, 'system:authenticated'] };
  }

  /** The caller whom an Authorization header stands for. Throws 401. */
  callerWith(authorization: string | undefined): Caller {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    const user = this.all().find((known) => known.token === token);
    if (user === undefined) throw new ApiStatusError(401, 'Unauthorized', 'Unauthorized');
    return this.callerNamed(user.name);
  }
}
