import { expect } from 'chai';
import { invalid } from '../../../src/sandbox/kubernetes/schema/field-error.ts';
import { obeysFormat } from '../../../src/sandbox/kubernetes/schema/formats.ts';
import { HttpCaller } from './http-caller.ts';
import { toyServer } from './toy-server.ts';
import { aWidget } from './widgets.ts';
import type { ApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';

describe('validation against a schema', () => {
  let server: ApiServer;
  let http: HttpCaller;

  before(async () => {
    server = await toyServer();
    await server.start();
    http = new HttpCaller(server);
  });
  after(async () => {
    await http.close();
    await server.stop();
  });

  const NOT_CHECKED =
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
  const cases: readonly (readonly [spec: object, want: string])[] = [
    [
      { size: 0 },
      'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    ],
    [
      { size: 11 },
      'spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10',
    ],
    [{ ratio: 0 }, 'spec.ratio: Invalid value: 0: spec.ratio in body should be greater than 0'],
    [{ ratio: 1 }, 'spec.ratio: Invalid value: 1: spec.ratio in body should be less than 1'],
    [
      { size: 1.5 },
      `[spec.size: Invalid value: "number": spec.size in body must be of type integer: "number", ${NOT_CHECKED}]`,
    ],
    [
      { on: 1 },
      `[spec.on: Invalid value: "integer": spec.on in body must be of type boolean: "integer", ${NOT_CHECKED}]`,
    ],
    [
      { tags: {} },
      `[spec.tags: Invalid value: "object": spec.tags in body must be of type array: "object", ${NOT_CHECKED}]`,
    ],
    [
      { port: [] },
      `[spec.port: Invalid value: "array": spec.port in body must be of type integer,string: "array", <nil>: Invalid value: "": "spec.port" must validate at least one schema (anyOf), spec.port: Invalid value: "array": spec.port in body must be of type integer: "array", ${NOT_CHECKED}]`,
    ],
    [
      { color: 'blue' },
      `[spec.color: Unsupported value: "blue": supported values: "red", "green", ${NOT_CHECKED}]`,
    ],
    [
      { title: 'a' },
      'spec.title: Invalid value: "a": spec.title in body should be at least 2 chars long',
    ],
    [{ title: 'abcdef' }, `[spec.title: Too long: may not be more than 5 bytes, ${NOT_CHECKED}]`],
    [
      { title: 'A1' },
      `spec.title: Invalid value: "A1": spec.title in body should match '^[a-z]+$'`,
    ],
    [
      { range: '10.0.0.0/33' },
      `[spec.range: Invalid value: "10.0.0.0/33": spec.range in body must be of type cidr: "10.0.0.0/33", ${NOT_CHECKED}]`,
    ],
    [
      { steps: [] },
      'spec.steps: Invalid value: 0: spec.steps in body should have at least 1 items',
    ],
    [
      { steps: ['a', 'b', 'c'] },
      `[spec.steps: Too many: 3: must have at most 2 items, ${NOT_CHECKED}]`,
    ],
    [{ tags: ['a', 'a'] }, 'spec.tags[1]: Duplicate value: "a"'],
    [{ parts: [{ name: 'a' }, { name: 'a' }] }, 'spec.parts[1]: Duplicate value: {"name":"a"}'],
    [{ parts: [{}] }, `[spec.parts[0].name: Required value, ${NOT_CHECKED}]`],
    [
      { notes: {} },
      'spec.notes: Invalid value: 0: spec.notes in body should have at least 1 properties',
    ],
    [
      { notes: { a: '1', b: '2', c: '3' } },
      `[spec.notes: Too many: 3: must have at most 2 items, ${NOT_CHECKED}]`,
    ],
    [
      { one: {} },
      `[<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid, spec.one.a: Required value, spec.one: Invalid value: 0: spec.one in body should have at least 1 properties, <nil>: Invalid value: "": "spec.one" must validate all the schemas (allOf). None validated, ${NOT_CHECKED}]`,
    ],
    [
      { one: { a: '1', b: '2' } },
      '[<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives, <nil>: Invalid value: "": "spec.one" must not validate the schema (not)]',
    ],
    [{ size: 1, tags: ['a', 'b'] }, 'spec.tags: Invalid value: no more than 1 tags'],
  ];

  for (const [spec, want] of cases) {
    it(`says what is wrong with ${JSON.stringify(spec)}`, async () => {
      const { code, body } = await http.call(
        'POST',
        '/apis/example.org/v1/namespaces/toys/widgets',
        {
          body: aWidget(spec),
        },
      );

      expect(code).to.equal(422);
      expect(body.message).to.equal(`Widget.example.org "w" is invalid: ${want}`);
    });
  }

  it('takes what is in order', async () => {
    const spec = {
      size: 3,
      ratio: 0.5,
      port: 'http',
      range: 'fd00::/8',
      when: '2026-01-01T00:00:00Z',
      tags: ['a'],
      one: { a: '1' },
      color: 'green',
      fixed: 'x',
      parts: [{ name: 'p', kept: 'k' }],
    };
    const root = '/apis/example.org/v1/namespaces/toys/widgets';
    const { code, body } = await http.call('POST', root, { body: aWidget(spec, { name: 'good' }) });

    expect(code).to.equal(201);
    expect(body.spec).to.deep.equal(spec);
  });

  for (const [change, field] of [
    [{ fixed: 'y' }, 'spec.fixed'],
    [{ parts: [{ name: 'o' }, { name: 'p', kept: 'changed' }] }, 'spec.parts[1].kept'],
  ] as const) {
    it(`asks rules about the old value of ${field}`, async () => {
      const root = '/apis/example.org/v1/namespaces/toys/widgets';
      const spec = { fixed: 'x', parts: [{ name: 'p', kept: 'k' }] };
      await http.call('POST', root, { body: aWidget(spec, { name: 'old' }) });

      const { code, body } = await http.call('PATCH', `${root}/old`, {
        body: { spec: change },
        type: 'application/merge-patch+json',
      });

      expect(code).to.equal(422);
      expect(body.details!.causes?.[0]?.field).to.equal(field);
    });
  }

  for (const [metadata, field] of [
    [{ name: 'a'.repeat(254) }, 'metadata.name'],
    [{ labels: { 'a b': '' } }, 'metadata.labels'],
    [{ labels: { 'A_/b': '' } }, 'metadata.labels'],
    [{ labels: { ['a'.repeat(64)]: '' } }, 'metadata.labels'],
    [{ labels: { a: 'b'.repeat(64) } }, 'metadata.labels'],
    [{ annotations: { '-': '' } }, 'metadata.annotations'],
    [{ finalizers: ['no good'] }, 'metadata.finalizers'],
    [{ ownerReferences: [{ uid: 'u' }] }, 'metadata.ownerReferences.apiVersion'],
  ] as const) {
    it(`refuses metadata ${JSON.stringify(metadata).slice(0, 60)}`, async () => {
      const root = '/apis/example.org/v1/namespaces/toys/widgets';
      const { body } = await http.call('POST', root, { body: aWidget({}, metadata) });

      expect(body.code).to.equal(422);
      expect(body.details!.causes?.[0]?.field).to.equal(field);
    });
  }

  for (const [format, good, bad] of [
    ['byte', 'YWJj', 'abc'],
    ['cidr', '10.0.0.0/8', '10.0.0.0/8/9'],
    ['cidr', '::/0', '::/x'],
    ['date', '2026-01-02', '2026-13-41'],
    ['date-time', '2026-01-02T03:04:05.6+01:00', '2026-01-02'],
    ['datetime', '2026-01-02T03:04:05Z', 'now'],
    ['duration', '1h30m', '1 day'],
    ['email', 'a@b', 'ab'],
    ['hostname', 'a.b', '-a'],
    ['ipv4', '10.0.0.1', '10.0.0'],
    ['ipv6', 'fd00::1', '10.0.0.1'],
    ['mac', '00:11:22:33:44:55', '00:11'],
    ['uri', 'https://a/b', 'not a uri'],
    ['uri', '/a', ''],
    ['uuid', '123e4567-e89b-12d3-a456-426614174000', '123'],
    ['int32', 2147483647, 2147483648],
    ['int64', -5, 2 ** 63],
  ] as const) {
    it(`knows the format ${format}`, () => {
      expect(obeysFormat(good, format)).to.equal(true);
      expect(obeysFormat(bad, format)).to.equal(false);
    });
  }

  it('ignores formats that it does not know', () => {
    expect(obeysFormat('x', 'unheard-of')).to.equal(true);
    expect(obeysFormat(1, 'unheard-of')).to.equal(true);
  });

  it('names core kinds without a group', () => {
    const error = invalid({ group: '', kind: 'Pod', name: 'p' }, [
      { type: 'FieldValueRequired', field: 'spec', detail: 'must be there' },
    ]);

    expect(error.status.message).to.equal(
      'Pod "p" is invalid: spec: Required value: must be there',
    );
  });
});
