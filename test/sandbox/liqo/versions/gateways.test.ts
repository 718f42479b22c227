import { expect } from 'chai';
import { RejectedByApiError } from '../../../../src/errors/errors.ts';
import type { KubeObject } from '../../../../src/model/kube-object.ts';
import { numberAt, textsAt, valueAt } from '../../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../../src/sandbox/liqo/kinds.ts';
import {
  createConfiguration,
  createServer,
  endpointOf,
  eventually,
  find,
  tenant,
  type TestLeaf,
} from '../leaf-pair.ts';
import { isBefore12, onLeaf, VERSIONS } from './every-version.ts';

const signal = new AbortController().signal;
const NAMESPACE = tenant('ghost');
const SERVER = { kind: kinds.GATEWAY_SERVER, namespace: NAMESPACE, name: 'ghost' };
const POD = { kind: kinds.POD, namespace: NAMESPACE, name: 'second' };
const TEMPLATE = {
  kind: kinds.WG_SERVER_TEMPLATE,
  namespace: 'liqo',
  name: 'wireguard-server',
};

async function serve(naples: TestLeaf, peer = 'ghost', endpoint?: object): Promise<void> {
  await createConfiguration(naples, peer);
  await createServer(naples, peer, endpoint);
  await endpointOf(naples, peer);
}

const server = (naples: TestLeaf) => find(naples, kinds.GATEWAY_SERVER, NAMESPACE, 'ghost');

/** The answer to a server-side apply of a GatewayServer with this more in its spec. */
async function applied(naples: TestLeaf, more: object): Promise<string> {
  const { apiVersion, kind, metadata, spec } = (await createServer(
    naples,
    'first',
  )) as KubeObject & {
    readonly spec: object;
  };
  const { namespace, labels } = metadata as { readonly namespace: string; readonly labels: object };
  const object = {
    apiVersion,
    kind,
    metadata: { name: 'x', namespace, labels },
    spec: { ...spec, ...more },
  };
  const answer = naples.client.apply(kinds.GATEWAY_SERVER, object as KubeObject, {
    signal,
    force: true,
  });
  return answer.then(
    () => 'taken',
    (error: unknown) => (error instanceof RejectedByApiError ? error.message : String(error)),
  );
}

