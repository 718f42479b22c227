import { withAdvice } from '../kube/load-person.ts';
import { CredentialInvalidError } from '../errors/errors.ts';
import { buildManifests } from '../import/build-manifests.ts';
import { findConnections, findStar } from '../import/find-connections.ts';
import type { GivenLeaf } from '../import/given-leaf.ts';
import type { ImportFindings } from '../import/import-report.ts';
import { type MainView, NO_MAIN, readMain } from '../import/read-main.ts';
import type { ParsedWishes } from '../import/parse-wishes.ts';
import { withSurvey } from '../import/survey-leaves.ts';
import { createKubeClient } from '../kube/client-node-client.ts';
import type { ClusterCredentials } from '../kube/credentials.ts';
import { parseKubeconfig, type ParseKubeconfigOptions } from '../kube/parse-kubeconfig.ts';
import { systemClock } from '../runtime/clock.ts';
import { systemRandom } from '../runtime/random.ts';
import { VERSION } from './version.ts';

/** Leaves get this long to answer, as in a single pass of the service. */
const PATIENCE_MS = 15_000;

export interface ImportRun {
  /** Undefined: no main cluster is asked. */
  readonly credentials: ClusterCredentials | undefined;
  readonly given: readonly GivenLeaf[];
  /** Of `--from`; undefined: the main cluster's own ForeignClusterConnections. */
  readonly wishes: ParsedWishes | undefined;
  readonly namespace: string;
  readonly liqoNamespace: string;
  readonly signal: AbortSignal;
}

/**
 * Looks at the main cluster and the leaves over real connections, and finds what `import` is to write. Nothing is written
 * on any cluster.
 *
 * @throws what reading the main cluster throws, AbortError.
 */
export async function findImports(run: ImportRun): Promise<ImportFindings> {
  const { wishes, namespace } = run;
  const main = await viewMain(run);
  const view = wishes === undefined ? main : { ...main, wishes: wishes.wishes };
  const survey = { ...run, main: view, connect, parseKubeconfig: parseForPerson };
  return withSurvey(
    { ...survey, clock: systemClock, random: systemRandom, patienceMs: PATIENCE_MS },
    (seen) => ({
      plan: buildManifests(findConnections(seen), seen, namespace),
      star: findStar(seen),
      problems: [...main.problems, ...(wishes?.problems ?? [])],
      isFileInvalid: (wishes?.problems ?? []).length > 0,
    }),
  );
}

async function viewMain(run: ImportRun): Promise<MainView> {
  const { credentials, namespace, signal, wishes } = run;
  if (credentials === undefined) return NO_MAIN;
  const client = await connect(credentials, 'main');
  try {
    return await readMain({ client, namespace, skipsWishes: wishes !== undefined, signal });
  } finally {
    await client.close();
  }
}

function connect(
  credentials: ClusterCredentials,
  cluster: string,
): ReturnType<typeof createKubeClient> {
  return createKubeClient({
    credentials,
    cluster,
    userAgent: `liqo-shortcuts/${VERSION} (import)`,
  });
}

function parseForPerson(text: string, options: ParseKubeconfigOptions): ClusterCredentials {
  try {
    return parseKubeconfig(text, options);
  } catch (error) {
    throw error instanceof CredentialInvalidError ? withAdvice(error) : error;
  }
}
