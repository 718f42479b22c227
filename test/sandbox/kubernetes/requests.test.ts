import { expect } from 'chai';
import type { ApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import { type CallBody, HttpCaller } from './http-caller.ts';
import { toyServer } from './toy-server.ts';
import { aWidget } from './widgets.ts';

const WIDGETS = '/apis/example.org/v1/namespaces/toys/widgets';
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

interface Step extends CallBody {
  readonly method: string;
  readonly path: string;
}

interface Case {
  readonly name: string;
  /** Requests before the one that matters. */
  readonly given?: readonly Step[];
  readonly step: Step;
  readonly code: number;
  /** Members that the answer must have. */
  readonly want?: object;
}

function post(body: unknown, path = WIDGETS): Step {
  return { method: 'POST', path, body };
}
function patch(type: string, body: unknown, path = `${WIDGETS}/w`): Step {
  return { method: 'PATCH', path, body, type };
}
function del(path = `${WIDGETS}/w`, body?: unknown): Step {
  return { method: 'DELETE', path, ...(body !== undefined && { body }) };
}
function get(path: string): Step {
  return { method: 'GET', path };
}

const CONFIG_MAPS = '/api/v1/namespaces/toys/configmaps';
const SECRETS = '/api/v1/namespaces/toys/secrets';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/toys/deployments';
const configMap = (data: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', ...metadata },
  data,
});
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', finalizers: ['x.io/a'] },
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '1' },
        ],
        volumes: [],
      },
    },
  },
};
const containers = (list: readonly object[]) => ({
  spec: { template: { spec: { containers: list } } },
});