describe('versions of Liqo: gateways', () => {
  for (const version of VERSIONS) {
    const isOld = isBefore12(version);

    it(`${version}: GatewayServer.spec.serviceAnnotations ${isOld ? 'does not exist' : 'reaches the Service'}`, () =>
      onLeaf(version, async (naples) => {
        const more = { serviceAnnotations: { size: 'small' }, serviceLabels: { size: 'small' } };
        const answer = await applied(naples, more);
        if (isOld) {
          expect(answer).to.include('spec.serviceAnnotations (field not declared in schema)');
          return;
        }
        expect(answer).to.equal('taken');
        await serve(naples);
        await naples.client.patch(SERVER, { spec: more }, { signal });
        await eventually('annotated', async () => {
          const service = await find(naples, kinds.SERVICE, NAMESPACE, 'gw-ghost');
          return service?.metadata.annotations?.['size'] === 'small';
        });
      }));

    it(`${version}: ForeignCluster.status.observedGeneration is ${isOld ? 'absent' : 'there'}`, () =>
      onLeaf(version, async (naples) => {
        await createConfiguration(naples, 'ghost');
        const status = await eventually('status', async () => {
          const { items } = await naples.client.list(kinds.FOREIGN_CLUSTER, { signal });
          return valueAt(items[0], 'status.modules.networking.enabled') === true && items[0];
        });

        expect(numberAt(status, 'status.observedGeneration')).to.equal(isOld ? undefined : 1);
      }));

    it(`${version}: endpoint lists and their rules are ${version === 'HEAD' ? '' : 'not '}there`, () =>
      onLeaf(version, async (naples) => {
        const lists = { endpoint: { ports: [51840, 51841], serviceType: 'NodePort' } };
        const both = { endpoint: { port: 51840, ports: [51840], serviceType: 'NodePort' } };
        const neither = { endpoint: { serviceType: 'NodePort' } };
        const answers: string[] = [];
        for (const more of [lists, both, neither]) {
          await naples.client
            .delete(
              { kind: kinds.GATEWAY_SERVER, namespace: tenant('first'), name: 'first' },
              { signal },
            )
            .catch(() => undefined);
          answers.push(await applied(naples, more));
        }
        const unknown = /spec\.endpoint\.ports \(field not declared in schema\)/;

        const refused = /spec\.endpoint \(FieldValueInvalid\)/;
        const expected =
          version === 'HEAD' ? [/^taken$/, refused, refused] : [unknown, unknown, /^taken$/];
        expected.forEach((pattern, index) => expect(answers[index]).to.match(pattern));
      }));

    it(`${version}: of a load balancer’s entry the ${isOld ? 'host name' : 'address'} comes first`, () =>
      onLeaf(version, async (naples) => {
        await serve(naples, 'ghost', { port: 51840, serviceType: 'LoadBalancer' });
        const ingress = [
          { ip: '198.51.100.7', hostname: 'one.example' },
          { hostname: 'two.example' },
        ];
        const ref = { kind: kinds.SERVICE, namespace: NAMESPACE, name: 'gw-ghost' };
        const status = { loadBalancer: { ingress } };
        await naples.client.patch(ref, { status }, { signal, subresource: 'status' });

        const wanted = [isOld ? 'one.example' : '198.51.100.7', 'two.example'];
        await eventually('addresses', async () => {
          const addresses = textsAt(await server(naples), 'status.endpoint.addresses');
          return addresses.join() === wanted.join();
        });
      }));

    it(`${version}: a gateway pod that terminates ${isOld ? 'stops everything' : 'does not count'}`, () =>
      onLeaf(version, async (naples) => {
        await serve(naples);
        await createTerminatingPod(naples);

        await naples.client.patch(
          SERVER,
          { spec: { endpoint: { serviceType: 'ClusterIP' } } },
          { signal },
        );

        const isFollowed = async () =>
          numberAt(await server(naples), 'status.endpoint.port') === 51840;
        if (isOld) {
          await serve(naples, 'later');
          expect(await isFollowed()).to.equal(false);
          await naples.client.patch(POD, { metadata: { finalizers: null } }, { signal });
        }
        await eventually('endpoint', isFollowed);
      }));

    it(`${version}: a changed template is ${version === 'HEAD' ? 'rendered at once' : 'seen with the next change'}`, () =>
      onLeaf(version, async (naples) => {
        await serve(naples, 'ghost', { port: 51840, serviceType: 'NodePort', nodePort: 32100 });
        const asked = async () => {
          const wg = await find(naples, kinds.WG_GATEWAY_SERVER, NAMESPACE, 'ghost');
          return valueAt(wg, 'spec.service.spec.ports.0.nodePort');
        };
        await settled(naples);
        expect(await asked()).to.equal(32100);
        const ports = [{ port: '{{ .Spec.Endpoint.Port }}' }];
        const template = { spec: { service: { spec: { ports } } } };
        await naples.client.patch(TEMPLATE, { spec: { template } }, { signal });

        if (version !== 'HEAD') {
          await serve(naples, 'later');
          expect(await asked()).to.equal(32100);
          await naples.client.patch(
            SERVER,
            { metadata: { annotations: { touched: '1' } } },
            { signal },
          );
        }
        await eventually('rendered again', async () => (await asked()) === undefined);
      }));
  }
});

/** Nothing about the gateway moves any more while another one is made. */
async function settled(naples: TestLeaf): Promise<void> {
  const versions = async (): Promise<string> => {
    const watched = [kinds.GATEWAY_SERVER, kinds.WG_GATEWAY_SERVER, kinds.INTERNAL_FABRIC];
    const found = watched.map((kind) => find(naples, kind, NAMESPACE, 'ghost'));
    return (await Promise.all(found)).map((object) => object?.metadata.resourceVersion).join();
  };
  let round = 0;
  await eventually('settled', async () => {
    const before = await versions();
    await serve(naples, `other-${(round += 1)}`);
    return !before.endsWith(',') && before === (await versions());
  });
}

/** A second gateway pod on its way out, which something holds. */
async function createTerminatingPod(naples: TestLeaf): Promise<void> {
  const labels = {
    'networking.liqo.io/component': 'gateway',
    'networking.liqo.io/active': 'true',
  };
  const { namespace, name } = POD;
  const metadata = { name, namespace, labels, finalizers: ['example.com/held'] };
  const spec = { containers: [{ name: 'gateway', image: 'gateway' }] };
  await naples.client.create(
    kinds.POD,
    { apiVersion: 'v1', kind: 'Pod', metadata, spec },
    { signal },
  );
  const status = { phase: 'Running', podIP: '10.203.0.99' };
  await naples.client.patch(POD, { status }, { signal, subresource: 'status' });
  await naples.client.delete(POD, { signal });
}
