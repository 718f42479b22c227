import { expect } from 'chai';
import {
  aLeafItem,
  aShortcutDetail,
  aShortcutItem,
  type FakeWorld,
} from './fake-snapshot-reader.ts';
import { startTestServer } from './start-test-server.ts';

async function get(url: string, world: FakeWorld = {}) {
  const { server } = await startTestServer(world);
  const response = await server.inject(url);
  await server.close();
  return response;
}

describe('API routes', () => {
  it('serves the whole picture', async () => {
    const source = {
      location: 'https://git.example/fleet',
      ref: 'main',
      path: '.',
      revisionAttempted: 'main@sha1:2',
      revisionApplied: 'main@sha1:1',
      lastPollAt: '2026-11-22T10:00:00Z',
      nextPollAt: '2026-11-22T10:00:30Z',
      error: { code: 'GIT_UNREACHABLE', message: 'no answer' },
      problems: [
        {
          code: 'unknown-leaf' as const,
          severity: 'error' as const,
          message: 'no leaf "turin"',
          file: 'a.yaml',
          line: 3,
          column: 5,
          pointer: '/spec/clusters/1',
          resource: 'Shortcut/liqo-shortcuts/a',
        },
      ],
      held: [
        {
          resource: 'Shortcut/liqo-shortcuts/b',
          reason: 'deletion-guard' as const,
          message: 'too many deletions',
        },
      ],
    };

    const forge = {
      kind: 'github' as const,
      repository: 'fleet/shortcuts',
      reported: { commit: 'a'.repeat(40), state: 'error' as const, description: 'not connected' },
      error: { code: 'FORGE_REFUSED', message: 'no' },
      requests: [{ operation: 'status' as const, code: '201', count: 1 }],
    };

    const response = await get('/api/v1/status', {
      snapshot: { source, forge, mainError: 'gone' },
    });

    expect(response.statusCode).to.equal(200);
    expect(response.headers['content-type']).to.match(/^application\/json/);
    expect(response.json()).to.deep.equal({
      version: '1',
      installation: 'torino',
      namespace: 'liqo-shortcuts',
      synced: true,
      role: 'leader',
      leader: 'torino_1',
      mainError: 'gone',
      source,
      forge,
      counts: { shortcuts: 1, ready: 1, notReady: 0, unknown: 0, leaves: 1, leavesReady: 1 },
      shortcuts: [aShortcutItem()],
      leaves: [aLeafItem()],
    });
  });

  const rows = [
    aShortcutItem({ name: 'a', clusters: ['rome', 'milan'] }),
    aShortcutItem({
      name: 'b',
      clusters: ['milan', 'naples'],
      phase: 'Down',
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'ConnectionLost',
          message: '',
          lastTransitionTime: '2026-11-22T10:00:00Z',
        },
      ],
    }),
    aShortcutItem({ name: 'c', clusters: ['rome', 'naples'], phase: 'Unknown', conditions: [] }),
  ];
  for (const { query, want } of [
    { query: '', want: ['a', 'b', 'c'] },
    { query: '?leaf=naples', want: ['b', 'c'] },
    { query: '?leaf=nap', want: [] },
    { query: '?ready=True', want: ['a'] },
    { query: '?ready=False', want: ['b'] },
    { query: '?ready=Unknown', want: ['c'] },
    { query: '?phase=Down', want: ['b'] },
    { query: '?leaf=rome&ready=Unknown&phase=Unknown', want: ['c'] },
    { query: '?leaf=rome&phase=Down', want: [] },
  ]) {
    it(`lists the shortcuts that fit the filter "${query}"`, async () => {
      const response = await get(`/api/v1/shortcuts${query}`, { snapshot: { shortcuts: rows } });

      const { items } = response.json<{ items: { name: string }[] }>();
      expect(items.map(({ name }) => name)).to.deep.equal(want);
    });
  }

  for (const query of ['?ready=yes', '?lef=rome', '?leaf=rome&leaf=milan']) {
    it(`refuses the filter "${query}"`, async () => {
      const response = await get(`/api/v1/shortcuts${query}`);

      expect(response.statusCode).to.equal(400);
      expect(response.json()).to.include({ title: 'Bad Request', status: 400 });
    });
  }

  it('shows one shortcut with everything known of it', async () => {
    const response = await get('/api/v1/shortcuts/liqo-shortcuts/rome-milan', {
      details: [aShortcutDetail()],
    });

    expect(response.json()).to.deep.equal(aShortcutDetail());
  });

  it('shows a shortcut with the longest name that Kubernetes allows', async () => {
    const name = 'n'.repeat(253);

    const response = await get(`/api/v1/shortcuts/liqo-shortcuts/${name}`, {
      details: [aShortcutDetail({ name })],
    });

    expect(response.statusCode).to.equal(200);
  });

  it('lists the leaves, and shows one', async () => {
    expect((await get('/api/v1/leaves')).json()).to.deep.equal({ items: [aLeafItem()] });
    expect((await get('/api/v1/leaves/rome')).json()).to.deep.equal(aLeafItem());
  });

  for (const url of ['/api/v1/shortcuts/liqo-shortcuts/none', '/api/v1/leaves/none', '/api/v1']) {
    it(`says that there is nothing at ${url}`, async () => {
      const response = await get(url);

      expect(response.statusCode).to.equal(404);
      expect(response.headers['content-type']).to.match(/^application\/problem\+json/);
      expect(response.headers).not.to.have.property('etag');
      expect(response.json()).to.include({ type: 'about:blank', title: 'Not Found', status: 404 });
    });
  }

  it('lets nothing out that the contract does not name', async () => {
    const more = { kubeconfig: 'hidden-1', secret: { data: 'hidden-2' } };
    const item = {
      ...aShortcutItem(),
      ...more,
      sides: [{ ...aShortcutItem().sides[0]!, ...more }],
    };
    const world = {
      snapshot: { ...more, shortcuts: [item], leaves: [{ ...aLeafItem(), ...more }] },
      details: [aShortcutDetail({ ...more, spec: { ...aShortcutDetail().spec, ...more } })],
    };

    for (const path of [
      'status',
      'shortcuts',
      'shortcuts/liqo-shortcuts/rome-milan',
      'leaves',
      'leaves/rome',
    ]) {
      const response = await get(`/api/v1/${path}`, world);

      expect(response.statusCode, path).to.equal(200);
      expect(response.body, path).not.to.contain('hidden');
    }
  });

  it('passes hostile text on as text, in JSON that no browser takes for a page', async () => {
    const hostile = '"><script>alert(1)</script>\u2028\u0000';
    const response = await get('/api/v1/shortcuts', {
      snapshot: { shortcuts: [aShortcutItem({ waitingFor: hostile })] },
    });

    expect(response.json()).to.have.nested.property('items[0].waitingFor', hostile);
    expect(response.headers['x-content-type-options']).to.equal('nosniff');
  });
});
