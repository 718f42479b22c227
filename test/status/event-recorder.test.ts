import { expect } from 'chai';

import { EVENT } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { eventTypeOf, type ObjectEvent } from '../../src/model/object-event.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { createEventRecorder, type EventRecorder } from '../../src/status/event-recorder.ts';
import { createMainServer, createShortcut } from '../reconcile/main-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { signal } from '../support/scenario-wait.ts';

describe('event recorder', () => {
  let server: ApiServer;
  let clock: FakeClock;
  let recorder: EventRecorder;
  let shortcut: Shortcut;
  let log: string[];

  beforeEach(async () => {
    server = await createMainServer();
    clock = new FakeClock();
    log = [];
    recorder = createEventRecorder({
      client: server.client({ outside: true }),
      instance: 'turin_1',
      clock,
      random: () => 0.5,
      logger: createLogger({ level: 'info', destination: { write: (line) => log.push(line) } }),
    });
    shortcut = await createShortcut(server);
  });
  afterEach(async () => {
    await recorder.stop();
    await server.stop();
  });

  function anEvent(over: Partial<ObjectEvent> = {}): ObjectEvent {
    return {
      regarding: shortcut,
      type: 'Warning',
      reason: 'ConnectionLost',
      action: 'Reconcile',
      note: 'the tunnel is down',
      ...over,
    };
  }

  async function record(...events: readonly ObjectEvent[]): Promise<void> {
    for (const event of events) recorder.record(event);
    await recorder.idle();
  }

  async function stored(): Promise<readonly KubeObject[]> {
    return (await server.client().list(EVENT, { signal })).items;
  }

  it('writes what kubectl shows beside the object', async () => {
    await record(anEvent());

    const [event, ...others] = await stored();
    expect(others).to.deep.equal([]);
    expect(event).to.deep.include({
      type: 'Warning',
      reason: 'ConnectionLost',
      action: 'Reconcile',
      note: 'the tunnel is down',
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'shortcuts.liqo.io/liqo-shortcuts',
      reportingInstance: 'turin_1',
    });
    const { namespace, name, uid } = shortcut.metadata;
    const { apiVersion, kind } = shortcut;
    expect(event?.['regarding']).to.deep.equal({ apiVersion, kind, namespace, name, uid });
    expect(event?.metadata.namespace).to.equal(namespace);
  });

  it('counts what happens again on the same Event, and writes that twice a minute at most', async () => {
    await record(anEvent());
    server.requests.reset();
    for (let times = 0; times < 600; times += 1) {
      await record(anEvent());
      await clock.advance(100);
    }

    const events = await stored();
    expect(events).to.have.length(1);
    expect(server.requests.snapshot().byRequest).to.deep.equal({ 'patch events admin': 2 });
    expect(events[0]?.['series']).to.deep.include({ count: 601 });
  });

  it('tells something else, or the same of another object, on an Event of its own', async () => {
    const other = await createShortcut(server, { metadata: { name: 'other' } });

    await record(anEvent(), anEvent({ note: 'else' }), anEvent({ regarding: other }));

    expect(await stored()).to.have.length(3);
  });

  it('tells the same anew when it was not seen for a while', async () => {
    await record(anEvent());
    await clock.advance(600_000);
    await record(anEvent());

    expect(await stored()).to.have.length(2);
  });

  it('is not flooded by an object that never comes to rest, and leaves others their part', async () => {
    const other = await createShortcut(server, { metadata: { name: 'other' } });
    for (let index = 0; index < 500; index += 1) recorder.record(anEvent({ note: `${index}` }));
    await record(anEvent({ regarding: other }));
    expect(await stored()).to.have.length(26);

    await clock.advance(30_000);
    await record(anEvent({ note: 'later' }), anEvent({ note: 'and again' }));
    expect(await stored()).to.have.length(27);
  });

  it('makes an Event again that is gone', async () => {
    await record(anEvent());
    const [event] = await stored();
    const { namespace = '', name = '' } = event?.metadata ?? {};
    await server.client().delete({ kind: EVENT, namespace, name }, { signal });

    for (let times = 0; times < 2; times += 1) {
      await record(anEvent());
      await clock.advance(31_000);
      await recorder.idle();
    }

    const [again] = await stored();
    expect(again?.['series']).to.deep.include({ count: 3 });
  });

  it('takes a lost Event for no error, and says once which right is missing', async () => {
    server.faults.forbidden(true);
    await record(anEvent(), anEvent({ note: 'second' }));
    server.faults.forbidden(false);
    await record(anEvent({ note: 'next' }));

    expect((await stored()).map((event) => event['note'])).to.deep.equal(['next']);
    expect(log).to.have.length(1);
    expect(log[0]).to.include('cannot create Event').and.include('not allowed');
  });

  it('writes later what the API server did not take for a moment', async () => {
    server.faults.down(true);
    await record(anEvent());
    await clock.advance(2_000);
    server.faults.down(false);
    await clock.advance(4_000);
    await recorder.idle();

    expect((await stored()).map((event) => event['note'])).to.deep.equal([anEvent().note]);
    expect(log).to.deep.equal([]);
  });

  it('gives an Event up that cannot be written for minutes', async () => {
    server.faults.down(true);
    await record(anEvent());
    for (let step = 0; step < 10; step += 1) await clock.advance(60_000);
    server.faults.down(false);
    await clock.advance(600_000);

    expect(await stored()).to.deep.equal([]);
  });

  it('waits for nobody', async () => {
    server.faults.hang(true);

    recorder.record(anEvent());
    await recorder.stop();

    expect(await stored()).to.deep.equal([]);
  });

  it('tells of an object whose name leaves little room, wherever it has to be cut', async () => {
    const name = `${'a'.repeat(219)}-${'b'.repeat(30)}`;
    await record(anEvent({ regarding: await createShortcut(server, { metadata: { name } }) }));

    expect(await stored()).to.have.length(1);
  });

  it('cuts a note that is too long, without breaking a character', async () => {
    await record(anEvent({ note: '→'.repeat(500) }));

    const [event] = await stored();
    expect(event?.['note']).to.match(/^→+…$/);
    expect(Buffer.byteLength(String(event?.['note']))).to.be.at.most(1_024);
  });

  for (const [reason, type] of [
    ['Connected', 'Normal'],
    ['EndpointPending', 'Normal'],
    ['Disconnected', 'Normal'],
    ['ConnectionLost', 'Warning'],
    ['LeafUnreachable', 'Warning'],
    ['DriftCorrected', 'Warning'],
  ] as const) {
    it(`takes ${reason} for ${type}`, () => {
      expect(eventTypeOf(reason)).to.equal(type);
    });
  }
});
