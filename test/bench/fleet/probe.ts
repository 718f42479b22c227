/** Loaded into the service's process ahead of the program (`node --import`): tells over IPC what the process has used. */
import type { Usage } from './service-process.ts';

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const usage: Usage = {
    cpuMs: (user + system) / 1000,
    rssMiB: rss / 2 ** 20,
    heapMiB: heapUsed / 2 ** 20,
    heapTotalMiB: heapTotal / 2 ** 20,
    externalMiB: external / 2 ** 20,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
  process.send?.(usage);
});
// It is the program's own business when it ends.
process.channel?.unref();
