import { schedule } from 'node-cron';

/** One thing that happens again and again. */
export interface Schedule {
  /** Cron expression with seconds (six fields). */
  readonly expression: string;
  readonly run: () => void;
}

/** Starts the schedules; call the answer to stop them. Work itself is queued, so a tick is never long. */
export function startSchedules(schedules: readonly Schedule[]): () => void {
  const tasks = schedules.map(({ expression, run }) =>
    schedule(expression, run, { noOverlap: true }),
  );
  return () => {
    for (const task of tasks) void task.destroy();
  };
}