const cases: readonly Case[] = [
  // reading
  {
    name: 'an object that is not there',
    step: get(`${WIDGETS}/w`),
    code: 404,
    want: { message: 'widgets.example.org "w" not found' },
  },
  {
    name: 'a kind that is not there',
    step: get('/apis/example.org/v1/gadgets'),
    code: 404,
  },
  { name: 'a version that is not there', step: get('/apis/example.org/v2/widgets'), code: 404 },
  { name: 'a path that is nothing', step: get('/nothing/at/all'), code: 404 },
  { name: 'a subresource that is not there', step: get(`${WIDGETS}/w/scale`), code: 404 },
  { name: 'a cluster kind in a namespace', step: get('/api/v1/namespaces/toys/nodes'), code: 404 },
  {
    name: 'an empty list',
    step: get(WIDGETS),
    code: 200,
    want: { kind: 'WidgetList', apiVersion: 'example.org/v1', items: [] },
  },
  {
    name: 'a continue token that is none',
    step: get(`${WIDGETS}?continue=%25`),
    code: 400,
    want: { message: 'invalid continue token: continue key is not valid' },
  },
  { name: 'a version that is no number', step: get(`${WIDGETS}?resourceVersion=abc`), code: 400 },
  { name: 'a version from the future', step: get(`${WIDGETS}?resourceVersion=99999`), code: 504 },
  {
    name: 'a label selector that cannot be read',
    step: get(`${WIDGETS}?labelSelector=a+b+c`),
    code: 400,
  },
  {
    name: 'a field that cannot be selected by',
    step: get(`${WIDGETS}?fieldSelector=spec.color%3Dred`),
    code: 400,
    want: { message: 'field label not supported: spec.color' },
  },
  {
    name: 'a field selector that cannot be read',
    step: get(`${WIDGETS}?fieldSelector=abc`),
    code: 400,
  },
  // creating
  {
    name: 'defaults',
    step: post(aWidget({ nested: { must: 'x' } })),
    code: 201,
    want: { spec: { color: 'red', nested: { must: 'x', level: 3 } } },
  },
  {
    name: 'a null with a default',
    step: post(aWidget({ color: null })),
    code: 201,
    want: { spec: { color: 'red' } },
  },
  {
    name: 'a null that is allowed',
    step: post(aWidget({ when: null, color: 'red' })),
    code: 201,
    want: { spec: { when: null, color: 'red' } },
  },
  {
    name: 'a status at creation: dropped',
    step: post({ ...aWidget(), status: { seen: 1 } }),
    code: 201,
    want: { status: undefined },
  },
  {
    name: 'an unknown field: dropped',
    step: post(aWidget({ nonsense: 1, free: { any: [1] }, color: 'red' })),
    code: 201,
    want: { spec: { free: { any: [1] }, color: 'red' } },
  },
  {
    name: 'an unknown field, strictly',
    step: post(aWidget({ nonsense: 1 }), `${WIDGETS}?fieldValidation=Strict`),
    code: 400,
    want: {
      message:
        'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.nonsense"',
    },
  },
  {
    name: 'an object that exists',
    given: [post(aWidget())],
    step: post(aWidget()),
    code: 409,
    want: { reason: 'AlreadyExists', message: 'widgets.example.org "w" already exists' },
  },
  { name: 'a dry run', step: post(aWidget(), `${WIDGETS}?dryRun=All`), code: 201 },
  { name: 'a dry run of another sort', step: post(aWidget(), `${WIDGETS}?dryRun=Some`), code: 422 },
  { name: 'no body', step: { method: 'POST', path: WIDGETS }, code: 400 },
  {
    name: 'a body that is no JSON',
    step: { ...post('{"a":'), type: 'application/json' },
    code: 400,
  },
  {
    name: 'a body in YAML',
    step: {
      ...post('apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\n'),
      type: 'application/yaml',
    },
    code: 201,
  },
  { name: 'a list as the body', step: post([]), code: 400 },
  { name: 'another kind', step: post({ ...aWidget(), kind: 'Gadget' }), code: 422 },
  { name: 'no kind', step: post({ ...aWidget(), kind: undefined }), code: 400 },
  {
    name: 'another version',
    step: post({ ...aWidget(), apiVersion: 'example.org/v2' }),
    code: 400,
  },
  { name: 'another namespace', step: post(aWidget({}, { namespace: 'other' })), code: 400 },
  { name: 'a version on creation', step: post(aWidget({}, { resourceVersion: '1' })), code: 500 },
  { name: 'no name', step: post(aWidget({}, { name: undefined })), code: 422 },
  { name: 'creation with a name in the path', step: post(aWidget(), `${WIDGETS}/w`), code: 405 },
  { name: 'too much', step: post('x'.repeat(3 * 1024 * 1024 + 1)), code: 413 },
  {
    name: 'protobuf that is none',
    step: { ...post(Buffer.from('nonsense')), type: 'application/vnd.kubernetes.protobuf' },
    code: 400,
  },
  {
    name: 'a definition under another name',
    step: post(
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'a.b' },
        spec: { group: 'b', names: { plural: 'c', kind: 'C' }, versions: [] },
      },
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    ),
    code: 422,
  },
  {
    name: 'a definition with a rule that cannot be read',
    step: post(
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'c.b' },
        spec: {
          group: 'b',
          names: { plural: 'c', kind: 'C' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: {
                    spec: {
                      type: 'array',
                      items: {
                        additionalProperties: { 'x-kubernetes-validations': [{ rule: 'self ==' }] },
                      },
                    },
                  },
                },
              },
            },
          ],
        },
      },
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    ),
    code: 422,
  },
  {
    name: 'texts for a secret',
    step: post(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' } },
      SECRETS,
    ),
    code: 201,
    want: { data: { a: 'Yg==' }, type: 'Opaque', stringData: undefined },
  },
  { name: 'a number in a config map', step: post(configMap({ a: 1 }), CONFIG_MAPS), code: 400 },
  {
    name: 'a namespace whose name has a dot',
    step: post(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a.b' } },
      '/api/v1/namespaces',
    ),
    code: 422,
  },
  {
    name: 'a role whose name has a colon',
    step: post(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'a:b' },
      },
      '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    ),
    code: 201,
  },
  {
    name: 'a role whose name has a slash',
    step: post(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'a/b' },
      },
      '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    ),
    code: 422,
  },
  // updating
  {
    name: 'an update of nothing',
    step: { method: 'PUT', path: `${WIDGETS}/w`, body: aWidget() },
    code: 404,
  },
  {
    name: 'an update without a version',
    given: [post(aWidget())],
    step: { method: 'PUT', path: `${WIDGETS}/w`, body: aWidget() },
    code: 422,
  },
  {
    name: 'an update of an old version',
    given: [post(aWidget())],
    step: { method: 'PUT', path: `${WIDGETS}/w`, body: aWidget({}, { resourceVersion: '1' }) },
    code: 409,
    want: {
      message:
        'Operation cannot be fulfilled on widgets.example.org "w": the object has been modified; please apply your changes to the latest version and try again',
    },
  },
  {
    name: 'an update of a core kind without a version',
    given: [post(configMap({ a: '1' }), CONFIG_MAPS)],
    step: { method: 'PUT', path: `${CONFIG_MAPS}/c`, body: configMap({ b: '2' }) },
    code: 200,
    want: { data: { b: '2' } },
  },
  {
    name: 'an update under another name',
    given: [post(configMap({}), CONFIG_MAPS)],
    step: { method: 'PUT', path: `${CONFIG_MAPS}/c`, body: configMap({}, { name: 'd' }) },
    code: 400,
  },
  { name: 'an update of all', step: { method: 'PUT', path: WIDGETS, body: aWidget() }, code: 405 },
  { name: 'an unknown method', step: { method: 'TRACE2', path: WIDGETS }, code: 405 },
  // patches
  {
    name: 'a merge patch',
    given: [post(aWidget({ size: 1, title: 'ab' }))],
    step: patch(MERGE, { spec: { size: 2, title: null } }),
    code: 200,
    want: { spec: { size: 2, color: 'red' } },
  },
  {
    name: 'a merge patch of the status: ignored',
    given: [post(aWidget())],
    step: patch(MERGE, { status: { seen: 1 } }),
    code: 200,
    want: { status: undefined },
  },
  {
    name: 'a merge patch of the status through its subresource',
    given: [post(aWidget())],
    step: patch(MERGE, { spec: { size: 2 }, status: { seen: 1 } }, `${WIDGETS}/w/status`),
    code: 200,
    want: { spec: { color: 'red' }, status: { seen: 1 } },
  },
  {
    name: 'a merge patch with another UID',
    given: [post(aWidget())],
    step: patch(MERGE, { metadata: { uid: 'x' } }),
    code: 422,
    want: {
      message:
        'Widget.example.org "w" is invalid: metadata.uid: Invalid value: "x": field is immutable',
    },
  },
  {
    name: 'a merge patch with another UID and another version',
    given: [post(aWidget())],
    step: patch(MERGE, { metadata: { uid: 'x', resourceVersion: '1' } }),
    code: 409,
  },
  {
    name: 'a merge patch of the status with another UID: taken all the same',
    given: [post(aWidget())],
    step: patch(MERGE, { metadata: { uid: 'x' }, status: { seen: 1 } }, `${WIDGETS}/w/status`),
    code: 200,
    want: { status: { seen: 1 } },
  },
  {
    name: 'a merge patch that is wrong',
    given: [post(aWidget())],
    step: patch(MERGE, { spec: { size: 99 } }),
    code: 422,
  },
  {
    name: 'a merge patch that is a text',
    given: [post(aWidget())],
    step: patch(MERGE, '"x"'),
    code: 400,
  },
  {
    name: 'a merge patch by force',
    given: [post(aWidget())],
    step: patch(MERGE, {}, `${WIDGETS}/w?force=true`),
    code: 422,
    want: {
      message:
        'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    },
  },
  {
    name: 'a JSON patch',
    given: [post(aWidget({ tags: ['a', 'b'], notes: { 'x/y~z': '1' } }))],
    step: patch(JSON_PATCH, [
      { op: 'test', path: '/spec/tags/0', value: 'a' },
      { op: 'add', path: '/spec/tags/1', value: 'c' },
      { op: 'add', path: '/spec/tags/-', value: 'd' },
      { op: 'remove', path: '/spec/tags/0' },
      { op: 'replace', path: '/spec/color', value: 'green' },
      { op: 'copy', from: '/spec/color', path: '/spec/title' },
      { op: 'move', from: '/spec/notes/x~1y~0z', path: '/spec/notes/n' },
    ]),
    code: 200,
    want: { spec: { tags: ['c', 'b', 'd'], color: 'green', title: 'green', notes: { n: '1' } } },
  },
  {
    name: 'a JSON patch whose test fails',
    given: [post(aWidget())],
    step: patch(JSON_PATCH, [{ op: 'test', path: '/spec/color', value: 'x' }]),
    code: 422,
  },
  {
    name: 'a JSON patch of nothing',
    given: [post(aWidget())],
    step: patch(JSON_PATCH, [{ op: 'remove', path: '/spec/size' }]),
    code: 422,
  },
  {
    name: 'a JSON patch below nothing',
    given: [post(aWidget())],
    step: patch(JSON_PATCH, [{ op: 'add', path: '/spec/a/b', value: 1 }]),
    code: 422,
  },
  {
    name: 'a JSON patch beyond the end',
    given: [post(aWidget({ tags: ['a'] }))],
    step: patch(JSON_PATCH, [{ op: 'add', path: '/spec/tags/5', value: 'x' }]),
    code: 422,
  },
  {
    name: 'a JSON patch of an unknown sort',
    given: [post(aWidget())],
    step: patch(JSON_PATCH, [{ op: 'guess', path: '/spec' }]),
    code: 422,
  },
  {
    name: 'a JSON patch that is no list',
    given: [post(aWidget())],
    step: patch(JSON_PATCH, {}),
    code: 400,
  },
  {
    name: 'a JSON patch of no operations',
    given: [post(aWidget())],
    step: patch(JSON_PATCH, [1]),
    code: 400,
  },
  {
    name: 'a strategic merge patch on a custom resource',
    given: [post(aWidget())],
    step: patch(STRATEGIC, {}),
    code: 415,
  },
  {
    name: 'a strategic merge patch of items',
    given: [post(deployment, DEPLOYMENTS)],
    step: patch(
      STRATEGIC,
      containers([{ name: 'b', image: '2' }, { name: 'c' }, { name: 'a', $patch: 'delete' }]),
      `${DEPLOYMENTS}/d`,
    ),
    code: 200,
    want: {
      spec: {
        template: { spec: { containers: [{ name: 'b', image: '2' }, { name: 'c' }], volumes: [] } },
      },
    },
  },
  {
    name: 'a strategic merge patch that replaces items',
    given: [post(deployment, DEPLOYMENTS)],
    step: patch(STRATEGIC, containers([{ $patch: 'replace' }, { name: 'z' }]), `${DEPLOYMENTS}/d`),
    code: 200,
    want: { spec: { template: { spec: { containers: [{ name: 'z' }], volumes: [] } } } },
  },
  {
    name: 'a strategic merge patch of finalizers and other lists',
    given: [post(deployment, DEPLOYMENTS)],
    step: patch(
      STRATEGIC,
      {
        metadata: { finalizers: ['x.io/b'], labels: { a: 'b' } },
        spec: { args: ['x'], '$setElementOrder/args': [] },
      },
      `${DEPLOYMENTS}/d`,
    ),
    code: 200,
  },
  {
    name: 'a strategic merge patch that takes finalizers away',
    given: [post(deployment, DEPLOYMENTS)],
    step: patch(
      STRATEGIC,
      {
        metadata: { '$deleteFromPrimitiveList/finalizers': ['x.io/a'] },
        '$deleteFromPrimitiveList/none': [],
      },
      `${DEPLOYMENTS}/d`,
    ),
    code: 200,
  },
  {
    name: 'a strategic merge patch that replaces an object',
    given: [post(configMap({ a: '1' }), CONFIG_MAPS)],
    step: patch(
      STRATEGIC,
      { data: { $patch: 'replace', b: '2' }, immutable: null },
      `${CONFIG_MAPS}/c`,
    ),
    code: 200,
    want: { data: { b: '2' } },
  },
  {
    name: 'a strategic merge patch that is no object',
    given: [post(configMap({}), CONFIG_MAPS)],
    step: patch(STRATEGIC, [], `${CONFIG_MAPS}/c`),
    code: 400,
  },
  {
    name: 'a strategic merge patch with an item that is no object',
    given: [post(deployment, DEPLOYMENTS)],
    step: patch(STRATEGIC, containers([1 as unknown as object]), `${DEPLOYMENTS}/d`),
    code: 400,
  },
  {
    name: 'a patch of an unknown sort',
    given: [post(aWidget())],
    step: patch('application/json', {}),
    code: 415,
  },
  // server-side apply
  {
    name: 'an apply without a manager',
    step: patch(APPLY, aWidget()),
    code: 422,
    want: {
      message:
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    },
  },
  {
    name: 'an apply of nothing',
    step: patch(APPLY, '[]', `${WIDGETS}/w?fieldManager=m`),
    code: 400,
  },
  {
    name: 'an apply with managed fields',
    step: patch(APPLY, aWidget({}, { managedFields: [] }), `${WIDGETS}/w?fieldManager=m`),
    code: 400,
    want: { message: 'metadata.managedFields must be nil' },
  },
  {
    name: 'an apply for another kind',
    step: patch(APPLY, { ...aWidget(), kind: 'Gadget' }, `${WIDGETS}/w?fieldManager=m`),
    code: 400,
  },
  {
    name: 'an apply with a UID on nothing',
    step: patch(APPLY, aWidget({}, { uid: 'u' }), `${WIDGETS}/w?fieldManager=m`),
    code: 409,
    want: {
      message:
        'Operation cannot be fulfilled on widgets.example.org "w": uid mismatch: the provided object specified uid u, and no existing object was found',
    },
  },
  {
    name: 'an apply of the status of nothing',
    step: patch(APPLY, { ...aWidget(), status: {} }, `${WIDGETS}/w/status?fieldManager=m`),
    code: 404,
  },
  {
    name: 'an apply with an old version',
    given: [post(aWidget())],
    step: patch(APPLY, aWidget({}, { resourceVersion: '1' }), `${WIDGETS}/w?fieldManager=m`),
    code: 409,
  },
  // deleting
  { name: 'a deletion of nothing', step: del(), code: 404 },
  {
    name: 'a deletion',
    given: [post(aWidget())],
    step: del(),
    code: 200,
    want: { kind: 'Status', status: 'Success' },
  },
  {
    name: 'a deletion of another object',
    given: [post(aWidget())],
    step: del(undefined, { preconditions: { uid: 'x' } }),
    code: 409,
  },
  {
    name: 'a deletion of an old version',
    given: [post(aWidget())],
    step: del(undefined, { preconditions: { resourceVersion: '1' } }),
    code: 409,
  },
  {
    name: 'a deletion that a finalizer holds',
    given: [post(aWidget({}, { finalizers: ['x.io/y'] }))],
    step: del(),
    code: 200,
    want: { kind: 'Widget' },
  },
  {
    name: 'a second deletion that a finalizer holds',
    given: [post(aWidget({}, { finalizers: ['x.io/y'] })), del()],
    step: del(),
    code: 200,
    want: { kind: 'Widget' },
  },
  {
    name: 'a finalizer added while going',
    given: [post(aWidget({}, { finalizers: ['x.io/y'] })), del()],
    step: patch(MERGE, { metadata: { finalizers: ['x.io/y', 'x.io/z'] } }),
    code: 422,
  },
  {
    name: 'a deletion as a dry run',
    given: [post(aWidget())],
    step: del(`${WIDGETS}/w?dryRun=All`),
    code: 200,
  },
  {
    name: 'a held deletion as a dry run',
    given: [post(aWidget({}, { finalizers: ['x.io/y'] }))],
    step: del(undefined, { dryRun: ['All'] }),
    code: 200,
  },
  {
    name: 'a deletion of all',
    given: [post(aWidget()), post(aWidget({}, { name: 'v' }))],
    step: del(`${WIDGETS}?fieldSelector=metadata.name!%3Dv`),
    code: 200,
    want: { kind: 'WidgetList' },
  },
];

