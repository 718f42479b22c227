import { expect } from 'chai';
import { startTestServer } from './start-test-server.ts';

interface OpenAPI {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly security?: unknown;
}

interface Operation {
  readonly summary?: string;
  readonly operationId?: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

async function readDocument(token?: string): Promise<OpenAPI> {
  const { server } = await startTestServer({}, { token });
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await server.inject({ url: '/api/v1/openapi.json', headers });
  await server.close();
  expect(response.statusCode).to.equal(200);
  return response.json();
}

describe('the OpenAPI document', () => {
  it('tells of every path of the API, and of no other', async () => {
    const { openapi, info, paths } = await readDocument();

    expect(openapi).to.equal('3.1.0');
    expect(info.version).to.equal('1.2.3');
    expect(Object.keys(paths).sort()).to.deep.equal([
      '/api/v1/events',
      '/api/v1/leaves',
      '/api/v1/leaves/{name}',
      '/api/v1/plan',
      '/api/v1/shortcuts',
      '/api/v1/shortcuts/{namespace}/{name}',
      '/api/v1/status',
    ]);
  });

  it('names each operation, says what it is for, and what is answered when something is wrong', async () => {
    const { paths } = await readDocument();

    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    for (const { summary, operationId, responses } of operations) {
      expect(summary).to.be.a('string').and.not.equal('');
      expect(operationId).to.match(/^[a-z]+[A-Za-z]+$/);
      expect(responses).to.include.keys('4XX', '5XX');
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).to.equal(7);
  });

  it('says that a token is needed where one is, and is read with it only', async () => {
    expect((await readDocument('secret')).security).to.deep.equal([{ token: [] }]);
    expect((await readDocument()).security).to.equal(undefined);

    const { server } = await startTestServer({}, { token: 'secret' });
    const response = await server.inject('/api/v1/openapi.json');
    await server.close();
    expect(response.statusCode).to.equal(401);
  });
});
