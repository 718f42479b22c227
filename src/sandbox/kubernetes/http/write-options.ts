import { badRequest } from '../api-status-error.ts';
import { isJsonObject, type JsonObject, listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';
import type { DeleteSettings, FieldValidation, WriteSettings } from '../request.ts';
import { type FieldError, invalid } from '../schema/field-error.ts';
import type { HttpExchange } from './http-exchange.ts';

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

const FIELD_VALIDATIONS: readonly FieldValidation[] = ['Ignore', 'Strict', 'Warn'];
const POLICIES = ['Foreground', 'Background', 'Orphan'] as const;
const MANAGER_LIMIT = 128;

function refuse(kind: OptionsKind, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind, name: '' }, errors);
}

/** How a write is to be carried out. Throws 422 for options that do not exist. */
export function writeSettingsOf(exchange: HttpExchange, kind: OptionsKind): WriteSettings {
  const { query } = exchange;
  const fieldManager = query.get('fieldManager') ?? '';
  const asked = query.get('fieldValidation') ?? '';
  refuse(kind, [
    ...managerErrors(fieldManager),
    ...dryRunErrors(query.getAll('dryRun')),
    ...validationErrors(asked),
  ]);
  const program = exchange.header('user-agent').split('/')[0] ?? '';
  return {
    manager: fieldManager || program || 'unknown',
    dryRun: query.has('dryRun') && query.get('dryRun') !== '',
    fieldValidation: FIELD_VALIDATIONS.find((known) => known === asked) ?? 'Warn',
    warn: (text) => exchange.warnings.push(text),
  };
}

/** Throws 422: only an apply may use force. */
export function assertNoForce(exchange: HttpExchange): void {
  if (!exchange.query.has('force')) return;
  const detail = 'may not be specified for non-apply patch';
  refuse('PatchOptions', [{ type: 'FieldValueForbidden', field: 'force', detail }]);
}

/** Throws 422: an apply says who applies. */
export function assertFieldManager(exchange: HttpExchange): void {
  if (exchange.query.get('fieldManager')) return;
  const detail = 'is required for apply patch';
  refuse('PatchOptions', [{ type: 'FieldValueRequired', field: 'fieldManager', detail }]);
}

/** How a deletion is to be carried out: options of the body, or else of the query. Throws 400 and 422. */
export function deleteSettingsOf(exchange: HttpExchange, body: unknown): DeleteSettings {
  const options = deleteOptionsOf(body);
  const preconditions = objectOrEmpty(options['preconditions']);
  const uid = textOrEmpty(preconditions['uid']);
  const resourceVersion = textOrEmpty(preconditions['resourceVersion']);
  const asked = textOrEmpty(
    options['propagationPolicy'] ?? exchange.query.get('propagationPolicy') ?? '',
  );
  const dryRun = isJsonObject(body)
    ? listOrEmpty(options['dryRun'])
    : exchange.query.getAll('dryRun');
  refuse('DeleteOptions', [
    ...policyErrors(asked, options['orphanDependents'] !== undefined),
    ...dryRunErrors(dryRun),
  ]);
  const policy = POLICIES.find((known) => known === asked);
  return {
    ...(uid !== '' && { uid }),
    ...(resourceVersion !== '' && { resourceVersion }),
    ...(policy !== undefined && { propagationPolicy: policy }),
    dryRun: dryRun.includes('All'),
  };
}

function deleteOptionsOf(body: unknown): JsonObject {
  const options = objectOrEmpty(body);
  const kind = options['kind'] ?? 'DeleteOptions';
  if (kind === 'DeleteOptions') return options;
  const version = textOrEmpty(options['apiVersion']);
  throw badRequest(
    `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(version)} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

function managerErrors(manager: string): readonly FieldError[] {
  if (manager.length <= MANAGER_LIMIT) return [];
  const detail = `may not be more than ${MANAGER_LIMIT} bytes`;
  return [{ type: 'FieldValueTooLong', field: 'fieldManager', detail }];
}

function dryRunErrors(asked: readonly unknown[]): readonly FieldError[] {
  if (asked.every((one) => one === 'All' || one === '')) return [];
  return [notSupported('dryRun', asked, ['All'])];
}

function validationErrors(asked: string): readonly FieldError[] {
  const known = ['', ...FIELD_VALIDATIONS];
  return known.includes(asked) ? [] : [notSupported('fieldValidation', asked, known)];
}

function policyErrors(asked: string, orphans: boolean): readonly FieldError[] {
  const field = 'propagationPolicy';
  if (asked === '') return [];
  if (orphans) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    return [{ type: 'FieldValueInvalid', field, value: asked, detail }];
  }
  const isKnown = POLICIES.some((known) => known === asked);
  return isKnown ? [] : [notSupported(field, asked, [...POLICIES, 'nil'])];
}

function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`;
  return { type: 'FieldValueNotSupported', field, value, detail };
}
