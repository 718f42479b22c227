import { expect } from 'chai';
import { startTestServer } from './start-test-server.ts';

const TOKEN = 'correct-horse';

async function get(url: string, authorization?: string, token = TOKEN) {
  const { server } = await startTestServer({}, { token });
  const headers = authorization === undefined ? {} : { authorization };
  const response = await server.inject({ url, headers });
  await server.close();
  return response;
}

describe('Bearer token', () => {
  for (const { name, authorization } of [
    { name: 'nothing', authorization: undefined },
    { name: 'another token', authorization: 'Bearer correct-hors' },
    { name: 'a longer token', authorization: `Bearer ${TOKEN}2` },
    { name: 'an empty token', authorization: 'Bearer ' },
    { name: 'another scheme', authorization: `Basic ${TOKEN}` },
    { name: 'the token without a scheme', authorization: TOKEN },
  ]) {
    it(`refuses who brings ${name}`, async () => {
      const response = await get('/api/v1/status', authorization);

      expect(response.statusCode).to.equal(401);
      expect(response.headers['www-authenticate']).to.match(/^Bearer /);
      expect(response.headers['content-type']).to.match(/^application\/problem\+json/);
      expect(response.body).not.to.contain(TOKEN).and.not.to.contain('rome');
    });
  }

  for (const path of ['status', 'shortcuts', 'shortcuts/a/b', 'leaves', 'leaves/rome']) {
    it(`is asked for at ${path}`, async () => {
      expect((await get(`/api/v1/${path}`)).statusCode).to.equal(401);
    });
  }

  it('opens the API, however the scheme is spelt', async () => {
    expect((await get('/api/v1/status', `Bearer ${TOKEN}`)).statusCode).to.equal(200);
    expect((await get('/api/v1/status', `bearer  ${TOKEN}`)).statusCode).to.equal(200);
  });

  it('is never satisfied when it is empty', async () => {
    expect((await get('/api/v1/status', undefined, '')).statusCode).to.equal(401);
    expect((await get('/api/v1/status', 'Bearer ', '')).statusCode).to.equal(401);
  });

  for (const url of ['/', '/app.js', '/healthz', '/readyz']) {
    it(`is not asked for at ${url}`, async () => {
      expect((await get(url)).statusCode).to.equal(200);
    });
  }
});
