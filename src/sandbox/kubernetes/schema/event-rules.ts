import type { KubeObject } from '../../../model/kube-object.ts';
import { jsonEqual, objectOrEmpty, textOrEmpty } from '../json.ts';
import { convertEvent } from './event-versions.ts';
import type { FieldError } from './field-error.ts';
import { qualifiedNameProblem } from './metadata-validation.ts';

const MAX_WORD = 128;
const MAX_NOTE = 1_024;

/** Events know two forms of rules: an old one, and one for those with `eventTime` (kubernetes/pkg/apis/core/validation/events.go). */
export function eventErrors(
  given: KubeObject,
  givenLive: KubeObject | undefined,
): readonly FieldError[] {
  const event = convertEvent(given, 'v1');
  const live = givenLive && convertEvent(givenLive, 'v1');
  const controller = given.apiVersion === 'v1' ? 'reportingComponent' : 'reportingController';
  const errors = hasTime(event) ? timedErrors(event, controller) : placeErrors(event, ['default']);
  if (given.apiVersion === 'v1') return errors;
  return [...errors, ...(live === undefined ? newErrors(event) : changeErrors(event, live))];
}

function hasTime({ eventTime }: KubeObject): boolean {
  return textOrEmpty(eventTime) !== '';
}

function invalidAt(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, value, detail };
}

function requiredAt(field: string): FieldError {
  return { type: 'FieldValueRequired', field, detail: '' };
}

/** Objects of the cluster have their Events in certain namespaces, all others in their own. */
function placeErrors(event: KubeObject, ofCluster: readonly string[]): readonly FieldError[] {
  const home = event.metadata.namespace ?? '';
  const place = textOrEmpty(objectOrEmpty(event['involvedObject'])['namespace']);
  const fits = place === '' ? ofCluster.includes(home) : place === home;
  const detail = 'does not match event.namespace';
  return fits ? [] : [invalidAt('involvedObject.namespace', place, detail)];
}

function timedErrors(event: KubeObject, controllerField: string): readonly FieldError[] {
  const place = textOrEmpty(objectOrEmpty(event['involvedObject'])['namespace']);
  const controller = textOrEmpty(event['reportingComponent']);
  const problem = qualifiedNameProblem(controller);
  return [
    // Where another namespace is named, nobody looks.
    ...(place === '' ? placeErrors(event, ['default', 'kube-system']) : []),
    ...(controller === ''
      ? [requiredAt(controllerField), invalidAt(controllerField, '', 'name part must be non-empty')]
      : []),
    ...(problem === undefined ? [] : [invalidAt(controllerField, controller, problem)]),
    ...['reportingInstance', 'action', 'reason'].flatMap((field) => wordErrors(event, field)),
    ...lengthErrors(event, 'message', MAX_NOTE),
  ];
}

function wordErrors(event: KubeObject, field: string): readonly FieldError[] {
  return textOrEmpty(event[field]) === ''
    ? [requiredAt(field)]
    : lengthErrors(event, field, MAX_WORD);
}

function lengthErrors(event: KubeObject, field: string, limit: number): readonly FieldError[] {
  const isLong = Buffer.byteLength(textOrEmpty(event[field])) > limit;
  return isLong ? [invalidAt(field, '', `can have at most ${limit} characters`)] : [];
}

function newErrors(event: KubeObject): readonly FieldError[] {
  const type = textOrEmpty(event['type']);
  const unset = (['firstTimestamp', 'lastTimestamp', 'count', 'source'] as const)
    .filter((field) => isSet(event[field]))
    .map((field) => invalidAt(field, '', 'needs to be unset'));
  return [
    ...seriesErrors(event),
    ...(hasTime(event) ? [] : [requiredAt('eventTime')]),
    ...(type === 'Normal' || type === 'Warning'
      ? []
      : [invalidAt('type', '', `has invalid value: ${type}`)]),
    ...unset,
  ];
}

function isSet(value: unknown): boolean {
  return ![undefined, null, 0].includes(value as null) && !jsonEqual(value, {});
}

/** Of such an Event nothing but its series changes. */
function changeErrors(event: KubeObject, live: KubeObject): readonly FieldError[] {
  // The real one, too, looks at the reason twice.
  const who = ['involvedObject', 'reason', 'reportingComponent', 'reportingInstance', 'action'];
  const series = jsonEqual(event['series'], live['series']) ? [] : seriesErrors(event);
  const changed = [...who, 'reason', 'message', 'type', 'related', 'eventTime']
    .filter((field) => !jsonEqual(event[field], live[field]))
    .map((field) => invalidAt(field, event[field], 'field is immutable'));
  return [...series, ...changed];
}

function seriesErrors(event: KubeObject): readonly FieldError[] {
  if (event['series'] === undefined) return [];
  const { count, lastObservedTime } = objectOrEmpty(event['series']);
  return [
    ...(typeof count === 'number' && count >= 2
      ? []
      : [invalidAt('series.count', '', 'should be at least 2')]),
    ...(textOrEmpty(lastObservedTime) === '' ? [requiredAt('series.lastObservedTime')] : []),
  ];
}
