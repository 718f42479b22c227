import { expect } from 'chai';
import { type ApiServer, createApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import type { StatusCause } from '../../../src/sandbox/kubernetes/api-status-error.ts';
import { loadLiqoCRDs } from '../../../src/sandbox/liqo/liqo-crds.ts';
import { NAMESPACE } from '../../../src/model/kinds.ts';
import { readRecording } from '../liqo/recorded/recording-files.ts';
import { HttpCaller } from './http-caller.ts';
import { CRD } from './widgets.ts';

const signal = new AbortController().signal;

const PLURALS: Readonly<Record<string, string>> = {
  Configuration: 'configurations',
  GatewayServer: 'gatewayservers',
  GatewayClient: 'gatewayclients',
  PublicKey: 'publickeies',
};

/** What was sent. */
interface Input {
  readonly spec: unknown;
  readonly metadata?: object;
  readonly namespace?: string;
  readonly query?: string;
}

/** What came back. */
interface Answered {
  readonly name: string;
  readonly storedSpec?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly causes?: readonly StatusCause[];
}

const external = ['10.70.0.0/16'];

function remote(pod: unknown, rest: object = { external }): Input {
  return { spec: { remote: { cidr: { pod, ...rest } } } };
}

function server(endpoint: object, rest: object = {}): Input {
  const serverTemplateRef = templateRef('WgGatewayServerTemplate', 'wireguard-server');
  return { spec: { mtu: 1340, endpoint, serverTemplateRef, ...rest } };
}

function client(endpoint?: object): Input {
  const clientTemplateRef = templateRef('WgGatewayClientTemplate', 'wireguard-client');
  return {
    spec: { mtu: 1340, clientTemplateRef, ...(endpoint === undefined ? {} : { endpoint }) },
  };
}

function templateRef(kind: string, name: string): object {
  return { apiVersion: 'networking.liqo.io/v1beta1', kind, name, namespace: 'liqo' };
}

const NODE_PORT = { port: 51840, serviceType: 'NodePort' };
const ADDRESS = { addresses: ['172.30.0.1'], port: 31000, protocol: 'UDP' };
const UNKNOWN_FIELD = { spec: { remote: { cidr: { pods: ['10.1.0.0/16'], external } } } };
const GOOD = remote(['10.1.0.0/16']).spec;

/** The recordings tell the values by name only. */
const INPUTS: Readonly<Record<string, Input>> = {
  'Configuration: pod without mask 10.200.0.0': remote(['10.200.0.0']),
  'Configuration: pod 300.1.0.0/16': remote(['300.1.0.0/16']),
  'Configuration: pod with host bits 10.200.0.1/16': remote(['10.200.0.1/16']),
  'Configuration: pod IPv6 fd00::/48': remote(['fd00::/48']),
  'Configuration: empty string in list': remote(['']),
  'Configuration: empty lists': remote([], { external: [] }),
  'Configuration: strings instead of lists': remote('10.200.0.0/16', { external: external[0] }),
  'Configuration: duplicate entries': remote(['10.200.0.0/16', '10.200.0.0/16']),
  'Configuration: empty spec': { spec: {} },
  'Configuration: remote without external': remote(['10.1.0.0/16'], {}),
  'Configuration: unknown field pods, Strict': {
    ...UNKNOWN_FIELD,
    query: 'fieldValidation=Strict',
  },
  'Configuration: unknown field pods, Warn': { ...UNKNOWN_FIELD, query: 'fieldValidation=Warn' },
  'Configuration: name Rome': { spec: GOOD, metadata: { name: 'Rome' } },
  'Configuration: label value with space': {
    spec: GOOD,
    metadata: { labels: { 'liqo.io/remote-cluster-id': 'a b' } },
  },
  'Configuration: missing namespace': { spec: GOOD, namespace: 'liqo-tenant-nowhere' },
  'Configuration: no label at all': { spec: GOOD },
  'GatewayServer: serviceType Nodeport': server({ port: 51840, serviceType: 'Nodeport' }),
  'GatewayServer: port 70000': server({ ...NODE_PORT, port: 70000 }),
  'GatewayServer: port 0': server({ ...NODE_PORT, port: 0 }),
  'GatewayServer: nodePort 80': server({ ...NODE_PORT, nodePort: 80 }),
  'GatewayServer: nodePort 70000': server({ ...NODE_PORT, nodePort: 70000 }),
  'GatewayServer: mtu -5': server(NODE_PORT, { mtu: -5 }),
  'GatewayServer: mtu 99999': server(NODE_PORT, { mtu: 99999 }),
  'GatewayServer: mtu "1340" (string)': server(NODE_PORT, { mtu: '1340' }),
  'GatewayServer: ports (field of HEAD)': server({ ports: [51840], serviceType: 'NodePort' }),
  'GatewayServer: no serviceType': server({ port: 51840 }),
  'GatewayServer: no port': server({ serviceType: 'NodePort' }),
  'GatewayServer: empty spec': { spec: {} },
  'GatewayServer: loadBalancerIP nonsense': server({
    port: 51840,
    serviceType: 'LoadBalancer',
    loadBalancerIP: 'nope',
  }),
  'GatewayClient: protocol SCTP': client({ ...ADDRESS, protocol: 'SCTP' }),
  'GatewayClient: addresses []': client({ ...ADDRESS, addresses: [] }),
  'GatewayClient: address nonsense': client({ ...ADDRESS, addresses: ['not an address!'] }),
  'GatewayClient: no endpoint': client(),
  'GatewayClient: port 70000': client({ ...ADDRESS, port: 70000 }),
  'GatewayClient: empty spec': { spec: {} },
  'PublicKey: not base64': { spec: { publicKey: '***' } },
  'PublicKey: 3 bytes': { spec: { publicKey: 'AAAA' } },
  'PublicKey: empty spec': { spec: {} },
  'PublicKey: empty string': { spec: { publicKey: '' } },
  'PublicKey: base64url instead of base64': { spec: { publicKey: '-_-_' } },
};

/** Changes of immutable fields were tried with kubectl, which says less. */
const IMMUTABLE = {
  'Network.spec.cidr changed (CEL)': {
    path: '/apis/ipam.liqo.io/v1alpha1/namespaces/liqo-tenant-ghost/networks',
    object: {
      apiVersion: 'ipam.liqo.io/v1alpha1',
      kind: 'Network',
      metadata: { name: 'ghost-pod-10-203-0-0-16' },
      spec: { cidr: '10.203.0.0/16' },
    },
    change: { spec: { cidr: '10.1.0.0/16' } },
  },
  'ForeignCluster.spec.clusterID changed (CEL)': {
    path: '/apis/core.liqo.io/v1beta1/foreignclusters',
    object: {
      apiVersion: 'core.liqo.io/v1beta1',
      kind: 'ForeignCluster',
      metadata: { name: 'ghost' },
      spec: { clusterID: 'ghost' },
    },
    change: { spec: { clusterID: 'other' } },
  },
};

const STORED = 'ACCEPTED, stored spec: ';
const CAUSES = '\n    causes: ';

/** Reads `- <name>`, then the stored spec, or code, reason, message and causes. */
function parseAnswers(text: string): readonly Answered[] {
  return text
    .split(/^- /m)
    .slice(1)
    .map((entry) => {
      const [name = '', ...rest] = entry.trimEnd().split('\n');
      const [answer = '', causes] = rest.join('\n').trimStart().split(CAUSES);
      if (answer.startsWith(STORED)) {
        return { name, storedSpec: JSON.parse(answer.slice(STORED.length)) as unknown };
      }
      const [, code, reason = '', message = answer] = /^(\d{3}) (\w+): (.*)$/s.exec(answer) ?? [];
      return {
        name,
        message,
        ...(code === undefined ? {} : { code: Number(code), reason }),
        ...(causes === undefined ? {} : { causes: JSON.parse(causes) as StatusCause[] }),
      };
    });
}

const answers = parseAnswers(await readRecording('probes/k-invalid.txt'));

describe('values that a real API server took or refused', () => {
  let api: ApiServer;
  let http: HttpCaller;

  before(async () => {
    api = createApiServer({ name: 'rome' });
    await api.start();
    http = new HttpCaller(api);
    const admin = api.client();
    for (const crd of await loadLiqoCRDs('1.2')) await admin.create(CRD, crd, { signal });
    const metadata = { name: 'liqo-tenant-ghost' };
    await admin.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata }, { signal });
  });

  after(async () => {
    await http.close();
    await api.stop();
  });

  it('are 42, and each has its recorded answer', () => {
    const names = answers.map(({ name }) => name);
    expect(names).to.have.length(42);
    expect(names).to.have.members([...Object.keys(INPUTS), ...Object.keys(IMMUTABLE)]);
  });

  for (const { name, storedSpec, code, reason, message, causes } of answers) {
    const input = INPUTS[name];
    if (input === undefined) continue;
    it(`answers ${name}`, async () => {
      const [kind = ''] = name.split(':');
      const namespace = input.namespace ?? 'liqo-tenant-ghost';
      const metadata = { name: 'x', namespace, ...input.metadata };
      const root = `/apis/networking.liqo.io/v1beta1/namespaces/${namespace}/${PLURALS[kind] ?? ''}`;
      const query = `fieldManager=probe&force=true&${input.query ?? ''}`;
      const body = { apiVersion: 'networking.liqo.io/v1beta1', kind, metadata, spec: input.spec };

      const type = 'application/apply-patch+yaml';
      const answer = await http.call('PATCH', `${root}/${metadata.name}?${query}`, { body, type });
      await http.call('DELETE', `${root}/${metadata.name}`);

      if (storedSpec !== undefined) {
        expect(answer.code, JSON.stringify(answer.body)).to.equal(201);
        expect(answer.body.spec).to.deep.equal(storedSpec);
        return;
      }
      expect(answer.body).to.deep.include({ code, message });
      // The recording writes "undefined" where the answer has no reason.
      expect(answer.body.reason).to.equal(reason === 'undefined' ? undefined : reason);
      if (causes !== undefined) expect(answer.body.details?.causes).to.deep.equal(causes);
    });
  }

  for (const [name, { path, object, change }] of Object.entries(IMMUTABLE)) {
    it(`answers ${name}`, async () => {
      const recorded = answers.find((answer) => answer.name === name)?.message ?? '';
      await http.call('POST', path, { body: object });

      const answer = await http.call('PATCH', `${path}/${object.metadata.name}`, {
        body: change,
        type: 'application/merge-patch+json',
      });

      expect(answer.code).to.equal(422);
      // kubectl writes `The <Kind> "<name>" is invalid: <cause>`.
      const [cause] = answer.body.details?.causes ?? [];
      const kubectl = `The ${object.kind} "${object.metadata.name}" is invalid: ${cause?.field ?? ''}: ${cause?.message ?? ''}`;
      expect(kubectl).to.equal(recorded);
    });
  }
});
