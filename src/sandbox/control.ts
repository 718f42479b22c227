import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { isAbort } from '../errors/classify.ts';
import { ConfigError } from '../errors/errors.ts';
import { FAULTS, type FaultArguments, isFaultName } from './faults.ts';
import type { World } from './world.ts';

/** Where the command line and tests reach a running embedded world: written to `control.json`, for its owner only. */
export interface ControlAddress {
  readonly url: string;
  readonly token: string;
}

/** The loopback endpoint that lets others make things go wrong and count requests. */
export interface Control {
  start(): Promise<ControlAddress>;
  stop(): Promise<void>;
}

interface FaultRequest extends FaultArguments {
  readonly leaf: string;
  readonly fault: string;
  readonly args?: FaultArguments;
}

const FAULT_BODY = {
  type: 'object',
  required: ['leaf', 'fault'],
  additionalProperties: false,
  properties: {
    leaf: { type: 'string' },
    fault: { type: 'string', enum: Object.keys(FAULTS) },
    on: { type: 'boolean' },
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ms: { type: 'integer', minimum: 0 },
        user: { type: 'string' },
        verb: { type: 'string' },
        resource: { type: 'string' },
        peer: { type: 'string' },
        cidr: { type: 'string' },
      },
    },
  },
} as const;

export function createControl({
  world,
  dir,
}: {
  readonly world: World;
  readonly dir: string;
}): Control {
  const token = randomBytes(24).toString('base64url');
  const file = join(dir, 'control.json');
  const app = Fastify({ logger: false });

  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    if (!sameText(request.headers.authorization ?? '', `Bearer ${token}`)) {
      await reply.code(401).send({ error: 'the token of control.json is needed' });
    }
  });
  app.setErrorHandler(async (error: Error & { readonly statusCode?: number }, _request, reply) => {
    const status = error instanceof ConfigError ? 400 : (error.statusCode ?? 500);
    await reply.code(status).send({ error: isAbort(error) ? 'stopping' : error.message });
  });
  app.post<{ Body: FaultRequest }>('/fault', { schema: { body: FAULT_BODY } }, async ({ body }) => {
    const { leaf, fault, on = true, args = {} } = body;
    if (!isFaultName(fault)) throw new ConfigError(`there is no fault "${fault}"`);
    await world.fault(leaf, fault, { ...args, on });
    return { leaf, fault, on };
  });
  app.get('/requests', () => world.requests());
  app.post('/requests/reset', () => {
    world.resetRequests();
    return {};
  });
  app.get('/world', () => ({
    main: { url: world.main.url },
    leaves: Object.fromEntries(
      [...world.leaves].map(([name, { server }]) => [name, { url: server.url }]),
    ),
    repository: world.repositoryDir,
    kubeconfigs: world.kubeconfigDir,
    faults: Object.fromEntries(
      Object.entries(FAULTS).map(([name, { description }]) => [name, description]),
    ),
  }));

  return {
    async start() {
      const url = await app.listen({ host: '127.0.0.1', port: 0 });
      const address = { url, token };
      await rm(file, { force: true });
      await writeFile(file, `${JSON.stringify(address)}\n`, { mode: 0o600 });
      return address;
    },
    async stop() {
      await app.close();
      await rm(file, { force: true });
    },
  };
}

function sameText(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
