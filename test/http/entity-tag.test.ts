import { expect } from 'chai';
import { aShortcutDetail } from './fake-snapshot-reader.ts';
import { NOW, standingClock, startTestServer } from './start-test-server.ts';

describe('Entity tag', () => {
  for (const path of [
    'status',
    'shortcuts?leaf=rome',
    'shortcuts/liqo-shortcuts/rome-milan',
    'leaves',
    'leaves/rome',
  ]) {
    it(`answers 304 without a body for ${path} while the version stands`, async () => {
      const { server, reader } = await startTestServer({ details: [aShortcutDetail()] });
      const url = `/api/v1/${path}`;
      const first = await server.inject(url);
      const headers = { 'if-none-match': String(first.headers.etag) };

      const same = await server.inject({ url, headers });
      reader.world.version = 2;
      const changed = await server.inject({ url, headers });

      expect(same.statusCode).to.equal(304);
      expect(same.body).to.equal('');
      expect(same.headers.etag).to.equal(first.headers.etag);
      expect(changed.statusCode).to.equal(200);
      expect(changed.headers.etag).not.to.equal(first.headers.etag);
      await server.close();
    });
  }

  it('finds its tag in a list, weak or strong, and in an answer to HEAD', async () => {
    const { server } = await startTestServer();
    const url = '/api/v1/status';
    const { headers } = await server.inject({ url, method: 'HEAD' });

    const response = await server.inject({
      url,
      headers: { 'if-none-match': `"other", W/${String(headers.etag)}` },
    });

    expect(response.statusCode).to.equal(304);
    await server.close();
  });

  it('does not take the version of an earlier process for its own', async () => {
    const url = '/api/v1/status';
    const earlier = await startTestServer();
    const { headers } = await earlier.server.inject(url);
    const later = await startTestServer({}, { clock: { ...standingClock, now: () => NOW + 1 } });

    const response = await later.server.inject({
      url,
      headers: { 'if-none-match': String(headers.etag) },
    });

    expect(response.statusCode).to.equal(200);
    await earlier.server.close();
    await later.server.close();
  });
});
