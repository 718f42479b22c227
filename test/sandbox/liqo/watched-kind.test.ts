import { expect } from 'chai';
import { ClusterUnreachableError, ExpiredError } from '../../../src/errors/errors.ts';
import type { KubeClient, KubeList, WatchEvent } from '../../../src/kube/kube-client.ts';
import { CONFIG_MAP } from '../../../src/model/kinds.ts';
import type { KubeObject } from '../../../src/model/kube-object.ts';
import { createWatchedKind, type ObjectChange } from '../../../src/sandbox/liqo/watched-kind.ts';

function map(name: string, version: number, rest: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'ns', resourceVersion: String(version), ...rest },
  };
}

function listed(version: number, ...items: readonly KubeObject[]): KubeList {
  return { items, resourceVersion: String(version) };
}

type Answer<T> = T | Error;

/** Answers lists and watches one after the other; what is an error is thrown. The last watch waits to be aborted. */
function scripted(
  lists: Answer<KubeList>[],
  watches: Answer<readonly WatchEvent[]>[],
): { readonly client: KubeClient; readonly from: string[] } {
  const from: string[] = [];
  const client = {
    list() {
      const answer = lists.shift() ?? new ClusterUnreachableError('no more lists');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    async *watch(
      _kind: unknown,
      { resourceVersion, signal }: { resourceVersion: string; signal: AbortSignal },
    ) {
      from.push(resourceVersion);
      const answer = watches.shift();
      if (answer instanceof Error) throw answer;
      if (answer !== undefined) {
        yield* answer;
        return;
      }
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    },
  };
  return { client: client as unknown as KubeClient, from };
}

describe('watched kind of a simulated leaf', () => {
  let stopping: AbortController;
  let changes: string[];

  beforeEach(() => {
    stopping = new AbortController();
    changes = [];
  });

  function watched(client: KubeClient) {
    return createWatchedKind({
      kind: CONFIG_MAP,
      client,
      clock: { now: () => 0, sleep: () => Promise.resolve() },
      signal: stopping.signal,
      onChange: ({ type, object }: ObjectChange) => changes.push(`${type} ${object.metadata.name}`),
    });
  }

  it('goes on from the last event or bookmark when a watch ends', async () => {
    const { client, from } = scripted(
      [listed(5, map('a', 3))],
      [[{ type: 'MODIFIED', object: map('a', 6) }], [{ type: 'BOOKMARK', resourceVersion: '9' }]],
    );
    const subject = watched(client);
    await subject.sync();
    const following = subject.follow();
    while (from.length < 3) await Promise.resolve();
    stopping.abort();
    await following;

    expect(from).to.deep.equal(['5', '6', '9']);
    expect(changes).to.deep.equal(['ADDED a', 'MODIFIED a']);
  });

  it('lists again after a loss, however often it takes, and tells what has changed meanwhile', async () => {
    const { client, from } = scripted(
      [
        listed(5, map('a', 3), map('b', 4), map('c', 5)),
        new ClusterUnreachableError('down'),
        listed(9, map('a', 3), map('b', 8), map('d', 9)),
      ],
      [new ExpiredError('too old'), new ClusterUnreachableError('still down')],
    );
    const subject = watched(client);
    await subject.sync();
    changes = [];
    const following = subject.follow();
    while (from.length < 3) await Promise.resolve();
    stopping.abort();
    await following;

    expect(changes).to.deep.equal(['DELETED c', 'MODIFIED b', 'ADDED d']);
    expect(from.at(-1)).to.equal('9');
  });

  it('takes in what a write returned, unless the watch knows better', async () => {
    const { client } = scripted([listed(5, map('a', 3))], []);
    const subject = watched(client);
    await subject.sync();

    subject.remember(map('a', 7));
    subject.remember(map('gone', 4));
    subject.remember(map('finalized', 8, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    subject.remember(
      map('terminating', 8, { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x'] }),
    );

    expect([...subject.objects.keys()]).to.deep.equal(['ns/a', 'ns/terminating']);
    expect(subject.objects.get('ns/a')?.metadata.resourceVersion).to.equal('7');
    expect(changes).to.deep.equal(['ADDED a']);
  });
});
