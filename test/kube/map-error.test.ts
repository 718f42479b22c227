import { expect } from 'chai';
import {
  AlreadyExistsError,
  ClusterForbiddenError,
  ClusterUnauthorizedError,
  ClusterUnreachableError,
  ExpiredError,
  NotFoundError,
  RejectedByApiError,
  ThrottledError,
  TimeoutError,
  WriteConflictError,
} from '../../src/errors/errors.ts';
import { type ApiStatus, toKubeError } from '../../src/kube/map-error.ts';

const context = { cluster: 'rome', action: 'apply Configuration/ns/milan' };

describe('toKubeError', () => {
  const cases: {
    name: string;
    status: ApiStatus;
    want: new (...args: never[]) => Error;
    details?: object;
  }[] = [
    { name: '401', status: { code: 401 }, want: ClusterUnauthorizedError },
    { name: '403', status: { code: 403, reason: 'Forbidden' }, want: ClusterForbiddenError },
    {
      name: '403 of a namespace that is being deleted: it passes',
      status: {
        code: 403,
        reason: 'Forbidden',
        details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
      },
      want: WriteConflictError,
    },
    {
      name: '404 of an object',
      status: { code: 404, reason: 'NotFound', details: { name: 'milan', kind: 'configurations' } },
      want: NotFoundError,
      details: { kindMissing: false },
    },
    {
      name: '404 of a kind',
      status: { code: 404, reason: 'NotFound', details: {} },
      want: NotFoundError,
      details: { kindMissing: true },
    },
    {
      name: '404 in plain text',
      status: { code: 404 },
      want: NotFoundError,
      details: { kindMissing: true },
    },
    { name: '408', status: { code: 408 }, want: TimeoutError },
    {
      name: '409 AlreadyExists',
      status: { code: 409, reason: 'AlreadyExists' },
      want: AlreadyExistsError,
    },
    { name: '409 Conflict', status: { code: 409, reason: 'Conflict' }, want: WriteConflictError },
    {
      name: '409 of field owners',
      status: {
        code: 409,
        reason: 'Conflict',
        details: {
          causes: [
            { reason: 'FieldManagerConflict', message: 'conflict with "x"', field: '.spec.mtu' },
          ],
        },
      },
      want: WriteConflictError,
      details: { fields: '.spec.mtu (FieldManagerConflict)' },
    },
    { name: '410', status: { code: 410, reason: 'Expired' }, want: ExpiredError },
    {
      name: '429 with a header',
      status: { code: 429, retryAfterSeconds: 4, details: { retryAfterSeconds: 1 } },
      want: ThrottledError,
      details: { retryAfterSeconds: 4 },
    },
    {
      name: '429 with a detail',
      status: { code: 429, details: { retryAfterSeconds: 1 } },
      want: ThrottledError,
      details: { retryAfterSeconds: 1 },
    },
    { name: '400', status: { code: 400, reason: 'BadRequest' }, want: RejectedByApiError },
    { name: '415', status: { code: 415 }, want: RejectedByApiError },
    {
      name: '422 with its fields',
      status: {
        code: 422,
        reason: 'Invalid',
        message: 'spec.mtu: Invalid value: a-secret',
        details: {
          causes: [
            { reason: 'FieldValueInvalid', field: 'spec.mtu', message: 'a-secret' },
            { field: 'spec.port' },
            { reason: 'Odd' },
            null,
          ],
        },
      },
      want: RejectedByApiError,
      details: {
        fields: 'spec.mtu (FieldValueInvalid), spec.port (no reason given)',
        reason: 'Invalid',
      },
    },
    {
      name: '422 of another UID',
      status: {
        code: 422,
        reason: 'Invalid',
        details: { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.uid' }] },
      },
      want: WriteConflictError,
    },
    {
      name: '500 of a typed patch, with its fields and without values',
      status: {
        code: 500,
        message:
          'failed to create typed patch object (ns/x; networking.liqo.io/v1beta1, Kind=Configuration): errors:\n' +
          '  .spec.remote.cidr.external: expected list, got &{a-secret}\n' +
          '  .spec.remote.cidr.pods: field not declared in schema',
      },
      want: RejectedByApiError,
      details: {
        fields:
          'spec.remote.cidr.external (expected list), spec.remote.cidr.pods (field not declared in schema)',
      },
    },
    {
      name: '500',
      status: { code: 500, message: 'etcd: a-secret' },
      want: ClusterUnreachableError,
    },
    { name: '503', status: { code: 503 }, want: ClusterUnreachableError },
    { name: '504', status: { code: 504, reason: 'Timeout' }, want: TimeoutError },
    { name: 'a redirect', status: { code: 302 }, want: ClusterUnreachableError },
  ];
  for (const { name, status, want, details = {} } of cases) {
    it(`maps ${name} to ${want.name}, without the server's own sentences`, () => {
      const error = toKubeError(status, context);

      expect(error).to.be.instanceOf(want);
      expect(error.details).to.include({ ...context, status: status.code, ...details });
      expect(error.message).to.match(
        /^cannot apply Configuration\/ns\/milan on cluster "rome": [^\n]+$/,
      );
      expect(error.message + JSON.stringify(error.details)).not.to.include('a-secret');
    });
  }

  it('keeps one line of bounded length, whatever the server says', () => {
    const causes = Array.from({ length: 10_000 }, () => ({ field: 'spec.mtu' }));

    const error = toKubeError({ code: 422, details: { causes } }, context);

    expect(error.message).to.match(/^[\x20-\x7e]{1,500}…$/);
  });

  for (const { field, named } of [
    { field: 'spec.cidr.pod[0]', named: 'spec.cidr.pod[0]' },
    { field: 'metadata.labels[a-secret]', named: 'metadata.labels…' },
    { field: '.metadata.annotations.a-secret/key', named: '.metadata.annotations…' },
    { field: 'spec.\n\u001b[31m', named: 'spec…' },
    { field: `spec.${'x'.repeat(41)}`, named: 'spec…' },
    { field: 'a-secret', named: '…' },
  ]) {
    it(`names ${JSON.stringify(field)} as far as it is the name of a field`, () => {
      const causes = [{ field, reason: 'a-secret' }];

      const { details } = toKubeError({ code: 422, details: { causes } }, context);

      expect(details['fields']).to.equal(`${named} (no reason given)`);
    });
  }

  it('takes details that are none for none', () => {
    const error = toKubeError({ code: 422, details: 'causes' }, context);

    expect(error.details).not.to.have.property('fields');
  });

  it('keeps the reasons that Kubernetes has, and no word of a server of its own', () => {
    const reasonOf = (reason: string) =>
      toKubeError({ code: 500, reason }, { cluster: 'rome', action: 'get Secret/ns/name' }).details[
        'reason'
      ];

    expect(reasonOf('InternalError')).to.equal('InternalError');
    expect(reasonOf('a-secret-token')).to.equal(undefined);
  });
});
