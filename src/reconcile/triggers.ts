import { schedule } from 'node-cron';

/** One thing that happens again and again. */
export interface Schedule {
  /** Cron expression with seconds (six fields). */
  readonly expression: string;
  readonly run: () => void;
}

/**
 * Starts the schedules; call the answer to stop them. Work itself is queued, so a tick is never long. One that a busy or
 * sleeping machine has missed is made up for.
 */
export function startSchedules(schedules: readonly Schedule[]): () => void {
  const tasks = schedules.map(({ expression, run }) => {
    const task = schedule(expression, run, { noOverlap: true });
    // Late is better than never. Unheard, the library would put a line of its own beside the log.
    task.on('execution:missed', run);
    return task;
  });
  return () => {
    for (const task of tasks) void task.destroy();
  };
}
