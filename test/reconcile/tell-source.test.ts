import { expect } from 'chai';

import {
  GitPathNotFoundError,
  GitUnreachableError,
  UnverifiedCommitError,
} from '../../src/errors/errors.ts';
import { LEASE } from '../../src/kube/lease-record.ts';
import type { ObjectEvent } from '../../src/model/object-event.ts';
import { createSourceTeller } from '../../src/reconcile/tell-source.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { signal } from '../support/scenario-wait.ts';
import { createMainServer } from './main-server.ts';

const namespace = 'liqo-shortcuts';
const VANISHED = {
  error: new GitPathNotFoundError('folder "fleet" does not exist at this commit'),
};
const SILENT = { error: new GitUnreachableError('"git.example" does not answer') };

describe('source teller', () => {
  let server: ApiServer;
  let events: ObjectEvent[];
  let tell: ReturnType<typeof createSourceTeller>;

  beforeEach(async () => {
    server = await createMainServer();
    events = [];
    tell = createSourceTeller({
      main: { client: server.client({ outside: true }), namespace },
      events: { record: (event) => events.push(event) },
    });
  });
  afterEach(() => server.stop());

  async function look(...looks: readonly object[]): Promise<readonly string[]> {
    for (const one of looks) await tell(one, { signal });
    return events.map(({ type, reason }) => `${type} ${reason}`);
  }

  it('says nothing while all is well', async () => {
    expect(await look({}, {})).to.deep.equal([]);
    expect(server.requests.snapshot().total).to.equal(0);
  });

  it('tells once that the folder has vanished, and that it is back', async () => {
    expect(await look(VANISHED, VANISHED, {})).to.deep.equal([
      'Warning SourceUnavailable',
      'Normal SourceRead',
    ]);
    expect(events[0]?.note).to.include('folder "fleet"').and.include('nothing is deleted');
  });

  it('tells of another failure', async () => {
    expect(await look(SILENT, VANISHED)).to.have.length(2);
  });

  it('tells of each commit that is not verified, once, and that it is over', async () => {
    const [first, second] = ['a', 'b'].map((letter) => {
      const commit = letter.repeat(40);
      return { error: new UnverifiedCommitError(`commit "${letter}"`, { details: { commit } }) };
    });

    expect(await look(first!, first!, second!, {})).to.deep.equal([
      'Warning SourceUnverified',
      'Warning SourceUnverified',
      'Normal SourceRead',
    ]);
    expect(events[1]?.note).to.include('commit "b"').and.include('last good revision');
  });

  it('tells that history was rewritten, or may have been, each time', async () => {
    const [from, to] = ['main@sha1:aa', 'main@sha1:bb'];
    const rewritten = { history: { change: 'rewritten', from, to, at: '' } };
    const unknown = { history: { change: 'unknown', from: to, to: from, at: '' } };

    expect(await look(rewritten, unknown, {}, rewritten)).to.deep.equal([
      'Warning HistoryRewritten',
      'Normal HistoryUnknown',
      'Warning HistoryRewritten',
    ]);
    expect(events[0]?.note).to.include(`${to} does not go on from ${from}`);
  });

  it('tells it of the Lease, so that kubectl describe finds it', async () => {
    const { apiVersion, kind } = LEASE;
    const lease = { apiVersion, kind, metadata: { namespace, name: 'liqo-shortcuts' } };
    const { metadata } = await server.client().create(LEASE, lease, { signal });
    await look(VANISHED);

    expect(events[0]?.regarding).to.deep.include({ apiVersion, kind });
    expect(events[0]?.regarding.metadata.uid).to.equal(metadata.uid);
  });

  for (const [why, arrange] of [
    ['there is none', () => undefined],
    ['it may not be read', () => server.faults.forbidden(true)],
  ] as const) {
    it(`names the Lease where ${why}`, async () => {
      arrange();
      await look(VANISHED);

      expect(events[0]?.regarding.metadata).to.deep.equal({ namespace, name: 'liqo-shortcuts' });
    });
  }
});
