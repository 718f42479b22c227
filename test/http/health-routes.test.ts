import { expect } from 'chai';
import { NOW, startTestServer } from './start-test-server.ts';

describe('Health routes', () => {
  for (const { name, lastBeat, want } of [
    { name: 'alive while the loop turns', lastBeat: NOW, want: 200 },
    { name: 'alive up to the limit', lastBeat: NOW - 30_000, want: 200 },
    { name: 'dead when the loop is silent for longer', lastBeat: NOW - 30_001, want: 503 },
  ]) {
    it(`is ${name}`, async () => {
      const { server } = await startTestServer({ lastBeat, snapshot: { synced: false } });

      const response = await server.inject('/healthz');

      expect(response.statusCode).to.equal(want);
      await server.close();
    });
  }

  it('is ready once the main cluster was read, and says so in a problem document before', async () => {
    const { server, reader } = await startTestServer({ snapshot: { synced: false } });

    const before = await server.inject('/readyz');
    reader.world = { snapshot: { synced: true }, lastBeat: 0 };
    const after = await server.inject('/readyz');

    expect(before.statusCode).to.equal(503);
    expect(before.headers['content-type']).to.match(/^application\/problem\+json/);
    expect(after.statusCode).to.equal(200);
    expect(after.json()).to.deep.equal({ status: 'ready' });
    await server.close();
  });
});
