import { badRequest } from '../api-status-error.ts';
import { type FieldError, invalid } from '../schema/field-error.ts';
import type { Selection } from '../request.ts';
import type { ListSettings, WatchSettings } from '../store/object-reader.ts';
import type { HttpExchange } from './http-exchange.ts';

const SUBJECT = { group: 'meta.k8s.io', kind: 'ListOptions', name: '' };
const FIELD = 'resourceVersionMatch';

/** A number of the query; 0 when it is not there. Throws 400. */
function integer(exchange: HttpExchange, name: string): number {
  const text = exchange.query.get(name) ?? '';
  if (!/^-?\d*$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/** Selectors of the query. */
export function selectionOf({ query }: HttpExchange): Selection {
  return {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
  };
}

/** What a list is asked for. Throws 400 and 422. */
export function listSettingsOf(exchange: HttpExchange): ListSettings {
  const { query } = exchange;
  const settings = {
    ...selectionOf(exchange),
    limit: integer(exchange, 'limit'),
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    ...(query.get('continue') && { continue: query.get('continue') ?? '' }),
  };
  refuse(listErrors(exchange, settings));
  if (settings.continue !== undefined && !['', '0'].includes(settings.resourceVersion)) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  return settings;
}

/** What a watch is asked for. Throws 400 and 422. */
export function watchSettingsOf(exchange: HttpExchange): WatchSettings {
  const { query } = exchange;
  const timeout = integer(exchange, 'timeoutSeconds');
  refuse(watchErrors(exchange));
  return {
    ...selectionOf(exchange),
    resourceVersion: query.get('resourceVersion') ?? '',
    allowBookmarks: exchange.flag('allowWatchBookmarks'),
    sendInitialEvents: exchange.flag('sendInitialEvents'),
    ...(timeout > 0 && { timeoutSeconds: timeout }),
  };
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(SUBJECT, errors);
}

function forbidden(detail: string, field = FIELD): FieldError {
  return { type: 'FieldValueForbidden', field, detail };
}

function unsupported(value: string, ...supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`;
  return { type: 'FieldValueNotSupported', field: FIELD, value, detail };
}

/** apimachinery's `ValidateListOptions`. */
function listErrors(exchange: HttpExchange, settings: ListSettings): readonly FieldError[] {
  const { resourceVersionMatch: match = '', resourceVersion = '' } = settings;
  const initial = exchange.query.has('sendInitialEvents')
    ? [forbidden('sendInitialEvents is forbidden for list', 'sendInitialEvents')]
    : [];
  if (match === '') return initial;
  return [
    ...(resourceVersion === ''
      ? [forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided')]
      : []),
    ...(settings.continue === undefined
      ? []
      : [forbidden('resourceVersionMatch is forbidden when continue is provided')]),
    ...(['Exact', 'NotOlderThan'].includes(match)
      ? []
      : [unsupported(match, 'Exact', 'NotOlderThan', '')]),
    ...(match === 'Exact' && resourceVersion === '0'
      ? [forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')]
      : []),
    ...initial,
  ];
}

/** apimachinery's `validateWatchOptions`. */
function watchErrors({ query }: HttpExchange): readonly FieldError[] {
  const match = query.get('resourceVersionMatch') ?? '';
  const isFitting = match === 'NotOlderThan';
  const hasInitial = query.has('sendInitialEvents');
  return [
    ...(hasInitial && !isFitting
      ? [forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]
      : []),
    ...(match !== '' && !hasInitial
      ? [
          forbidden(
            'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
          ),
        ]
      : []),
    ...(match === '' || isFitting ? [] : [unsupported(match, 'NotOlderThan')]),
  ];
}
