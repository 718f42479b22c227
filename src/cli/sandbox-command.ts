import { join } from 'node:path';

import { composeService } from '../app/compose.ts';
import { loadConfig } from '../config/config.ts';
import type { GivenFlags } from '../config/flag-reader.ts';
import { isAbort } from '../errors/classify.ts';
import { ConfigError } from '../errors/errors.ts';
import { silentLogger } from '../runtime/logger.ts';
import { claimFolder } from '../sandbox/claim-folder.ts';
import { createControl } from '../sandbox/control.ts';
import { createWorld, type World } from '../sandbox/world.ts';
import type { CommandContext } from './command-context.ts';
import { createCommandLogger } from './create-command-logger.ts';
import { untilAborted } from './run-command.ts';

/** `sandbox`: the embedded world with the service, until it is told to stop. Resolves with the exit code. */
export async function sandboxCommand(flags: GivenFlags, context: CommandContext): Promise<number> {
  const { signal, stdout } = context;
  const dir = String(flags['dir']);
  const pace = flags['pace'];
  if (pace !== 'recorded' && pace !== 'instant') {
    throw new ConfigError('--pace is either "recorded" or "instant"');
  }
  await claimFolder(dir, signal);
  const world = createWorld({ dir, pace, fresh: flags['fresh'] === true, logger: silentLogger });
  const control = createControl({ world, dir });
  try {
    await world.start();
    await control.start();
    if (flags['service'] === false) {
      stdout.write(describeWorld(world, dir));
      await untilAborted(signal);
    } else {
      await serve(world, dir, flags, context);
    }
  } finally {
    await control.stop();
    await world.stop();
  }
  return 0;
}

/** The service just as `run` starts it, with nothing but its own credential on the main cluster. */
async function serve(
  world: World,
  dir: string,
  flags: GivenFlags,
  context: CommandContext,
): Promise<void> {
  const { signal, stdout } = context;
  const given: GivenFlags = {
    source: world.repositoryDir,
    // Whoever tries out a pull request checks another branch out here, and only a merge may take effect.
    ref: 'main',
    kubeconfig: join(world.kubeconfigDir, 'service.yaml'),
    dataDir: join(dir, 'data'),
    http: flags['http'],
    poll: flags['poll'],
    logLevel: flags['logLevel'],
    // One process, and an embedded world at rest shall see no write.
    leaderElect: 'false',
  };
  const config = loadConfig(given, {}, { read: () => '' });
  const logger = await createCommandLogger(config.logLevel, context);
  const { service, url } = await composeService({
    config,
    environment: {},
    logger,
    signal,
    nextFreePort: true,
  });
  try {
    await service.start({ signal });
    stdout.write(`${describeWorld(world, dir)}\n${describeService(url)}`);
    await untilAborted(signal);
  } catch (error) {
    if (!isAbort(error)) throw error;
  } finally {
    await service.stop();
  }
}

function describeWorld(world: World, dir: string): string {
  const kubeconfig = (cluster: string) => join(world.kubeconfigDir, `${cluster}.yaml`);
  const leaves = [...world.leaves.keys()];
  return `
The embedded world is up: the main cluster and ${leaves.length} leaves (${leaves.join(', ')}).

  repository    ${world.repositoryDir}
  main cluster  kubectl --kubeconfig ${kubeconfig('main')} -n liqo-shortcuts get shortcuts,leafclusters
  a leaf        kubectl --kubeconfig ${kubeconfig(leaves[0] ?? 'rome')} get connections -A
  faults        npm run sandbox -- fault rome down${dir === '.sandbox' ? '' : ` (with --dir ${dir} before "fault")`}
`;
}

function describeService(url: string): string {
  return `  dashboard     ${url}

Try: edit or add a file in the repository's "shortcuts" folder and "git commit" it. Ctrl-C stops.
`;
}
