// @ts-check
// Loaded into the service's process ahead of the program (`node --import`): tells over IPC what the process has used. Plain
// JavaScript, since reading TypeScript takes some 40 MiB, which are not the service's.

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  /** @type {import('./service-process.ts').Usage} */
  const usage = {
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
