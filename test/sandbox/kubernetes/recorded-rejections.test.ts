import { expect } from 'chai';
import { type ApiServer, createApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import { loadLiqoCRDs } from '../../../src/sandbox/liqo/liqo-crds.ts';
import { NAMESPACE } from '../../../src/model/kinds.ts';
import { HttpCaller } from './http-caller.ts';
import { CRD } from './widgets.ts';

const signal = new AbortController().signal;

const PLURALS: Readonly<Record<string, string>> = {
  Configuration: 'configurations',
  GatewayServer: 'gatewayservers',
  GatewayClient: 'gatewayclients',
  PublicKey: 'publickeies',
};

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly spec: unknown;
  readonly metadata?: object;
  /** The namespace of the path. */
  readonly namespace?: string;
  /** The recorded answer; absent: accepted. */
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

const external = ['10.70.0.0/16'];

function notCidr(name: string, value: string, what = value): Case {
  const because = `spec.remote.cidr.pod[0] in body must be of type cidr: ${JSON.stringify(value)}`;
  return {
    name,
    kind: 'Configuration',
    spec: { remote: { cidr: { pod: [what], external } } },
    code: 422,
    reason: 'Invalid',
    message: `Configuration.networking.liqo.io "x" is invalid: spec.remote.cidr.pod[0]: Invalid value: ${JSON.stringify(value)}: ${because}`,
    field: 'spec.remote.cidr.pod[0]',
  };
}

function typedPatch(name: string, kind: string, spec: unknown, problem: string): Case {
  const object = `liqo-tenant-ghost/x; networking.liqo.io/v1beta1, Kind=${kind}`;
  return {
    name,
    kind,
    spec,
    code: 500,
    message: `failed to create typed patch object (${object}): ${problem}`,
  };
}

function notBytes(name: string, value: string): Case {
  const quoted = JSON.stringify(value);
  return {
    name,
    kind: 'PublicKey',
    spec: { publicKey: value },
    code: 422,
    reason: 'Invalid',
    message: `PublicKey.networking.liqo.io "x" is invalid: spec.publicKey: Invalid value: ${quoted}: spec.publicKey in body must be of type byte: ${quoted}`,
    field: 'spec.publicKey',
  };
}

const ADDRESS = { addresses: ['172.30.0.1'], port: 31000, protocol: 'UDP' };

// What a real kube-apiserver 1.35.4 with Liqo's CRDs answered, word for word.
const cases: readonly Case[] = [
  notCidr('pod without mask', '10.200.0.0'),
  notCidr('pod out of range', '300.1.0.0/16'),
  notCidr('empty text in a list', ''),
  {
    name: 'host bits',
    kind: 'Configuration',
    spec: { remote: { cidr: { pod: ['10.200.0.1/16'], external } } },
  },
  {
    name: 'IPv6',
    kind: 'Configuration',
    spec: { remote: { cidr: { pod: ['fd00::/48'], external } } },
  },
  {
    name: 'empty lists',
    kind: 'Configuration',
    spec: { remote: { cidr: { pod: [], external: [] } } },
  },
  typedPatch(
    'texts instead of lists',
    'Configuration',
    { remote: { cidr: { pod: '10.200.0.0/16', external: '10.70.0.0/16' } } },
    'errors:\n  .spec.remote.cidr.external: expected list, got &{10.70.0.0/16}\n  .spec.remote.cidr.pod: expected list, got &{10.200.0.0/16}',
  ),
  {
    name: 'duplicates in an atomic list',
    kind: 'Configuration',
    spec: { remote: { cidr: { pod: ['10.200.0.0/16', '10.200.0.0/16'], external } } },
  },
  { name: 'empty spec', kind: 'Configuration', spec: {} },
  typedPatch(
    'an unknown field',
    'Configuration',
    { remote: { cidr: { pods: ['10.200.0.0/16'] } } },
    '.spec.remote.cidr.pods: field not declared in schema',
  ),
  {
    name: 'a name with a capital',
    kind: 'Configuration',
    spec: {},
    metadata: { name: 'Rome' },
    code: 422,
    reason: 'Invalid',
    message: `Configuration.networking.liqo.io "Rome" is invalid: metadata.name: Invalid value: "Rome": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    field: 'metadata.name',
  },
  {
    name: 'a label with a space',
    kind: 'Configuration',
    spec: {},
    metadata: { name: 'x', labels: { a: 'a b' } },
    code: 422,
    reason: 'Invalid',
    message: `Configuration.networking.liqo.io "x" is invalid: metadata.labels: Invalid value: "a b": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    field: 'metadata.labels',
  },
  {
    name: 'a missing namespace',
    kind: 'Configuration',
    spec: {},
    namespace: 'liqo-tenant-nowhere',
    code: 404,
    reason: 'NotFound',
    message: 'namespaces "liqo-tenant-nowhere" not found',
  },
  {
    name: 'an unknown service type',
    kind: 'GatewayServer',
    spec: { endpoint: { port: 51840, serviceType: 'Nodeport' } },
    code: 422,
    reason: 'Invalid',
    message:
      'GatewayServer.networking.liqo.io "x" is invalid: spec.endpoint.serviceType: Unsupported value: "Nodeport": supported values: "ClusterIP", "NodePort", "LoadBalancer", "ExternalName"',
    field: 'spec.endpoint.serviceType',
  },
  {
    name: 'a port that is none',
    kind: 'GatewayServer',
    spec: { endpoint: { port: 70000, serviceType: 'NodePort' } },
  },
  { name: 'a negative MTU', kind: 'GatewayServer', spec: { mtu: -5 } },
  typedPatch(
    'an MTU as text',
    'GatewayServer',
    { mtu: '1340' },
    '.spec.mtu: expected numeric (int or float), got string',
  ),
  {
    name: 'an unknown protocol',
    kind: 'GatewayClient',
    spec: { endpoint: { ...ADDRESS, protocol: 'SCTP' } },
    code: 422,
    reason: 'Invalid',
    message:
      'GatewayClient.networking.liqo.io "x" is invalid: spec.endpoint.protocol: Unsupported value: "SCTP": supported values: "TCP", "UDP"',
    field: 'spec.endpoint.protocol',
  },
  {
    name: 'an address that is none',
    kind: 'GatewayClient',
    spec: { endpoint: { ...ADDRESS, addresses: ['not an address!'] } },
  },
  notBytes('a key that is not base64', '***'),
  notBytes('an empty key', ''),
  notBytes('a key in base64url', '-_-_'),
  { name: 'a key of three bytes', kind: 'PublicKey', spec: { publicKey: 'AAAA' } },
];

describe('rejections recorded from a real API server', () => {
  let server: ApiServer;
  let http: HttpCaller;

  before(async () => {
    server = createApiServer({ name: 'rome' });
    await server.start();
    http = new HttpCaller(server);
    const client = server.client();
    for (const crd of await loadLiqoCRDs('1.2')) await client.create(CRD, crd, { signal });
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'liqo-tenant-ghost' },
    };
    await client.create(NAMESPACE, namespace, { signal });
  });

  after(async () => {
    await http.close();
    await server.stop();
  });

  for (const { name, kind, spec, metadata, namespace, code, reason, message, field } of cases) {
    it(`answers ${kind}: ${name}`, async () => {
      const where = namespace ?? 'liqo-tenant-ghost';
      const meta = { name: 'x', ...metadata };
      const root = `/apis/networking.liqo.io/v1beta1/namespaces/${where}/${PLURALS[kind] ?? ''}`;
      const object = { apiVersion: 'networking.liqo.io/v1beta1', kind, metadata: meta, spec };

      const answer = await http.call(
        'PATCH',
        `${root}/${meta.name}?fieldManager=probe&force=true`,
        { body: object, type: 'application/apply-patch+yaml' },
      );
      await http.call('DELETE', `${root}/${meta.name}`);

      if (code === undefined) {
        expect(answer.code, JSON.stringify(answer.body)).to.equal(201);
        expect(answer.body.spec).to.deep.include(spec);
        return;
      }
      expect(answer.body).to.deep.include({ code, message });
      expect(answer.body.reason).to.equal(reason);
      const [cause] = answer.body.details.causes ?? [];
      expect(cause?.field).to.equal(field);
      if (cause !== undefined) expect(message).to.contain(cause.message);
    });
  }

  it('answers a change of an immutable field with the rule’s message', async () => {
    const root = '/apis/ipam.liqo.io/v1alpha1/namespaces/liqo-tenant-ghost/networks';
    const network = {
      apiVersion: 'ipam.liqo.io/v1alpha1',
      kind: 'Network',
      metadata: { name: 'n' },
      spec: { cidr: '10.203.0.0/16' },
    };
    await http.call('POST', root, { body: network });

    const answer = await http.call('PATCH', `${root}/n`, {
      body: { spec: { cidr: '10.1.0.0/16' } },
      type: 'application/merge-patch+json',
    });

    expect(answer.code).to.equal(422);
    expect(answer.body.message).to.equal(
      'Network.ipam.liqo.io "n" is invalid: spec.cidr: Invalid value: "10.1.0.0/16": CIDR field is immutable',
    );
  });
});
