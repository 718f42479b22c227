import { expect } from 'chai';
import { aLeafItem, aShortcutItem } from './fake-snapshot-reader.ts';
import { startTestServer } from './start-test-server.ts';

const TOKEN = 'a-secret-token';

describe('/metrics', () => {
  async function lines(...[world, overrides]: Parameters<typeof startTestServer>) {
    const { server, reader } = await startTestServer(world, overrides);
    const look = async (): Promise<readonly string[]> => {
      const response = await server.inject('/metrics');
      expect(response.statusCode).to.equal(200);
      expect(response.headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/);
      return response.body.split('\n');
    };
    return { look, server, reader };
  }

  it('tells whether the source is verified, where that is asked for and known', async () => {
    const source = { location: '.', ref: '', path: '.', problems: [], held: [] };
    const condition = { type: 'SourceVerified', message: '', lastTransitionTime: '' } as const;
    const bad = { ...condition, status: 'False', reason: 'UnverifiedCommit' } as const;
    const unknown = { ...condition, status: 'Unknown', reason: 'SourceUnavailable' } as const;
    const seen: (readonly string[])[] = [];
    for (const more of [{}, { conditions: [unknown] }, { conditions: [bad] }]) {
      const { look, server } = await lines({ snapshot: { source: { ...source, ...more } } });
      seen.push((await look()).filter((line) => line.startsWith('liqo_shortcuts_source_verified')));
      await server.close();
    }

    expect(seen).to.deep.equal([
      [],
      [],
      ['liqo_shortcuts_source_verified{reason="UnverifiedCommit"} 0'],
    ]);
  });

  it('tells version, phases, and which leaves are ready', async () => {
    const { look, server } = await lines({
      snapshot: {
        version: '1.2.3',
        shortcuts: [
          aShortcutItem({ phase: 'Ready' }),
          aShortcutItem({ name: 'b', phase: 'Ready' }),
          aShortcutItem({ name: 'c', phase: 'Down' }),
        ],
        leaves: [aLeafItem(), aLeafItem({ name: 'milan', phase: 'LeafUnreachable' })],
      },
    });

    expect(await look()).to.include.members([
      'liqo_shortcuts_build_info{version="1.2.3",installation="torino"} 1',
      'liqo_shortcuts_shortcuts{phase="Ready"} 2',
      'liqo_shortcuts_shortcuts{phase="Down"} 1',
      'liqo_shortcuts_shortcuts{phase="Stalled"} 0',
      'liqo_shortcuts_leaf_ready{leaf="rome"} 1',
      'liqo_shortcuts_leaf_ready{leaf="milan"} 0',
    ]);
    await server.close();
  });

  it('tells when credentials end, of leaves that are there and say so', async () => {
    const credential = { kind: 'Token', expiresAt: '2026-11-23T00:00:00Z' } as const;
    const name = 'liqo_shortcuts_leaf_credential_expiry_timestamp_seconds';
    const { look, server, reader } = await lines({
      snapshot: { leaves: [aLeafItem({ credential }), aLeafItem({ name: 'milan' })] },
    });
    const before = (await look()).filter((line) => line.startsWith(name));

    reader.world = { snapshot: { leaves: [] } };
    const after = (await look()).filter((line) => line.startsWith(name));

    expect(before).to.deep.equal([`${name}{leaf="rome"} ${Date.UTC(2026, 10, 23) / 1000}`]);
    expect(after).to.deep.equal([]);
    await server.close();
  });

  it('counts requests to the host of the repository, where there is one', async () => {
    const name = 'liqo_shortcuts_forge_requests_total';
    const { look, server, reader } = await lines({ snapshot: {} });
    const before = (await look()).filter((line) => line.startsWith(name));

    const requests = [{ operation: 'comment', code: '403', count: 7 }] as const;
    const forge = { kind: 'github', repository: 'fleet/shortcuts', requests } as const;
    reader.world = { snapshot: { forge } };
    const after = (await look()).filter((line) => line.startsWith(name));

    expect(before).to.deep.equal([]);
    expect(after).to.deep.equal([`${name}{operation="comment",code="403"} 7`]);
    await server.close();
  });

  it('tells who leads, and since when the picture is old', async () => {
    const { look, server, reader } = await lines({ snapshot: { role: 'leader' } });
    const before = await look();

    reader.world = { snapshot: { role: 'follower', staleSince: '2026-11-23T00:00:00.000Z' } };
    const after = await look();

    const stale = 'liqo_shortcuts_main_stale_since_timestamp_seconds';
    expect(before).to.include.members(['liqo_shortcuts_leader 1', `${stale} 0`]);
    expect(after).to.include.members([
      'liqo_shortcuts_leader 0',
      `${stale} ${Date.UTC(2026, 10, 23) / 1000}`,
    ]);
    await server.close();
  });

  it('tells of the process', async () => {
    const { look, server } = await lines();

    expect((await look()).join('\n')).to.include('process_resident_memory_bytes');
    await server.close();
  });

  it('asks for the token where there is one', async () => {
    const { server } = await startTestServer({}, { token: TOKEN });
    const authorization = `Bearer ${TOKEN}`;

    const refused = await server.inject('/metrics');
    const answered = await server.inject({ url: '/metrics', headers: { authorization } });

    expect([refused.statusCode, answered.statusCode]).to.deep.equal([401, 200]);
    expect(refused.body).not.to.include('liqo_shortcuts_leaf');
    await server.close();
  });
});
