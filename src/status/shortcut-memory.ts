import { formatRef } from '../model/kube-object.ts';
import type { Action, Plan } from '../model/plan.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import type { Failure } from './compute-conditions.ts';
import type { HistoryEntry } from './snapshot.ts';

/** So many corrections of one object are made at once; from then on each has to wait longer. */
const FREE_CORRECTIONS = 3;
const FIRST_PAUSE_MS = 5_000;
const MAX_PAUSE_MS = 300_000;
/** A fight is over when nobody changed the object for this long. */
const FIGHT_OVER_MS = 600_000;
const MAX_HISTORY = 50;

/** Latency as it was last written to the CR (undefined: left out), and when (milliseconds since the epoch). */
export interface ReportedLatency {
  readonly text: string | undefined;
  readonly at: number;
}

interface Fight {
  count: number;
  lastAt: number;
}

/**
 * What is remembered of one shortcut between two looks. Nothing in here is needed for correctness: it is gone after a
 * restart, and what it saves is work: repeating what was refused, deleting twice, fighting somebody at full speed.
 */
export interface ShortcutMemory {
  /** Splits the actions into those to carry out now and the milliseconds until a held one may be tried. */
  select(
    actions: readonly Action[],
    now: number,
  ): { readonly due: readonly Action[]; readonly heldMs?: number };
  /** Notes what became of an action. */
  noteDone(action: Action, now: number): void;
  noteRejected(action: Action, failure: Failure): void;
  /** The refusal of an action that is still planned just as it was. */
  rejectionAmong(actions: readonly Action[]): Failure | undefined;
  /** Forgets refusals: a leaf may have been upgraded. */
  forgiveRejections(): void;
  readonly leftBehind: Set<string>;
  /** By cluster, as the CR says it. */
  readonly latencies: Map<string, ReportedLatency>;
  /** By cluster, as Liqo said it last. */
  readonly liveLatencies: Map<string, string>;
  readonly history: HistoryEntry[];
  note(entry: HistoryEntry): void;
  /** How often in a row a key Secret was looked for in vain. */
  keyPolls: number;
  /** What was found out about the deletion of the Shortcut of this UID: why it is held, or that it is meant. */
  deletion: { readonly uid: string; readonly hold: string | undefined } | undefined;
  /** The last look, for those who ask over HTTP. */
  last: { readonly input: PlanInput; readonly plan: Plan } | undefined;
}

/** An empty memory. */
export function createShortcutMemory(): ShortcutMemory {
  const deleted = new Set<string>();
  const rejected = new Map<string, Failure>();
  const fights = new Map<string, Fight>();
  const history: HistoryEntry[] = [];

  function waitOf(action: Action, now: number): number {
    if (action.kind === 'delete' || !action.drift) return 0;
    const fight = fights.get(objectOf(action));
    if (fight === undefined || fight.count < FREE_CORRECTIONS) return 0;
    const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (fight.count - FREE_CORRECTIONS));
    return Math.max(0, fight.lastAt + pause - now);
  }

  return {
    select: (actions, now) => {
      const open = actions.filter(
        (action) =>
          !rejected.has(fingerprint(action)) &&
          !(action.kind === 'delete' && deleted.has(action.uid)),
      );
      const waits = open.map((action) => waitOf(action, now));
      const held = waits.filter((wait) => wait > 0);
      const due = open.filter((_, index) => waits[index] === 0);
      return held.length === 0 ? { due } : { due, heldMs: Math.min(...held) };
    },
    noteDone: (action, now) => {
      if (action.kind === 'delete') {
        deleted.add(action.uid);
        return;
      }
      if (!action.drift) return;
      const before = fights.get(objectOf(action));
      const goesOn = before !== undefined && now - before.lastAt < FIGHT_OVER_MS;
      fights.set(objectOf(action), { count: goesOn ? before.count + 1 : 1, lastAt: now });
    },
    noteRejected: (action, failure) => {
      rejected.set(fingerprint(action), failure);
    },
    rejectionAmong: (actions) => {
      for (const action of actions) {
        const failure = rejected.get(fingerprint(action));
        if (failure !== undefined) return failure;
      }
      return undefined;
    },
    forgiveRejections: () => rejected.clear(),
    leftBehind: new Set(),
    latencies: new Map(),
    liveLatencies: new Map(),
    history,
    note: (entry) => {
      history.push(entry);
      if (history.length > MAX_HISTORY) history.shift();
    },
    keyPolls: 0,
    deletion: undefined,
    last: undefined,
  };
}

function objectOf(action: Action): string {
  return `${action.cluster}/${formatRef(action.ref)}`;
}

/** Equal for actions that would send the same bytes. */
function fingerprint(action: Action): string {
  return JSON.stringify({ ...action, reason: '' });
}

/** The memories of all shortcuts, by `namespace/name`. */
export interface Memories {
  of(name: string): ShortcutMemory;
  forget(name: string): void;
  /** Says that something a snapshot shows has changed. */
  touch(): void;
  /** Counts the changes. */
  readonly version: number;
  /** Calls `listener` after every change, at once; it must not throw. Returns the way to end that. */
  onTouch(listener: () => void): () => void;
  /** Notes that the loop lives. */
  beat(now: number): void;
  /** Milliseconds since the epoch. */
  readonly lastBeat: number;
}

/** No memories yet. */
export function createMemories(): Memories {
  const memories = new Map<string, ShortcutMemory>();
  const listeners = new Set<() => void>();
  let version = 1;
  let lastBeat = 0;
  return {
    of: (name) => {
      const memory = memories.get(name) ?? createShortcutMemory();
      memories.set(name, memory);
      return memory;
    },
    forget: (name) => {
      memories.delete(name);
    },
    touch: () => {
      version += 1;
      for (const listener of listeners) listener();
    },
    onTouch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get version() {
      return version;
    },
    beat: (now) => {
      lastBeat = now;
    },
    get lastBeat() {
      return lastBeat;
    },
  };
}
