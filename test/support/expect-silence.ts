import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { FIELD_MANAGER, LABEL_MANAGED_BY } from '../../src/model/names.ts';
import type { CanaryWorld } from './canary-world.ts';
import { everythingOn } from './scenario-objects.ts';

const SHORTCUTS = '/api/v1/shortcuts';

/** Every route, and paths that end in each kind of error. */
const PATHS = [
  ...['/', '/app.js', '/metrics', '/healthz', '/readyz', '/nothing', '/%', '/hooks/git'],
  ...['/api/v1/status', SHORTCUTS, '/api/v1/leaves', '/api/v1/leaves/nobody'],
  ...['/api/v1/leaves/hostile', '/api/v1/leaves/rome', `${SHORTCUTS}/liqo-shortcuts/rome-milan`],
  ...[`${SHORTCUTS}/liqo-shortcuts/rome-hostile`, `${SHORTCUTS}?phase[]=x`, `${SHORTCUTS}?ready=x`],
];

/** A text that leaves the program holds no secret. */
export function expectNoSecret({ canaries }: CanaryWorld, where: string, text: string): void {
  expect(canaries.foundIn(text), `in ${where}`).to.deep.equal([]);
}

/**
 * Nothing that the running service lets out holds a secret: log, HTTP, objects on every cluster, files. `files: false`
 * where the secret lies in the repository, of which the data folder holds a copy.
 */
export async function expectSilence(
  world: CanaryWorld,
  { files = true }: { readonly files?: boolean } = {},
): Promise<void> {
  const { scenario } = world;
  for (const path of PATHS) {
    expectNoSecret(world, path, await world.get(path));
    expectNoSecret(world, `${path} without the token`, await world.get(path, 'Bearer wrong'));
  }
  const labelSelector = `${LABEL_MANAGED_BY}=${FIELD_MANAGER}`;
  const objects = [
    ...(await everythingOn(scenario.main())),
    ...(await everythingOn(scenario.leaf('rome'), { labelSelector })),
    ...(await everythingOn(scenario.leaf('milan'), { labelSelector })),
  ];
  for (const object of objects) {
    expectNoSecret(world, `${object.kind} ${object.metadata.name}`, JSON.stringify(object));
  }
  if (files) await expectSilentFiles(world);
  const log = world.takeLog();
  for (const line of log.split('\n')) expectNoSecret(world, `log line ${line}`, line);
}

async function expectSilentFiles(world: CanaryWorld): Promise<void> {
  const files = await readdir(world.dataDir, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name);
    expectNoSecret(world, path, `${path} ${await readFile(path, 'latin1')}`);
  }
}
