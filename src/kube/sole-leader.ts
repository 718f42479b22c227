import type { Leadership, LeaderElector } from './leader-elector.ts';

/** For one process alone: it leads from its start to its end, and writes nothing for it. */
export function createSoleLeader(options: {
  readonly identity: string;
  readonly onChange: (leadership: Leadership) => void;
}): LeaderElector {
  const { identity } = options;
  let isLeading = false;
  const leadership = (): Leadership =>
    isLeading ? { role: 'leader', leader: identity } : { role: 'follower', leader: '' };
  return {
    identity,
    leadership,
    rival: () => undefined,
    mayWrite: () => isLeading,
    start: () => {
      isLeading = true;
      options.onChange(leadership());
    },
    stop: () => {
      isLeading = false;
      return Promise.resolve();
    },
  };
}
