import type { KubeObject } from '../../../model/kube-object.ts';

/** Members of an Event of the core group, and what they are called in `events.k8s.io/v1`. All others are the same. */
const NEW_NAMES: Readonly<Record<string, string>> = {
  involvedObject: 'regarding',
  message: 'note',
  reportingComponent: 'reportingController',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
};
const OLD_NAMES = Object.fromEntries(Object.entries(NEW_NAMES).map(([old, now]) => [now, old]));

/** An Event as another version shows it, `v1` or `events.k8s.io/v1`: both are one and the same object. */
export function convertEvent(event: KubeObject, apiVersion: string): KubeObject {
  if (event.apiVersion === apiVersion) return event;
  const names = apiVersion === 'v1' ? OLD_NAMES : NEW_NAMES;
  const members = Object.entries(event).map(([name, value]) => [names[name] ?? name, value]);
  return withEventGaps({ ...(Object.fromEntries(members) as KubeObject), apiVersion });
}

/** With what Go writes even when it is empty, and without what it leaves out then. */
export function withEventGaps(event: KubeObject): KubeObject {
  if (event.apiVersion === 'v1') {
    const always = { source: {}, firstTimestamp: null, lastTimestamp: null };
    return { ...always, eventTime: null, reportingComponent: '', reportingInstance: '', ...event };
  }
  const always = {
    regarding: {},
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  };
  const members = Object.entries(event).filter(([, value]) => value !== '');
  return { ...always, eventTime: null, ...(Object.fromEntries(members) as KubeObject) };
}
