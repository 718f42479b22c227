import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse } from 'yaml';

import { EVENT, LEAF_CLUSTER, SECRET } from '../../src/model/kinds.ts';
import { SERVICE_USER } from '../../src/sandbox/world.ts';
import { aKubeconfig } from './builders/a-kubeconfig.ts';
import { type Canaries, createCanaries } from './canaries.ts';
import { type GitServer, startGitServer } from './git-server.ts';
import { type RawApiServer, startRawApiServer } from './raw-api-server.ts';
import { type Scenario, startScenario } from './scenario.ts';
import { leafFile, shortcutFile } from './scenario-files.ts';
import { findObject, statusOf } from './scenario-objects.ts';
import { eventually, signal, untilTrue } from './scenario-wait.ts';
import { TEST_CERTIFICATE_DATA, TEST_KEY, TEST_KEY_DATA } from './test-certificate.ts';

const LEAVES = ['rome', 'milan'];

/**
 * A running service with a secret in each of its inputs: two good leaves that are connected, a third one ("hostile")
 * whose API server answers what a test wants, and a Git server that asks for a token. It logs everything.
 */
export interface CanaryWorld {
  readonly canaries: Canaries;
  readonly scenario: Scenario;
  readonly git: GitServer;
  readonly hostile: RawApiServer;
  /** Of the repository, at the Git server. */
  readonly url: string;
  readonly httpToken: string;
  readonly webhookSecret: string;
  readonly dataDir: string;
  /** Where a secret file lies. */
  path(name: string): string;
  /** A kubeconfig that leads to the hostile leaf, with new secrets in it. */
  hostileKubeconfig(): string;
  setKubeconfig(leaf: string, kubeconfig: string): Promise<void>;
  /** Status, headers and body of the service's answer, as one text. */
  get(path: string, authorization?: string): Promise<string>;
  untilReady(): Promise<void>;
  /** Waits until the hostile leaf has this reason. */
  untilHostile(reason: string): Promise<void>;
  /** Waits until the service says this of its source; `undefined`: until it finds nothing wrong with it. */
  untilSource(code: string | undefined): Promise<void>;
  /** What was logged since the last call. */
  takeLog(): string;
  stop(): Promise<void>;
}

export async function startCanaryWorld(): Promise<CanaryWorld> {
  const canaries = createCanaries();
  const hostile = await startRawApiServer();
  let log = '';
  const scenario = await startScenario({
    leaves: LEAVES,
    service: false,
    log: { write: (line) => void (log += line) },
  });
  const dataDir = join(scenario.dir, 'data');
  const path = (name: string): string => join(scenario.dir, 'secrets', name);
  await mkdir(path(''));
  const secrets = { git: '', http: '', webhook: '' };
  for (const name of ['git', 'http', 'webhook'] as const) {
    secrets[name] = canaries.plant(`${name} secret file`);
    await writeFile(path(name), `${secrets[name]}\n`);
  }
  const git = await startGitServer(scenario.dir);
  git.credential = `git:${secrets.git}`;
  canaries.add('key of the hostile leaf', keyOf(TEST_KEY));

  const world: CanaryWorld = {
    ...{ canaries, scenario, git, hostile, path, dataDir },
    url: `${git.url}/repository/.git`,
    httpToken: secrets.http,
    webhookSecret: secrets.webhook,
    hostileKubeconfig: () =>
      aKubeconfig({
        cluster: { server: hostile.url, 'certificate-authority-data': TEST_CERTIFICATE_DATA },
        user: {
          token: canaries.plant('token of the hostile leaf'),
          'client-certificate-data': TEST_CERTIFICATE_DATA,
          'client-key-data': TEST_KEY_DATA,
        },
      }),
    setKubeconfig: async (leaf, kubeconfig) => {
      const metadata = { namespace: 'liqo-shortcuts', name: `${leaf}-kubeconfig` };
      const data = { kubeconfig: Buffer.from(kubeconfig).toString('base64') };
      const object = { apiVersion: 'v1', kind: 'Secret', metadata, data };
      await scenario.main().apply(SECRET, object, { force: true, signal });
    },
    get: async (where, authorization = `Bearer ${secrets.http}`) => {
      const url = new URL(where, scenario.serviceUrl());
      const response = await fetch(url, { headers: { authorization }, signal });
      return JSON.stringify([response.status, [...response.headers], await response.text()]);
    },
    untilReady: () => untilTrue('rome-milan is Ready', () => isReady(world)),
    untilHostile: async (reason) => {
      await eventually(`leaf hostile is ${reason}`, async () => {
        const leaf = await findObject(scenario.main(), LEAF_CLUSTER, 'liqo-shortcuts/hostile');
        const conditions = statusOf(leaf)['conditions'] as Record<string, string>[] | undefined;
        const ready = conditions?.find(({ type }) => type === 'Ready');
        return ready?.['reason'] === reason ? { done: true } : { seen: conditions };
      });
    },
    untilSource: async (code) => {
      await eventually(`the source says ${code ?? 'nothing'}`, async () => {
        const { source } = bodyOf(await world.get('/api/v1/status')) as {
          source: { error?: { code: string }; problems: { code: string }[] };
        };
        const said = [source.error?.code, ...source.problems.map((problem) => problem.code)];
        const isSo =
          code === undefined ? said.every((one) => one === undefined) : said.includes(code);
        return isSo ? { done: true } : { seen: source };
      });
    },
    takeLog: () => {
      const taken = log;
      log = '';
      return taken;
    },
    stop: async () => {
      await scenario.stop();
      await git.stop();
      await hostile.stop();
    },
  };
  await fill(world);
  return world;
}

