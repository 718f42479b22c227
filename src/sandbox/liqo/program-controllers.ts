import type { KubeObject } from '../../model/kube-object.ts';
import { isTerminating, keyOf, labelOf, splitKey, textAt } from './fields.ts';
import {
  type GatewayProgram,
  isGatewayPod,
  remoteIDOf,
  startGatewayProgram,
} from './gateway-program.ts';
import { POD, PUBLIC_KEY } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { keySecretOf } from './workload-controller.ts';

/** The gateway programs that run on one leaf, by Pod. */
export interface GatewayPrograms {
  readonly controllers: readonly Controller[];
  /** Stops answering (and reporting) in all gateway Pods, or goes on. */
  freeze(on: boolean): void;
  stop(): Promise<void>;
}

interface Running {
  readonly uid: string | undefined;
  readonly remoteID: string;
  readonly program: GatewayProgram;
}

/** Starts and stops programs with their Pods, and hands them the PublicKeys. */
export function createGatewayPrograms(leaf: LeafContext): GatewayPrograms {
  const running = new Map<string, Running>();
  let frozen = false;

  async function followPod(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const pod = leaf.objects.get(POD, namespace, name);
    const known = running.get(key);
    if (known !== undefined && (!isRunning(pod) || known.uid !== pod.metadata.uid)) {
      running.delete(key);
      await known.program.stop();
    }
    if (isRunning(pod) && !running.has(key)) await start(key, pod);
  }

  async function start(key: string, pod: KubeObject): Promise<void> {
    const secret = keySecretOf(leaf, pod);
    if (secret === undefined) return;
    const program = startGatewayProgram(leaf, pod, secret);
    const remoteID = remoteIDOf(pod);
    running.set(key, { uid: pod.metadata.uid, remoteID, program });
    if (frozen) program.freeze(true);
    const labels = { [names.LABEL_REMOTE_ID]: remoteID };
    const { namespace = '' } = pod.metadata;
    for (const publicKey of leaf.objects.list(PUBLIC_KEY, { namespace, labels })) {
      await program.learnPeer(publicKey);
    }
  }

  async function followKey(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const publicKey = leaf.objects.get(PUBLIC_KEY, namespace, name);
    if (publicKey === undefined) return;
    for (const [podKey, { remoteID, program }] of running) {
      const isFor =
        splitKey(podKey).namespace === namespace &&
        labelOf(publicKey, names.LABEL_REMOTE_ID) === remoteID;
      if (isFor) await program.learnPeer(publicKey);
    }
  }

  return {
    controllers: [
      {
        name: 'gateway-program',
        triggers: [
          { kind: POD, keys: ({ object }) => (isGatewayPod(object) ? [keyOf(object)] : []) },
        ],
        reconcile: followPod,
      },
      {
        name: 'public-key',
        triggers: [{ kind: PUBLIC_KEY, keys: ({ object }) => [keyOf(object)] }],
        reconcile: followKey,
      },
    ],
    freeze(on) {
      frozen = on;
      for (const { program } of running.values()) program.freeze(on);
    },
    async stop() {
      const programs = [...running.values()];
      running.clear();
      for (const { program } of programs) await program.stop();
    },
  };
}

function isRunning(pod: KubeObject | undefined): pod is KubeObject {
  return pod !== undefined && !isTerminating(pod) && textAt(pod, 'status.phase') === 'Running';
}
