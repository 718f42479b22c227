import { isAbort } from '../../errors/classify.ts';
import { NotFoundError } from '../../errors/errors.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import { timestamp } from './configuration-controller.ts';
import { labelOf, listAt, ownerOfKind, textAt, textsAt, uidOf } from './fields.ts';
import { CLIENT_ROLE, type GatewayRole, SERVER_ROLE } from './gateway-role.ts';
import { CONNECTION } from './kinds.ts';
import type { LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { LOSS_THRESHOLD } from './pace.ts';
import { KEY_LENGTH, publicKeyOf } from './wireguard-keys.ts';

/**
 * The programs in one running gateway Pod (NETWORK.md sections 6 and 7.4). The private key and the arguments are read at
 * start and never again. Only a PublicKey event makes the Connection; only pings change its status.
 */
export interface GatewayProgram {
  /** The peer's key as the PublicKey object gives it. A key of a wrong length panics the real program: nothing changes. */
  learnPeer(publicKey: KubeObject): Promise<void>;
  /** A frozen program answers no ping and writes nothing: its Connection keeps the last value. */
  freeze(on: boolean): void;
  /** Resolves when the last write is over. */
  stop(): Promise<void>;
}

/** Starts the programs; throws a TypeError when the Secret holds no usable key. */
export function startGatewayProgram(
  leaf: LeafContext,
  pod: KubeObject,
  secret: KubeObject,
): GatewayProgram {
  const settings = readArguments(pod);
  const { namespace = '' } = pod.metadata;
  const connectionName = names.gatewayObjectName(settings.name);
  const id = `${leaf.clusterID}/${namespace}/${uidOf(pod)}`;
  const publicKey = publicKeyOf(textAt(secret, 'data.privateKey') ?? '');
  let peerKey: string | undefined;
  let frozen = false;
  let linkUp = false;
  let phase = new AbortController();
  let phaseDone: Promise<void> = Promise.resolve();
  const lossMs = leaf.pace.pingInterval * LOSS_THRESHOLD;
  let lostAt = leaf.clock.now();
  let frozenAt = lostAt;
  let samples = 0;

  function attach(): void {
    leaf.network.attach(
      {
        id,
        clusterID: leaf.clusterID,
        remoteID: settings.remoteID,
        role: settings.role.mode,
        target: `${leaf.clusterID}/${namespace}/${settings.name}`,
        mtu: settings.mtu,
        publicKey,
        peerKey,
        dials: settings.dials,
        frozen,
      },
      (up) => {
        if (linkUp && !up) lostAt = leaf.clock.now();
        linkUp = up;
        enterPhase();
      },
    );
  }

  /** Starts what the link's state asks for, and ends what the former one was doing. */
  function enterPhase(): void {
    phase.abort();
    phase = new AbortController();
    if (frozen) return;
    const signal = AbortSignal.any([leaf.signal, phase.signal]);
    const former = phaseDone;
    phaseDone = former.then(() => (linkUp ? reportPings(signal) : reportLoss(signal))).catch(quiet);
  }

  async function reportPings(signal: AbortSignal): Promise<void> {
    await leaf.clock.sleep(leaf.pace.handshake, { signal });
    // The first answer is to the ping that waited in the queue while there was no link.
    let latency = leaf.clock.now() - lostAt;
    for (;;) {
      await report('Connected', formatLatency(latency), timestamp(leaf));
      await leaf.clock.sleep(leaf.pace.refreshInterval, { signal });
      samples += 1;
      latency = sampleLatency(samples);
    }
  }

  async function reportLoss(signal: AbortSignal): Promise<void> {
    await leaf.clock.sleep(lossMs, { signal });
    await reportError();
  }

  /** Also the first word of a program that hung for so long: only then it reads the answers (as recorded). */
  function reportError(): Promise<void> {
    return report('Error', 'N/A', null);
  }

  /** No Connection, no report: it is made again only by a PublicKey event. */
  async function report(value: string, latency: string, time: string | null): Promise<void> {
    const connection = leaf.objects.get(CONNECTION, namespace, connectionName);
    if (connection === undefined) return;
    const status = { value, latency: { value: latency, timestamp: time } };
    try {
      await leaf.objects.patchStatus(CONNECTION, connection, status);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  function quiet(error: unknown): void {
    if (isAbort(error)) return;
    leaf.logger.debug({ err: error, component: 'gateway' }, 'Gateway program could not report');
  }

  async function ensureConnection(): Promise<void> {
    const known = leaf.objects.get(CONNECTION, namespace, connectionName);
    if (known !== undefined && !leaf.features.resetsConnection) return;
    const connection = await leaf.objects.ensure(
      CONNECTION,
      connectionFor(pod, settings, connectionName),
    );
    // Without a value for a moment: the ForeignCluster takes that for an error (as recorded).
    await leaf.pause('gateway');
    await leaf.objects.patchStatus(CONNECTION, connection, { value: 'Connecting', latency: {} });
    if (linkUp) lostAt = leaf.clock.now();
    enterPhase();
  }

  attach();
  return {
    async learnPeer(object) {
      const key = textAt(object, 'spec.publicKey') ?? '';
      if (Buffer.from(key, 'base64').length !== KEY_LENGTH) return;
      await ensureConnection();
      peerKey = key;
      attach();
    },
    freeze(on) {
      if (on && !frozen) frozenAt = leaf.clock.now();
      const woken = frozen && !on;
      frozen = on;
      if (woken && leaf.clock.now() - frozenAt > lossMs) phaseDone = phaseDone.then(reportError);
      attach();
      enterPhase();
    },
    async stop() {
      leaf.network.detach(id);
      phase.abort();
      await phaseDone;
    },
  };
}

interface GatewaySettings {
  readonly role: GatewayRole;
  readonly name: string;
  readonly remoteID: string;
  readonly gatewayUID: string;
  readonly mtu: number;
  readonly dials: string | undefined;
}

/** The command line of the wireguard container: what the gateway really runs with, whatever the spec says by now. */
function readArguments(pod: KubeObject): GatewaySettings {
  const container = listAt(pod, 'spec.containers').find(
    (entry) => textAt(entry, 'name') === 'wireguard',
  );
  const values = new Map(
    textsAt(container, 'args').map((argument) => {
      const [flag = '', value = ''] = argument.split('=', 2);
      return [flag, value];
    }),
  );
  const valueOf = (flag: string): string => values.get(flag) ?? '';
  const isServer = valueOf('--mode') === 'server';
  return {
    role: isServer ? SERVER_ROLE : CLIENT_ROLE,
    name: valueOf('--name'),
    remoteID: valueOf('--remote-cluster-id'),
    gatewayUID: valueOf('--gateway-uid'),
    mtu: Number(valueOf('--mtu')),
    dials: isServer ? undefined : `${valueOf('--endpoint-address')}:${valueOf('--endpoint-port')}`,
  };
}

/** `gatewayRef` names the WgGateway but carries the UID of the GatewayServer or GatewayClient (as recorded). */
function connectionFor(pod: KubeObject, settings: GatewaySettings, name: string): KubeObject {
  const { namespace = '' } = pod.metadata;
  const { role, gatewayUID: uid } = settings;
  const { apiVersion } = role.gateway;
  return {
    apiVersion: CONNECTION.apiVersion,
    kind: CONNECTION.kind,
    metadata: {
      name,
      namespace,
      labels: { [names.LABEL_REMOTE_ID]: settings.remoteID },
      ownerReferences: [{ apiVersion, kind: role.gateway.kind, name: settings.name, uid }],
    },
    spec: {
      type: role.connectionType,
      gatewayRef: { apiVersion, kind: role.wgGateway.kind, name: settings.name, namespace, uid },
    },
  };
}

/** The peer's ID that a gateway Pod serves, for finding its PublicKeys. */
export function remoteIDOf(pod: KubeObject): string {
  return readArguments(pod).remoteID;
}

/** True for the Pods that run gateway programs. */
export function isGatewayPod(pod: KubeObject): boolean {
  return (
    labelOf(pod, names.LABEL_COMPONENT) === 'gateway' &&
    ownerOfKind(pod, 'Deployment') !== undefined
  );
}

/** Milliseconds that look like a measurement: 0.8 to 3.3, never the same twice in a row. */
function sampleLatency(sample: number): number {
  return 0.827 + ((sample * 7) % 11) * 0.25;
}

/** Go's duration text, to three digits: `3ms`, `830μs` with the Greek letter (as recorded). */
function formatLatency(ms: number): string {
  return ms < 1 && ms > 0 ? `${Math.round(ms * 1000)}μs` : `${Math.max(1, Math.round(ms))}ms`;
}
