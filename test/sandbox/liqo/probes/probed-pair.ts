import type { KubeObject } from '../../../../src/model/kube-object.ts';
import { textAt } from '../../../../src/sandbox/liqo/fields.ts';
import { CONNECTION } from '../../../../src/sandbox/liqo/kinds.ts';
import type { LiqoLeafOptions } from '../../../../src/sandbox/liqo/liqo-leaf.ts';
import { connect, startPair, stopAll, type TestLeaf } from '../leaf-pair.ts';
import { type LeafView, viewOf } from './leaf-view.ts';

/** rome (client) and milan (server) with a live tunnel, as the probes found them. */
export interface ProbedPair {
  readonly rome: TestLeaf;
  readonly milan: TestLeaf;
  readonly onRome: LeafView;
  readonly onMilan: LeafView;
  /** Waits until the Connections of both sides say this. */
  bothSay(value: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startProbedPair(options: Partial<LiqoLeafOptions> = {}): Promise<ProbedPair> {
  const { rome, milan } = await startPair('1.2', options);
  await connect(rome, milan);
  const [onRome, onMilan] = [viewOf(rome, 'milan'), viewOf(milan, 'rome')];
  return {
    rome,
    milan,
    onRome,
    onMilan,
    bothSay: async (value) => {
      await untilSays(onRome, value);
      await untilSays(onMilan, value);
    },
    stop: () => stopAll(rome, milan),
  };
}

export function valueOf(connection: KubeObject | undefined): string | undefined {
  return textAt(connection, 'status.value');
}

export function untilSays(view: LeafView, value: string): Promise<KubeObject> {
  return view.until(CONNECTION, value, (connection) => valueOf(connection) === value);
}

/** The Connection’s next refresh: its gateway goes on reporting. */
export async function untilRefreshed(view: LeafView): Promise<void> {
  const before = (await view.get(CONNECTION))?.metadata.resourceVersion;
  await view.until(CONNECTION, 'refresh', ({ metadata }) => metadata.resourceVersion !== before);
}

/** Body of a patch that changes nothing but makes controllers look. */
export const TOUCH = { metadata: { annotations: { 'lab/poke': '1' } } };
