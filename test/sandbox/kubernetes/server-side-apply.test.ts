import { expect } from 'chai';
import fc from 'fast-check';
import type { KubeClient } from '../../../src/kube/kube-client.ts';
import type { KubeObject } from '../../../src/model/kube-object.ts';
import type { ApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import { HttpCaller } from './http-caller.ts';
import { rejection, signal, toyServer } from './toy-server.ts';
import { aWidget, WIDGET, WIDGET_REF } from './widgets.ts';

const PATH = '/apis/example.org/v1/namespaces/toys/widgets/w';

describe('server-side apply', () => {
  let server: ApiServer;

  beforeEach(async () => {
    server = await toyServer();
  });
  afterEach(() => server.stop());

  function as(fieldManager: string): KubeClient {
    return server.client({ fieldManager });
  }
  function apply(manager: string, spec: object, force = false): Promise<KubeObject> {
    return as(manager).apply(WIDGET, aWidget(spec), { force, signal });
  }
  function owners(object: KubeObject): Record<string, unknown> {
    const entries = object.metadata.managedFields ?? [];
    return Object.fromEntries(
      entries.map(({ manager, operation, fieldsV1 }) => [
        `${manager ?? ''} ${operation ?? ''}`,
        fieldsV1,
      ]),
    );
  }

  const merging: readonly {
    name: string;
    given: readonly (readonly [manager: string, spec: object])[];
    want: object;
  }[] = [
    {
      name: 'removes what is applied no more',
      given: [
        ['a', { size: 1, title: 'abc' }],
        ['a', { size: 1 }],
      ],
      want: { color: 'red', size: 1 },
    },
    {
      name: 'keeps what another manager applies too',
      given: [
        ['a', { size: 1 }],
        ['b', { size: 1 }],
        ['a', {}],
      ],
      want: { color: 'red', size: 1 },
    },
    {
      name: 'keeps what others set',
      given: [
        ['a', { size: 1 }],
        ['b', { title: 'abc' }],
        ['a', { size: 2 }],
      ],
      want: { color: 'red', size: 2, title: 'abc' },
    },
    {
      name: 'unites sets',
      given: [
        ['a', { tags: ['x', 'y'] }],
        ['b', { tags: ['z'] }],
      ],
      want: { color: 'red', tags: ['x', 'y', 'z'] },
    },
    {
      name: 'takes items out of sets',
      given: [
        ['a', { tags: ['x', 'y'] }],
        ['b', { tags: ['z', 'y'] }],
        ['a', { tags: ['x'] }],
        ['b', { tags: ['z'] }],
      ],
      want: { color: 'red', tags: ['x', 'z'] },
    },
    {
      name: 'merges keyed lists item by item',
      given: [
        ['a', { parts: [{ name: 'p', count: 1 }] }],
        ['b', { parts: [{ name: 'q' }, { name: 'p', kept: 'k' }] }],
      ],
      want: { color: 'red', parts: [{ name: 'q' }, { name: 'p', count: 1, kept: 'k' }] },
    },
    {
      name: 'takes items out of keyed lists',
      given: [
        ['a', { parts: [{ name: 'p' }, { name: 'q' }] }],
        ['a', { parts: [{ name: 'q' }] }],
      ],
      want: { color: 'red', parts: [{ name: 'q' }] },
    },
    {
      name: 'keeps live items before those they preceded',
      given: [
        ['a', { tags: ['1', '2', '3'] }],
        ['b', { tags: ['3', '4'] }],
      ],
      want: { color: 'red', tags: ['1', '2', '3', '4'] },
    },
    {
      name: 'replaces atomic lists',
      given: [
        ['a', { steps: ['x'] }],
        ['a', { steps: ['y'] }],
      ],
      want: { color: 'red', steps: ['y'] },
    },
    {
      name: 'replaces atomic objects',
      given: [
        ['a', { whole: { a: '1' } }],
        ['a', { whole: { b: '2' } }],
      ],
      want: { color: 'red', whole: { b: '2' } },
    },
    {
      name: 'removes an object with its last field',
      given: [
        ['a', { nested: { must: 'x', level: 3 } }],
        ['a', {}],
      ],
      want: { color: 'red' },
    },
    {
      name: 'merges what the schema leaves open',
      given: [
        ['a', { free: { x: { y: 1 } } }],
        ['b', { free: { x: { z: 2 } } }],
      ],
      want: { color: 'red', free: { x: { y: 1, z: 2 } } },
    },
    {
      name: 'keeps empty objects',
      given: [
        ['a', { free: {} }],
        ['a', { free: {} }],
      ],
      want: { color: 'red', free: {} },
    },
  ];

  it('gives shared items the order of whoever applies', async () => {
    await apply('a', { tags: ['1', '2', '3'] });

    const object = await apply('b', { tags: ['3', '1'] });

    expect(object['spec']).to.deep.include({ tags: ['2', '3', '1'] });
  });

  for (const { name, given, want } of merging) {
    it(name, async () => {
      let object: KubeObject | undefined;
      for (const [manager, spec] of given) object = await apply(manager, spec);

      expect(object?.['spec']).to.deep.equal(want);
    });
  }

  it('refuses to change what another manager applies, naming both field and manager', async () => {
    await apply('a', { size: 1, title: 'abc' });
    await server.start();
    const http = new HttpCaller(server);
    const type = 'application/apply-patch+yaml';

    const one = await http.call('PATCH', `${PATH}?fieldManager=b`, {
      body: aWidget({ size: 2 }),
      type,
    });
    const two = await http.call('PATCH', `${PATH}?fieldManager=b`, {
      body: aWidget({ size: 2, title: 'xyz' }),
      type,
    });
    await http.close();

    expect(one.body).to.deep.include({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "a": .spec.size',
    });
    expect(one.body.details!.causes).to.deep.equal([
      { reason: 'FieldManagerConflict', message: 'conflict with "a"', field: '.spec.size' },
    ]);
    expect(two.body.message).to.equal(
      'Apply failed with 2 conflicts: conflicts with "a":\n- .spec.size\n- .spec.title',
    );
  });

  it('names items in conflicts', async () => {
    await apply('a', { parts: [{ name: 'p', count: 1 }], tags: ['x'] });
    await server
      .client({ fieldManager: 'u' })
      .patch(WIDGET_REF, { status: { seen: 1 } }, { subresource: 'status', signal });
    await server.start();
    const http = new HttpCaller(server);
    const type = 'application/apply-patch+yaml';

    const item = await http.call('PATCH', `${PATH}?fieldManager=b`, {
      body: aWidget({ parts: [{ name: 'p', count: 2 }] }),
      type,
    });
    const status = await http.call('PATCH', `${PATH}/status?fieldManager=b`, {
      body: { ...aWidget(), status: { seen: 2 } },
      type,
    });
    await http.close();

    expect(item.body.details!.causes?.[0]?.field).to.equal('.spec.parts[name="p"].count');
    expect(status.body.details!.causes?.[0]?.message).to.equal(
      'conflict with "u" with subresource "status" using example.org/v1',
    );
  });

  it('takes fields over by force, from appliers and updaters', async () => {
    await apply('a', { size: 1, title: 'abc' });
    await as('u').patch(WIDGET_REF, { spec: { title: 'upd' } }, { signal });

    const object = await apply('b', { size: 2, title: 'xyz' }, true);

    expect(object['spec']).to.deep.equal({ color: 'red', size: 2, title: 'xyz' });
    expect(owners(object)).to.deep.equal({
      'b Apply': { 'f:spec': { 'f:size': {}, 'f:title': {} } },
    });
  });

  it('lets an update take fields from an applier', async () => {
    await apply('a', { size: 1, title: 'abc' });

    const object = await as('u').patch(WIDGET_REF, { spec: { size: 2 } }, { signal });

    expect(owners(object)).to.deep.equal({
      'a Apply': { 'f:spec': { 'f:title': {} } },
      'u Update': { 'f:spec': { 'f:size': {} } },
    });
  });

  it('forgets owners of what is gone', async () => {
    await apply('a', { size: 1 });
    await as('u').patch(WIDGET_REF, { spec: { title: 'abc' } }, { signal });

    const object = await as('v').patch(
      WIDGET_REF,
      { spec: { title: null, size: null } },
      { signal },
    );

    expect(owners(object)).to.deep.equal({});
  });

  it('records sets and keyed lists the way the API server does', async () => {
    const object = await apply('a', {
      parts: [{ name: 'p', count: 1 }],
      tags: ['x'],
      notes: { n: '' },
    });

    expect(owners(object)['a Apply']).to.deep.equal({
      'f:spec': {
        'f:notes': { 'f:n': {} },
        'f:parts': { 'k:{"name":"p"}': { '.': {}, 'f:count': {}, 'f:name': {} } },
        'f:tags': { 'v:"x"': {} },
      },
    });
  });

  for (const [name, spec, fields] of [
    ['a text for a number', { size: 'x' }, 'spec.size (expected numeric)'],
    ['an object for a number', { size: {} }, 'spec.size (expected numeric)'],
    ['a list for a number', { ratio: [] }, 'spec.ratio (expected numeric)'],
    ['a truth for a number', { size: true }, 'spec.size (expected numeric)'],
    ['a number for a text', { title: 1 }, 'spec.title (expected string)'],
    ['a text for a truth', { on: 'yes' }, 'spec.on (expected boolean)'],
    ['a list for an object', { nested: ['a', { b: 1 }] }, 'spec.nested (expected map)'],
    ['an object for a list', { tags: { a: 1 } }, 'spec.tags (expected list)'],
    ['an unknown field', { nope: 1 }, 'spec.nope (field not declared in schema)'],
  ] as const) {
    it(`refuses ${name}, as an error of the object`, async () => {
      const error = await rejection(apply('a', spec));

      expect(error.code).to.equal('API_REJECTED');
      expect(error.details['status']).to.equal(500);
      expect(error.details['fields']).to.equal(fields);
    });
  }

  it('refuses the same item twice', async () => {
    const error = await rejection(apply('a', { tags: ['x', 'x'] }));

    expect(error.details['status']).to.equal(500);
  });

  it('holds the UID in the object for a precondition', async () => {
    const made = await apply('a', { size: 1 });
    const of = (uid: string | undefined) =>
      as('a').apply(WIDGET, aWidget({ size: 2 }, { uid }), { force: false, signal });

    expect((await rejection(of('other'))).code).to.equal('WRITE_CONFLICT');
    expect((await of(made.metadata.uid))['spec']).to.deep.include({ size: 2 });
  });

  const specs = fc.record(
    {
      size: fc.integer({ min: 3, max: 10 }),
      title: fc.constantFrom('ab', 'abc'),
      tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }),
      parts: fc.uniqueArray(
        fc.record(
          { name: fc.constantFrom('p', 'q', 'r'), count: fc.nat(3) },
          { requiredKeys: ['name'] },
        ),
        { selector: ({ name }) => name, minLength: 1 },
      ),
      free: fc.dictionary(fc.constantFrom('m', 'n'), fc.jsonValue({ maxDepth: 2 })),
    },
    { requiredKeys: [] },
  );

  it('changes nothing when the same is applied again, whoever wrote in between', async () => {
    await fc.assert(
      fc.asyncProperty(specs, specs, specs, async (first, second, third) => {
        await apply('a', first, true);
        await as('u').patch(WIDGET_REF, { spec: third }, { signal });
        await apply('b', second, true);
        const applied = await apply('a', third, true);

        expect(await apply('a', third, true)).to.equal(applied);
      }),
      { numRuns: 100 },
    );
  });

  it('leaves of two managers exactly what the second applied once the first lets go', async () => {
    await fc.assert(
      fc.asyncProperty(specs, specs, async (first, second) => {
        const client = as('x');
        await client.delete(WIDGET_REF, { signal }).catch(() => undefined);
        await apply('b', second, true);
        const alone = await apply('b', second, true);
        await apply('a', first, true);
        await apply('b', second, true);
        const left = await apply('a', {}, true);

        expect(sorted(left['spec'])).to.deep.equal(sorted(alone['spec']));
        expect(owners(left)['b Apply']).to.deep.equal(owners(alone)['b Apply']);
      }),
      { numRuns: 100 },
    );
  });
});

/** Sets and keyed lists have no order of their own. */
function sorted(spec: unknown): unknown {
  const lists = ['tags', 'parts'];
  const texts = (value: unknown) => (value as unknown[]).map((item) => JSON.stringify(item)).sort();
  return Object.entries(spec as object)
    .map(([member, value]) => [member, lists.includes(member) ? texts(value) : (value as unknown)])
    .sort();
}
