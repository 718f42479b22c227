import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The programs of a control plane. */
export const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const;
export type Program = (typeof PROGRAMS)[number];

/** Thrown where the machine cannot build: it has no Go. */
export class GoMissingError extends Error {
  constructor() {
    super(
      'Go is not installed, which builds kube-apiserver and etcd: install Go 1.26 or newer, or set ' +
        'KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver (setup-envtest use -p path)',
    );
    this.name = 'GoMissingError';
  }
}

interface Versions {
  readonly kubernetes: string;
  readonly etcd: string;
}

interface Recipe {
  readonly module: string;
  readonly package: string;
  readonly ldflags: string;
}

const KUBERNETES_MODULE = import.meta.dirname;
const ETCD_MODULE = join(import.meta.dirname, 'etcd');

/** Where programs of these versions are kept: they take minutes to build and never change. */
export async function cacheFolder(): Promise<string> {
  const { kubernetes, etcd } = await readVersions();
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'liqo-shortcuts', 'envtest', `${kubernetes}-etcd-${etcd}`);
}

/**
 * Builds what is missing in the cache folder from the Go modules of this folder, and answers with it. Says on standard
 * error what it does. Throws GoMissingError, or an Error that names the program that cannot be built.
 */
export async function buildAssets(
  wanted: readonly Program[] = PROGRAMS,
  folder?: string,
): Promise<string> {
  const versions = await readVersions();
  const cache = folder ?? (await cacheFolder());
  await mkdir(cache, { recursive: true });
  for (const program of wanted) {
    const file = join(cache, program);
    if (!(await exists(file))) await build(program, recipeOf(program, versions), file);
  }
  return cache;
}

/** A name of its own while it grows: nobody, now or after a crash, finds half a program. */
async function build(program: Program, recipe: Recipe, file: string): Promise<void> {
  const growing = `${file}.building-${process.pid}`;
  const startedAt = performance.now();
  process.stderr.write(`Building ${program} with Go. Once only; this takes minutes.\n`);
  try {
    await runGo(recipe, growing).catch((error: unknown) => {
      if (isMissing(error)) throw new GoMissingError();
      throw new Error(`${program} cannot be built`, { cause: error });
    });
    await rename(growing, file);
  } finally {
    await rm(growing, { force: true });
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stderr.write(`Built ${program} in ${seconds} s: ${file}\n`);
}

async function runGo(recipe: Recipe, output: string): Promise<void> {
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', recipe.ldflags, '-o', output];
  const child = spawn('go', ['build', ...flags, recipe.package], {
    cwd: recipe.module,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`go build ended with ${String(code)}`);
}

function recipeOf(program: Program, { kubernetes }: Versions): Recipe {
  if (program === 'etcd') {
    return { module: ETCD_MODULE, package: 'go.etcd.io/etcd/server/v3', ldflags: '-s -w' };
  }
  const [major = '', minor = ''] = kubernetes.slice(1).split('.');
  // Without its version the server tells nonsense of itself and miscalculates what it emulates.
  const facts = { gitVersion: kubernetes, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const settings = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap(
    (target) => Object.entries(facts).map(([name, value]) => `-X ${target}.${name}=${value}`),
  );
  return {
    module: KUBERNETES_MODULE,
    package: `k8s.io/kubernetes/cmd/${program}`,
    ldflags: ['-s', '-w', ...settings].join(' '),
  };
}

async function readVersions(): Promise<Versions> {
  return {
    kubernetes: await requiredVersion(KUBERNETES_MODULE, 'k8s.io/kubernetes'),
    etcd: await requiredVersion(ETCD_MODULE, 'go.etcd.io/etcd/server/v3'),
  };
}

async function requiredVersion(folder: string, module: string): Promise<string> {
  const text = await readFile(join(folder, 'go.mod'), 'utf8');
  const lines = text.split('\n').map((line) => line.trim().split(' '));
  const version = lines.find(([name]) => name === module)?.[1];
  if (version === undefined) throw new Error(`${folder}/go.mod does not require ${module}`);
  return version;
}

export async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
