import {
  LEAF,
  PLAN_OVERVIEW,
  PROBLEM_DOCUMENT,
  SHORTCUT,
  SHORTCUT_DETAIL,
  SNAPSHOT,
} from './api-schemas.ts';
import { type JsonSchema, list, object, STRING } from './json-schema.ts';

/** What a route answers when all is well, and a problem document otherwise. */
function responses(ok: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return { 200: ok, '4xx': PROBLEM_DOCUMENT, '5xx': PROBLEM_DOCUMENT };
}

function items(item: JsonSchema): JsonSchema {
  return object<{ readonly items: unknown }>({ items: list(item) });
}

/** `?leaf=`, `?ready=` and `?phase=` of the list of shortcuts; all given ones must fit. */
const SHORTCUT_FILTER = object<{ leaf: unknown; ready: unknown; phase: unknown }>(
  {
    leaf: { ...STRING, description: 'only those that connect this leaf' },
    ready: { enum: ['True', 'False', 'Unknown'], description: 'only those with this readiness' },
    phase: { ...STRING, description: 'only those in this phase' },
  },
  ['leaf', 'ready', 'phase'],
);

/** Schemas of the routes (DESIGN section 6): what they take, what they answer, and what the OpenAPI document says. */
export const STATUS_ROUTE = {
  summary: 'The whole picture: source, counts, shortcuts, leaves',
  operationId: 'getStatus',
  response: responses(SNAPSHOT),
};
export const SHORTCUTS_ROUTE = {
  summary: 'All shortcuts, or those that fit every given filter',
  operationId: 'listShortcuts',
  querystring: SHORTCUT_FILTER,
  response: responses(items(SHORTCUT)),
};
export const SHORTCUT_ROUTE = {
  summary: 'One shortcut with what is wanted, what is planned, its history and its objects',
  operationId: 'getShortcut',
  params: object<{ namespace: unknown; name: unknown }>({ namespace: STRING, name: STRING }),
  response: responses(SHORTCUT_DETAIL),
};
export const LEAVES_ROUTE = {
  summary: 'All leaves',
  operationId: 'listLeaves',
  response: responses(items(LEAF)),
};
export const LEAF_ROUTE = {
  summary: 'One leaf',
  operationId: 'getLeaf',
  params: object<{ name: unknown }>({ name: STRING }),
  response: responses(LEAF),
};
export const PLAN_ROUTE = {
  summary: 'What would be done now, what is waited for and what is in the way',
  operationId: 'getPlan',
  response: responses(PLAN_OVERVIEW),
};
export const EVENTS_ROUTE = {
  summary: 'Server-sent events of the type "status": first the whole picture, then every change',
  description:
    'The data of an event is a StatusPatch as JSON. With `Last-Event-ID` the stream goes on where it was left, as far as that is still known; else it begins anew, with `reset: true`.',
  operationId: 'watchStatus',
  produces: ['text/event-stream'],
  headers: {
    type: 'object',
    properties: { 'last-event-id': { ...STRING, description: 'id of the last event received' } },
  },
  response: { '4xx': PROBLEM_DOCUMENT, '5xx': PROBLEM_DOCUMENT },
};
export const HEALTH_ROUTE = {
  response: responses(object<{ readonly status: string }>({ status: STRING })),
};
