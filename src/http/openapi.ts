import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** What the document says of the service beside its routes. */
export interface OpenAPIOptions {
  /** Of the program. */
  readonly version: string;
  /** Whether the API asks for a bearer token. */
  readonly needsToken: boolean;
}

/** Collects the schemas of the routes of `app` that follow, and serves them as an OpenAPI 3.1 document. */
export async function registerOpenAPI(
  app: FastifyInstance,
  { version, needsToken }: OpenAPIOptions,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Liqo Shortcuts',
        description: 'What is wanted, what is true on each side, and what is wrong. Read-only.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'this service' }],
      ...(needsToken && {
        components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
        security: [{ token: [] }],
      }),
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
