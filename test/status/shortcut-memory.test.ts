import { expect } from 'chai';
import { CONFIGURATION } from '../../src/liqo/kinds.ts';
import type { Action } from '../../src/model/plan.ts';
import { createMemories, createShortcutMemory } from '../../src/status/shortcut-memory.ts';
import type { Failure } from '../../src/status/compute-conditions.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const SECOND = 1_000;
const ref = { kind: CONFIGURATION, namespace: 'liqo-tenant-milan', name: 'milan' };
const object = {
  apiVersion: CONFIGURATION.apiVersion,
  kind: 'Configuration',
  metadata: { name: 'milan', namespace: 'liqo-tenant-milan' },
  spec: { mtu: 1340 },
};

type ApplyAction = Extract<Action, { kind: 'apply' }>;

function anApply(overrides: Partial<ApplyAction> = {}): ApplyAction {
  const whole = {
    kind: 'apply',
    cluster: 'rome',
    ref,
    object,
    create: false,
    reason: 'differs',
  } as const;
  return { ...whole, drift: false, ...overrides };
}

const correction = anApply({ drift: true, uid: 'u-1', reason: 'was changed' });
const deletion: Action = {
  kind: 'delete',
  cluster: 'rome',
  ref,
  uid: 'u-1',
  optional: false,
  reason: 'is not wanted',
};
const rejection: Failure = { reason: 'Rejected', message: 'mtu', terminal: true };

describe('ShortcutMemory', () => {
  it('lets everything through that it knows nothing about', () => {
    expect(createShortcutMemory().select([correction, deletion], NOW)).to.deep.equal({
      due: [correction, deletion],
    });
  });

  describe('of corrections', () => {
    /** How long a correction has to wait, when all before were made as soon as they could be. */
    function pauses(count: number): readonly number[] {
      const memory = createShortcutMemory();
      let now = NOW;
      return Array.from({ length: count }, () => {
        const { heldMs = 0 } = memory.select([correction], now);
        now += heldMs;
        memory.noteDone(correction, now);
        return heldMs;
      });
    }

    it('makes three at once, then waits longer each time, at most five minutes', () => {
      expect(pauses(11)).to.deep.equal(
        [0, 0, 0, 5, 10, 20, 40, 80, 160, 300, 300].map((seconds) => seconds * SECOND),
      );
    });

    it('holds back the object that is fought over, and nothing else', () => {
      const memory = createShortcutMemory();
      const other = anApply({ drift: true, cluster: 'milan' });
      for (let time = 0; time < 3; time += 1) memory.noteDone(correction, NOW);

      expect(memory.select([correction, other, deletion], NOW + SECOND)).to.deep.equal({
        due: [other, deletion],
        heldMs: 4 * SECOND,
      });
    });

    it('says when the first of several held ones may be tried', () => {
      const memory = createShortcutMemory();
      const other = anApply({ drift: true, cluster: 'milan' });
      for (let time = 0; time < 3; time += 1) memory.noteDone(correction, NOW);
      for (let time = 0; time < 3; time += 1) memory.noteDone(other, NOW + 2 * SECOND);

      expect(memory.select([correction, other], NOW + 2 * SECOND).heldMs).to.equal(3 * SECOND);
    });

    it('takes the fight for over after ten quiet minutes', () => {
      const memory = createShortcutMemory();
      for (let time = 0; time < 5; time += 1) memory.noteDone(correction, NOW);
      const later = NOW + 600 * SECOND;

      memory.noteDone(correction, later);

      expect(memory.select([correction], later)).to.deep.equal({ due: [correction] });
    });

    it('does not count what was no correction', () => {
      const memory = createShortcutMemory();
      for (let time = 0; time < 9; time += 1) memory.noteDone(anApply(), NOW);

      expect(memory.select([correction], NOW).due).to.deep.equal([correction]);
    });
  });

  describe('of deletions', () => {
    it('asks for each one once', () => {
      const memory = createShortcutMemory();

      memory.noteDone(deletion, NOW);

      expect(memory.select([deletion], NOW)).to.deep.equal({ due: [] });
    });

    it('asks again for an object that was made anew under the same name', () => {
      const memory = createShortcutMemory();
      const again = { ...deletion, uid: 'u-2' };

      memory.noteDone(deletion, NOW);

      expect(memory.select([again], NOW).due).to.deep.equal([again]);
    });
  });

  describe('of refusals', () => {
    it('does not repeat what was refused, and says why', () => {
      const memory = createShortcutMemory();
      const action = anApply();

      memory.noteRejected(action, rejection);

      expect(memory.select([action], NOW)).to.deep.equal({ due: [] });
      expect(memory.rejectionAmong([deletion, action])).to.equal(rejection);
    });

    it('knows it again under another reason, since it would send the same', () => {
      const memory = createShortcutMemory();

      memory.noteRejected(anApply(), rejection);

      expect(memory.select([anApply({ reason: 'is missing' })], NOW).due).to.be.empty;
    });

    it('tries again what is something else by now', () => {
      const memory = createShortcutMemory();
      const changed = anApply({ object: { ...object, spec: { mtu: 1300 } } });

      memory.noteRejected(anApply(), rejection);

      expect(memory.select([changed], NOW).due).to.deep.equal([changed]);
      expect(memory.rejectionAmong([changed])).to.equal(undefined);
    });

    it('forgives them: the leaf may have been upgraded', () => {
      const memory = createShortcutMemory();
      memory.noteRejected(anApply(), rejection);

      memory.forgiveRejections();

      expect(memory.select([anApply()], NOW).due).to.have.lengthOf(1);
      expect(memory.rejectionAmong([anApply()])).to.equal(undefined);
    });
  });

  it('keeps the last fifty entries of the history', () => {
    const memory = createShortcutMemory();
    const entry = { at: '', from: 'Ready', to: 'Down', message: '' };

    for (let index = 0; index < 60; index += 1) memory.note({ ...entry, reason: `${index}` });

    expect(memory.history.map(({ reason }) => reason)).to.deep.equal(
      Array.from({ length: 50 }, (_, index) => `${index + 10}`),
    );
  });
});

describe('Memories', () => {
  it('keeps one memory per shortcut until it is forgotten', () => {
    const memories = createMemories();
    const rome = memories.of('ns/rome-milan');

    expect(memories.of('ns/rome-milan')).to.equal(rome);
    expect(memories.of('ns/rome-naples')).not.to.equal(rome);

    memories.forget('ns/rome-milan');

    expect(memories.of('ns/rome-milan')).not.to.equal(rome);
  });

  it('counts the changes that a snapshot shows', () => {
    const memories = createMemories();
    const before = memories.version;

    memories.touch();

    expect(memories.version).to.equal(before + 1);
  });

  it('knows when the loop last showed life', () => {
    const memories = createMemories();
    expect(memories.lastBeat).to.equal(0);

    memories.beat(NOW);

    expect(memories.lastBeat).to.equal(NOW);
  });
});
