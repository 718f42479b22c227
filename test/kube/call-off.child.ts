/**
 * Calls requests off at every moment from the first microtask to the answer, then closes the connection. What goes wrong
 * there ends the whole process, so it runs in one of its own (see call-off.test.ts).
 */
import { createKubeClient } from '../../src/kube/client-node-client.ts';
import { parseKubeconfig } from '../../src/kube/parse-kubeconfig.ts';
import { CONFIG_MAP } from '../../src/model/kinds.ts';
import { createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';

type Turn = () => Promise<unknown>;

const TURNS: readonly (readonly [count: number, turn: Turn])[] = [
  [120, () => Promise.resolve()],
  [20, () => new Promise<void>((resolve) => process.nextTick(resolve))],
  [6, () => new Promise((resolve) => setImmediate(resolve))],
];

const server = createApiServer({ name: 'rome' });
await server.start();
const credentials = parseKubeconfig(server.kubeconfig('admin'), { cluster: 'rome' });
const client = await createKubeClient({ credentials, cluster: 'rome' });
const { signal } = new AbortController();
const ref = { kind: CONFIG_MAP, name: 'a', namespace: 'default' };
const metadata = { name: ref.name, namespace: ref.namespace };
await client.create(CONFIG_MAP, { apiVersion: 'v1', kind: 'ConfigMap', metadata }, { signal });
const { resourceVersion } = await client.list(CONFIG_MAP, { signal });

async function watch(options: { readonly signal: AbortSignal }): Promise<void> {
  const events = client.watch(CONFIG_MAP, { resourceVersion, ...options });
  for await (const { type } of events) process.stdout.write(`${type}\n`);
}

type Call = (options: { readonly signal: AbortSignal }) => Promise<unknown>;

const calls: readonly Call[] = [
  (options) => client.get(ref, options),
  (options) => client.patch(ref, { data: { now: `${performance.now()}` } }, options),
  watch,
];
async function callOffAfter(turns: number, turn: Turn, call: Call): Promise<void> {
  const caller = new AbortController();
  const ended = call({ signal: caller.signal }).catch((error: unknown) => error);
  for (let passed = 0; passed < turns; passed += 1) await turn();
  caller.abort();
  await ended;
}

for (const call of calls) {
  for (const [count, turn] of TURNS) {
    for (let turns = 0; turns < count; turns += 1) await callOffAfter(turns, turn, call);
  }
}
await client.get(ref, { signal });
await client.close();
await server.stop();
process.stdout.write('all calls ended\n');