describe('requests over HTTPS', () => {
  let server: ApiServer;
  let http: HttpCaller;

  beforeEach(async () => {
    server = await toyServer();
    await server.start();
    http = new HttpCaller(server);
  });

  afterEach(async () => {
    await http.close();
    await server.stop();
  });

  for (const { name, given = [], step, code, want } of cases) {
    it(`answers ${code} to ${name}`, async () => {
      for (const { method, path, ...body } of given) {
        const answer = await http.call(method, path, body);
        expect(answer.code, JSON.stringify(answer.body)).to.be.below(300);
      }

      const { method, path, ...body } = step;
      const answer = await http.call(method, path, body);

      expect(answer.code, JSON.stringify(answer.body)).to.equal(code);
      for (const [member, value] of Object.entries(want ?? {})) {
        expect(Reflect.get(answer.body, member), member).to.deep.equal(value);
      }
    });
  }

  it('says that it is well', async () => {
    const response = await http.open('GET', '/readyz');

    expect(await response.text()).to.equal('ok');
  });

  it('refuses a token that nobody has', async () => {
    const answer = await http.call('GET', WIDGETS, { headers: { authorization: 'Bearer no' } });

    expect(answer.body).to.include({ code: 401, reason: 'Unauthorized' });
  });

  it('writes nothing in a dry run', async () => {
    await http.call('POST', `${WIDGETS}?dryRun=All`, { body: aWidget() });
    const answer = await http.call('GET', `${WIDGETS}/w`);

    expect(answer.code).to.equal(404);
  });

  it('warns of unknown fields', async () => {
    const answer = await http.call('POST', WIDGETS, { body: aWidget({ nonsense: 1 }) });

    expect(answer.headers.get('warning')).to.equal('299 - "unknown field \\"spec.nonsense\\""');
  });

  it('says nothing of unknown fields when asked not to', async () => {
    const path = `${WIDGETS}?fieldValidation=Ignore`;
    const answer = await http.call('POST', path, { body: aWidget({ nonsense: 1 }) });

    expect(answer.headers.get('warning')).to.equal(null);
  });

  it('gives a name to an object that asks for one', async () => {
    const body = aWidget({}, { name: undefined, generateName: 'w-' });
    const answer = await http.call('POST', WIDGETS, { body });

    expect(answer.body.metadata.name).to.match(/^w-[a-z0-9]{5}$/);
  });

  it('keeps what the system sets, whatever an update says', async () => {
    const { body: made } = await http.call('POST', WIDGETS, { body: aWidget() });
    const metadata = {
      ...made.metadata,
      creationTimestamp: null,
      generation: 77,
      labels: { a: 'b' },
    };

    const { body } = await http.call('PUT', `${WIDGETS}/w`, { body: { ...made, metadata } });

    const { uid, creationTimestamp } = made.metadata;
    expect(body.metadata).to.include({ uid, creationTimestamp, generation: 1 });
    expect(body.metadata.labels).to.deep.equal({ a: 'b' });
  });

  it('counts the generation up for the spec only, and for the deletion', async () => {
    await http.call('POST', WIDGETS, { body: aWidget({}, { finalizers: ['x.io/y'] }) });
    const generations = [];
    for (const { method, path, ...body } of [
      patch(MERGE, { metadata: { labels: { a: 'b' } } }),
      patch(MERGE, { status: { seen: 1 } }, `${WIDGETS}/w/status`),
      patch(MERGE, { spec: { size: 5 } }),
      del(),
    ]) {
      generations.push((await http.call(method, path, body)).body.metadata.generation);
    }

    expect(generations).to.deep.equal([1, 1, 2, 3]);
  });

  it('writes nothing when nothing changes', async () => {
    const { body: made } = await http.call('POST', WIDGETS, { body: aWidget({ size: 1 }) });
    const merged = await http.call('PATCH', `${WIDGETS}/w`, {
      body: { spec: { size: 1 } },
      type: MERGE,
    });
    const put = await http.call('PUT', `${WIDGETS}/w`, { body: made });

    expect(merged.body).to.deep.equal(made);
    expect(put.body).to.deep.equal(made);
  });

  it('removes an object when its last finalizer goes', async () => {
    await http.call('POST', WIDGETS, { body: aWidget({}, { finalizers: ['x.io/y'] }) });
    await http.call('DELETE', `${WIDGETS}/w`);
    await http.call('PATCH', `${WIDGETS}/w`, {
      body: { metadata: { finalizers: [] } },
      type: MERGE,
    });

    expect((await http.call('GET', `${WIDGETS}/w`)).code).to.equal(404);
  });

  it('hands out a list in parts', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await http.call('POST', WIDGETS, { body: aWidget({}, { name }) });
    }
    const first = await http.call('GET', `${WIDGETS}?limit=2`);
    const token = encodeURIComponent(first.body.metadata.continue);
    const rest = await http.call('GET', `${WIDGETS}?limit=9&continue=${token}`);
    server.faults.expireWatches();
    const late = await http.call('GET', `${WIDGETS}?continue=${token}`);
    await http.call('POST', WIDGETS, { body: aWidget({}, { name: 'f' }) });
    server.faults.expireWatches();
    const tooLate = await http.call('GET', `${WIDGETS}?continue=${token}`);

    const names = (answer: typeof first) => answer.body.items.map((item) => item.metadata.name);
    expect(names(first)).to.deep.equal(['a', 'b']);
    expect(first.body.metadata.remainingItemCount).to.equal(3);
    expect(names(rest)).to.deep.equal(['c', 'd', 'e']);
    expect(rest.body.metadata.continue).to.equal('');
    expect(late.code).to.equal(200);
    expect(tooLate.code).to.equal(410);
  });

  it('leaves out what items of core lists are, and says it of custom ones', async () => {
    await http.call('POST', WIDGETS, { body: aWidget() });
    const namespaces = await http.call('GET', '/api/v1/namespaces');
    const widgets = await http.call('GET', '/apis/example.org/v1/widgets');

    expect(namespaces.body.items[0]).not.to.have.any.keys('kind', 'apiVersion');
    expect(widgets.body.items[0]).to.include({ kind: 'Widget', apiVersion: 'example.org/v1' });
  });

  for (const { selector, want } of [
    { selector: 'a=1', want: ['x'] },
    { selector: 'a==1,b', want: [] },
    { selector: 'a!=1', want: ['y', 'z'] },
    { selector: 'a', want: ['x', 'y'] },
    { selector: '!a', want: ['z'] },
    { selector: 'a in (1, 2)', want: ['x', 'y'] },
    { selector: 'a notin (1)', want: ['y', 'z'] },
    { selector: 'x.io/b=', want: ['z'] },
    { selector: '', want: ['x', 'y', 'z'] },
  ]) {
    it(`selects by the labels ${selector || '(none)'}`, async () => {
      await http.call('POST', WIDGETS, { body: aWidget({}, { name: 'x', labels: { a: '1' } }) });
      await http.call('POST', WIDGETS, { body: aWidget({}, { name: 'y', labels: { a: '2' } }) });
      await http.call('POST', WIDGETS, {
        body: aWidget({}, { name: 'z', labels: { 'x.io/b': '' } }),
      });

      const path = `${WIDGETS}?labelSelector=${encodeURIComponent(selector)}`;
      const { body } = await http.call('GET', path);

      expect(body.items.map((item) => item.metadata.name)).to.deep.equal(want);
    });
  }

  it('selects by fields', async () => {
    const event = (name: string, reason: string) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      reason,
      involvedObject: { name: 'o', namespace: 'toys' },
    });
    const events = '/api/v1/namespaces/toys/events';
    await http.call('POST', events, { body: event('a', 'Up') });
    await http.call('POST', events, { body: event('b', 'Down') });

    const selector = 'involvedObject.name=o,reason!=Up,metadata.namespace=toys';
    const { body } = await http.call(
      'GET',
      `${events}?fieldSelector=${encodeURIComponent(selector)}`,
    );

    expect(body.items.map((item) => item.metadata.name)).to.deep.equal(['b']);
  });

  it('shows tables', async () => {
    await http.call('POST', WIDGETS, { body: aWidget({ color: 'green' }) });
    const status = {
      conditions: [
        { type: 'Other', status: 'False' },
        { type: 'Ready', status: 'True' },
      ],
    };
    await http.call('PATCH', `${WIDGETS}/w/status`, { body: { status }, type: MERGE });
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

    const list = await http.call('GET', WIDGETS, { headers });
    const one = await http.call('GET', `${WIDGETS}/w?includeObject=Object`, { headers });
    const none = await http.call('GET', `${WIDGETS}/w?includeObject=None`, { headers });

    expect(list.body.kind).to.equal('Table');
    expect(list.body.columnDefinitions?.map((column) => column.name)).to.deep.equal([
      'Name',
      'Color',
      'Ready',
      'Since',
    ]);
    expect(list.body.rows[0]!.cells.slice(0, 3)).to.deep.equal(['w', 'green', 'True']);
    expect(list.body.rows[0]!.object.kind).to.equal('PartialObjectMetadata');
    expect(one.body.rows[0]!.object.kind).to.equal('Widget');
    expect(none.body.rows[0]!.object).to.equal(null);
  });

  it('shows metadata only', async () => {
    await http.call('POST', WIDGETS, { body: aWidget({ color: 'green' }) });
    const as = 'application/json;g=meta.k8s.io;v=v1;as=PartialObjectMetadata';

    const one = await http.call('GET', `${WIDGETS}/w`, { headers: { accept: as } });
    const list = await http.call('GET', WIDGETS, { headers: { accept: `${as}List` } });

    expect(one.body).not.to.have.property('spec');
    expect(list.body.kind).to.equal('PartialObjectMetadataList');
    expect(list.body.items[0]!.metadata.name).to.equal('w');
  });

  it('takes the manager from the user agent when nobody names one', async () => {
    const headers = { 'user-agent': 'painter/1.0' };
    const { body } = await http.call('POST', WIDGETS, { body: aWidget(), headers });

    expect(body.metadata.managedFields?.[0]?.manager).to.equal('painter');
  });

  for (const [path, want] of [
    ['/version', { gitVersion: 'v1.35.4' }],
    ['/api', { versions: ['v1'] }],
    ['/api/v1', { kind: 'APIResourceList', groupVersion: 'v1' }],
    ['/apis', { kind: 'APIGroupList' }],
    ['/apis/', { kind: 'APIGroupList' }],
    ['/apis/example.org', { kind: 'APIGroup', name: 'example.org' }],
    ['/apis/example.org/v1', { groupVersion: 'example.org/v1' }],
    ['/apis/authorization.k8s.io/v1', { groupVersion: 'authorization.k8s.io/v1' }],
    ['/openapi/v2', { swagger: '2.0' }],
    ['/openapi/v3/apis/example.org/v1', { openapi: '3.0.0' }],
    ['/openapi/v3/api/v1', { openapi: '3.0.0' }],
  ] as const) {
    it(`answers discovery at ${path}`, async () => {
      const { code, body } = await http.call('GET', path);

      expect(code).to.equal(200);
      expect(body).to.deep.include(want);
    });
  }

  for (const path of [
    '/apis/no.org',
    '/apis/no.org/v1',
    '/openapi/v9',
    '/openapi/v3/apis/no/v1',
    '/api/v2',
  ]) {
    it(`knows nothing at ${path}`, async () => {
      expect((await http.call('GET', path)).code).to.equal(404);
    });
  }

  it('lists where the documents of OpenAPI are', async () => {
    const { body } = await http.call('GET', '/openapi/v3');

    expect(body.paths['apis/example.org/v1']).to.deep.equal({
      serverRelativeURL: '/openapi/v3/apis/example.org/v1',
    });
  });
});