/** Brings every input to success once, and remembers the secrets that were there already. */
async function fill(world: CanaryWorld): Promise<void> {
  const { canaries, scenario, url: source, dataDir } = world;
  for (const user of ['admin', SERVICE_USER]) {
    addToken(`token of ${user} on main`, scenario.world.main.kubeconfig(user));
    for (const [leaf, { server }] of scenario.world.leaves) {
      addToken(`token of ${user} on ${leaf}`, server.kubeconfig(user));
    }
  }
  await world.setKubeconfig('hostile', world.hostileKubeconfig());
  const pairs = [
    ['rome', 'milan'],
    ['rome', 'hostile'],
  ] as const;
  await scenario.commit({
    'leaves/hostile.yaml': leafFile('hostile'),
    ...Object.fromEntries(
      pairs.map(([a, b]) => [
        `shortcuts/${a}-${b}.yaml`,
        shortcutFile(`${a}-${b}`, { clusters: [a, b] }),
      ]),
    ),
  });
  await scenario.startService({
    ...{ source, dataDir, logLevel: 'trace' },
    gitTokenFile: world.path('git'),
    httpTokenFile: world.path('http'),
    webhookSecretFile: world.path('webhook'),
  });
  await world.untilReady();
  await untilTrue('there is an Event', async () => {
    return (await scenario.main().list(EVENT, { signal })).items.length > 0;
  });
  for (const leaf of LEAVES) await addKeys(leaf);

  function addToken(where: string, kubeconfig: string): void {
    const { users } = parse(kubeconfig) as { users: { user: { token?: string } }[] };
    for (const { user } of users) canaries.add(where, user.token ?? '');
  }

  async function addKeys(leaf: string): Promise<void> {
    const { items } = await scenario.leaf(leaf).list(SECRET, { signal });
    const keys = items.flatMap(({ data }) => {
      const key = (data as Record<string, string> | undefined)?.['privateKey'];
      return key === undefined ? [] : [Buffer.from(key, 'base64')];
    });
    if (keys.length === 0) throw new Error(`there is no key on ${leaf}`);
    for (const key of keys) canaries.add(`private key on ${leaf}`, key);
  }
}

async function isReady(world: CanaryWorld): Promise<boolean> {
  const body = bodyOf(await world.get('/api/v1/shortcuts/liqo-shortcuts/rome-milan'));
  const { conditions = [] } = body as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** The JSON in what `get` answers. */
function bodyOf(answer: string): unknown {
  return JSON.parse((JSON.parse(answer) as [number, unknown, string])[2]);
}

/** A piece of the private part, on one line of the PEM: what comes after it, the certificate shows too. */
function keyOf(pem: string): string {
  return pem.split('\n')[1]?.slice(36) ?? '';
}
