import { isAbort, toOperatorError } from '../errors/classify.ts';
import { ConfigError, ClusterForbiddenError } from '../errors/errors.ts';
import type { KubeReader } from '../kube/kube-client.ts';
import { parseClusterID } from '../liqo/cluster-id.ts';
import { CLUSTER_ID_SELECTOR } from '../liqo/labels.ts';
import { CONFIG_MAP, NAMESPACE } from '../model/kinds.ts';
import { backoffDelay } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';

/**
 * The name under which we own objects on leaves: as configured, else the main cluster's Liqo cluster ID, else the UID
 * of the installation's namespace. A right that is missing is an error rather than a reason to fall back: with another
 * name than yesterday's nothing on the leaves would be ours any more.
 *
 * @throws ConfigError when it cannot be found out, and what the client throws.
 */
export async function resolveInstallation(options: {
  readonly client: KubeReader;
  readonly configured: string | undefined;
  readonly namespace: string;
  readonly signal: AbortSignal;
}): Promise<string> {
  const { client, configured, namespace, signal } = options;
  if (configured !== undefined) return configured;
  try {
    const labelSelector = CLUSTER_ID_SELECTOR;
    const list = await client.list(CONFIG_MAP, { namespace: 'liqo', labelSelector, signal });
    const found = parseClusterID(list.items);
    if (found.ok) return found.clusterID;
    const { metadata } = await client.get({ kind: NAMESPACE, name: namespace }, { signal });
    if (metadata.uid !== undefined) return metadata.uid;
  } catch (error) {
    if (!(error instanceof ClusterForbiddenError)) throw error;
    throw new ConfigError(
      `cannot find out the name of this installation (${error.message}): grant the right, or set --installation`,
      { cause: error },
    );
  }
  throw new ConfigError(`namespace "${namespace}" has no UID: set --installation`);
}

const BACKOFF = { baseMs: 1_000, capMs: 30_000 };

/**
 * The same, as often as it takes: a main cluster that does not answer will one day.
 *
 * @throws ConfigError when no patience helps, AbortError.
 */
export async function resolveInstallationPatiently(
  options: Parameters<typeof resolveInstallation>[0] & {
    readonly clock: Clock;
    readonly random: Random;
  },
): Promise<string> {
  const { clock, random, signal } = options;
  for (let failures = 1; ; failures += 1) {
    try {
      return await resolveInstallation(options);
    } catch (error) {
      if (isAbort(error) || toOperatorError(error).retry === 'never') throw error;
      await clock.sleep(backoffDelay(failures, BACKOFF, random), { signal });
    }
  }
}
