import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { TunnelNetwork } from '../../../src/sandbox/liqo/tunnel-network.ts';
import type { FromLeaves, LeafCalls, ToLeaves } from './channel.ts';
import { carryOut } from './wire.ts';

type Argument<Name extends keyof LeafCalls> = Parameters<LeafCalls[Name]>[0];
type Answer<Name extends keyof LeafCalls> = Awaited<ReturnType<LeafCalls[Name]>>;

/** A process that holds leaves, seen from the outside. */
export interface LeafHost {
  /** Rejects when the call fails there, or when the process has ended. */
  call<Name extends keyof LeafCalls>(name: Name, argument?: Argument<Name>): Promise<Answer<Name>>;
  /** Ends the process. */
  end(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a process for leaves; their tunnels meet on `network`, which lies in this process. */
export function startLeafHost(network: TunnelNetwork): LeafHost {
  const child = fork(join(import.meta.dirname, 'leaf-process.ts'), { serialization: 'advanced' });
  const waiting = new Map<number, Waiting>();
  let lastID = 0;

  function send(message: ToLeaves): void {
    if (child.connected) child.send(message);
  }

  function settle(id: number, settleOne: (one: Waiting) => void): void {
    const one = waiting.get(id);
    waiting.delete(id);
    if (one !== undefined) settleOne(one);
  }

  child.on('message', (message: FromLeaves) => {
    switch (message.kind) {
      case 'answer':
        settle(message.id, ({ resolve }) => resolve(message.value));
        return;
      case 'failed':
        settle(message.id, ({ reject }) => reject(new Error(message.message)));
        return;
      case 'wire':
        carryOut(message.call, network, (news) => send({ kind: 'link', news }));
    }
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('a process of leaves has ended'));
    waiting.clear();
  });

  return {
    call: (name, argument) => {
      lastID += 1;
      const id = lastID;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(id, { resolve, reject });
      send({ kind: 'call', id, name, argument });
      return promise as Promise<Answer<typeof name>>;
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
