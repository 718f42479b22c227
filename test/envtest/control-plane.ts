import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Agent, request } from 'undici';

import {
  createCertificate,
  type ServerCertificate,
} from '../../src/sandbox/kubernetes/http/certificate.ts';
import { renderKubeconfig } from '../../src/sandbox/kubernetes/http/kubeconfig.ts';
import { type Assets, findAssets } from './assets.ts';
import { type BackgroundProgram, startBackgroundProgram } from './background-program.ts';
import { freePort } from './free-port.ts';

/** One real API server with its controller manager. */
export interface ControlPlane {
  readonly url: string;
  /** PEM. */
  readonly certificate: string;
  /** Of a user in `system:masters`. */
  readonly adminToken: string;
  /**
   * Starts the controller manager (garbage collector, namespaces, service accounts), once: from the second call on it does
   * nothing. It looks for new kinds every 30 s only, so this is for when all kinds are there.
   */
  startControllers(): Promise<void>;
  /** Holds the controller manager, or lets it go on. */
  holdControllers(on: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Starts control planes over one etcd. */
export interface ControlPlanes {
  /** `flags` are kube-apiserver's, beside those that every one gets. */
  start(name: string, flags?: readonly string[]): Promise<ControlPlane>;
  /** Ends all, and forgets everything. */
  stop(): Promise<void>;
}

const READY_MS = 120_000;
const LOOK_EVERY_MS = 50;

/** Starts etcd in a new folder below the machine's folder for such things. Throws what `findAssets` throws. */
export async function startControlPlanes(): Promise<ControlPlanes> {
  const assets = await findAssets();
  const dir = await mkdtemp(join(tmpdir(), 'envtest-'));
  const etcd = await startEtcd(assets, dir);
  const planes = new Set<ControlPlane>();
  let count = 0;
  return {
    async start(name, flags = []) {
      count += 1;
      const id = `${name}-${count}`;
      const plane = await startPlane({ assets, etcdURL: etcd.url, dir, id, flags });
      planes.add(plane);
      return {
        ...plane,
        async stop() {
          planes.delete(plane);
          await plane.stop();
        },
      };
    },
    async stop() {
      await Promise.all([...planes].map((plane) => plane.stop()));
      await etcd.program.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function startEtcd(
  { etcd }: Assets,
  dir: string,
): Promise<{ readonly url: string; readonly program: BackgroundProgram }> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const peerURL = `http://127.0.0.1:${await freePort()}`;
  const program = await startBackgroundProgram(
    etcd,
    [
      `--data-dir=${join(dir, 'etcd')}`,
      ...[`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
      ...[`--listen-peer-urls=${peerURL}`, `--initial-advertise-peer-urls=${peerURL}`],
      `--initial-cluster=default=${peerURL}`,
      // What is lost with the machine is lost with the test.
      '--unsafe-no-fsync',
    ],
    join(dir, 'etcd.log'),
  );
  await untilOK(program, () => request(`${url}/health`));
  return { url, program };
}

interface PlaneParts {
  readonly assets: Assets;
  readonly etcdURL: string;
  readonly dir: string;
  readonly id: string;
  readonly flags: readonly string[];
}

async function startPlane({ assets, etcdURL, dir, id, flags }: PlaneParts): Promise<ControlPlane> {
  const folder = join(dir, id);
  const url = `https://127.0.0.1:${await freePort()}`;
  const adminToken = randomBytes(24).toString('base64url');
  const tls = createCertificate(id, Date.now());
  const { certificate } = tls;
  await writePlaneFiles(folder, { tls, adminToken, url, id });
  const apiServer = await startBackgroundProgram(
    assets.apiServer,
    [...apiServerFlags({ folder, etcdURL, url, id }), ...flags],
    join(folder, 'kube-apiserver.log'),
  );
  const agent = new Agent({ connect: { ca: certificate } });
  const headers = { authorization: `Bearer ${adminToken}` };
  await untilOK(apiServer, () => request(`${url}/readyz`, { dispatcher: agent, headers }));
  await agent.close();
  let controllers: Promise<BackgroundProgram> | undefined;
  const started = (): Promise<BackgroundProgram> =>
    (controllers ??= startBackgroundProgram(
      assets.controllerManager,
      controllerManagerFlags(folder),
      join(folder, 'kube-controller-manager.log'),
    ));
  return {
    url,
    certificate,
    adminToken,
    async startControllers() {
      await started();
    },
    async holdControllers(on) {
      (await started()).hold(on);
    },
    async stop() {
      await (await controllers)?.stop();
      await apiServer.stop();
    },
  };
}

interface PlaneFiles {
  readonly tls: ServerCertificate;
  readonly adminToken: string;
  readonly url: string;
  readonly id: string;
}

async function writePlaneFiles(folder: string, parts: PlaneFiles): Promise<void> {
  const { tls, adminToken, url, id } = parts;
  const { certificate, privateKey } = tls;
  await mkdir(folder, { recursive: true });
  const { privateKey: key } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const files = {
    'tls.crt': certificate,
    'tls.key': privateKey,
    'service-accounts.key': key,
    'tokens.csv': `${adminToken},admin,admin,system:masters\n`,
    kubeconfig: renderKubeconfig({
      cluster: id,
      url,
      certificate,
      user: 'admin',
      token: adminToken,
    }),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
}

function apiServerFlags(parts: {
  readonly folder: string;
  readonly etcdURL: string;
  readonly url: string;
  readonly id: string;
}): readonly string[] {
  const { folder, etcdURL, url, id } = parts;
  const serviceAccountKey = join(folder, 'service-accounts.key');
  return [
    `--etcd-servers=${etcdURL}`,
    `--etcd-prefix=/${id}`,
    ...['--bind-address=127.0.0.1', `--secure-port=${new URL(url).port}`],
    // It must not be a loopback address, and nobody asks for it.
    ...['--advertise-address=192.0.2.1', '--endpoint-reconciler-type=none'],
    `--tls-cert-file=${join(folder, 'tls.crt')}`,
    `--tls-private-key-file=${join(folder, 'tls.key')}`,
    `--cert-dir=${folder}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    // As every distribution does: Liqo's gateways are privileged.
    '--allow-privileged=true',
    '--service-account-issuer=https://envtest.invalid',
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    // That of the leaves in the embedded world, whose Services come from it.
    '--service-cluster-ip-range=10.112.0.0/16',
    '--profiling=false',
  ];
}

function controllerManagerFlags(folder: string): readonly string[] {
  return [
    `--kubeconfig=${join(folder, 'kubeconfig')}`,
    '--controllers=garbage-collector-controller,namespace-controller,serviceaccount-controller',
    // With its plain user it may not delete custom resources.
    '--use-service-account-credentials=true',
    ...['--leader-elect=false', '--secure-port=0'],
    ...['--kube-api-qps=500', '--kube-api-burst=500'],
  ];
}

async function untilOK(
  program: BackgroundProgram,
  ask: () => Promise<{ readonly statusCode: number; readonly body: { dump(): Promise<void> } }>,
): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    await program.assertRunning();
    const answer = await ask().catch((error: unknown) => error as Error);
    if (!(answer instanceof Error)) {
      await answer.body.dump();
      if (answer.statusCode === 200) return;
    }
    if (performance.now() > deadline) throw new Error('the control plane does not become ready');
    await sleep(LOOK_EVERY_MS);
  }
}
