/** Commands that take the flags of this table. */
export type FlagCommand = 'run' | 'reconcile';

/** What a flag is, beside its name. */
export interface FlagDefinition {
  readonly argument?: string;
  readonly default?: string;
  readonly description: string;
  readonly commands: readonly FlagCommand[];
}

/** Flags of both commands. */
export const BOTH: readonly FlagCommand[] = ['run', 'reconcile'];
/** Flags of `reconcile` alone. */
export const RECONCILE: readonly FlagCommand[] = ['reconcile'];
