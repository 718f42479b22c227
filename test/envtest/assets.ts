import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { buildAssets, cacheFolder, exists, GoMissingError, type Program } from './build-assets.ts';

/** Paths of the programs. Without a controller manager nothing collects garbage and no namespace goes. */
export interface Assets {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
}

/**
 * The programs of `KUBEBUILDER_ASSETS` when that is set, else those of the cache, built when they are not there.
 * setup-envtest brings no controller manager: ours takes its place. Throws GoMissingError where something must be built
 * and cannot, and an Error where the folder lacks what setup-envtest brings.
 */
export async function findAssets(): Promise<Assets> {
  const given = process.env['KUBEBUILDER_ASSETS'] ?? '';
  return given === '' ? cachedAssets() : givenAssets(given);
}

async function givenAssets(folder: string): Promise<Assets> {
  const [etcd, apiServer, own] = [
    join(folder, 'etcd'),
    join(folder, 'kube-apiserver'),
    join(folder, 'kube-controller-manager'),
  ];
  for (const file of [etcd, apiServer]) {
    if (!(await exists(file))) throw new Error(`KUBEBUILDER_ASSETS is set, but ${file} is missing`);
  }
  if (await exists(own)) return { etcd, apiServer, controllerManager: own };
  warn(`${folder} has no kube-controller-manager: taking our own, whatever its version`);
  return { etcd, apiServer, controllerManager: await built('kube-controller-manager') };
}

async function cachedAssets(): Promise<Assets> {
  return {
    etcd: await built('etcd').catch(systemEtcd),
    apiServer: await built('kube-apiserver'),
    controllerManager: await built('kube-controller-manager'),
  };
}

async function built(program: Program): Promise<string> {
  const file = join(await cacheFolder(), program);
  return (await exists(file)) ? file : join(await buildAssets([program]), program);
}

/** Any etcd since 3.4 serves an API server; older ones lack progress requests, which only some watches need. */
function systemEtcd(failure: unknown): string {
  const { stdout, status } = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  const [, major = 0, minor = 0] = /(\d+)\.(\d+)\.\d+/.exec(status === 0 ? stdout : '') ?? [];
  if (Number(major) < 3 || (Number(major) === 3 && Number(minor) < 4)) throw failure;
  warn(`etcd could not be built (${String(failure)}): taking the machine's own`);
  return 'etcd';
}

function warn(text: string): void {
  process.stderr.write(`!! ${text}\n`);
}

/** `node test/envtest/assets.ts`: makes sure that all is there. Ends with 3 where the machine cannot build. */
async function main(): Promise<void> {
  try {
    console.log(JSON.stringify(await findAssets(), undefined, 2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof GoMissingError ? 3 : 1;
  }
}

if (import.meta.main) await main();
