import type { KubeObject } from '../../model/kube-object.ts';
import { listAt, numberAt, textsAt } from './fields.ts';

/**
 * Does the status belong to this spec? While a change is under way the former prefixes are in the status still, but rules
 * are made for them no more (as recorded). Before v1.2 there is no condition, and no change either.
 */
export function isConfigured(configuration: KubeObject): boolean {
  if (textsAt(configuration, 'status.remote.cidr.pod').length === 0) return false;
  const [condition] = listAt(configuration, 'status.conditions');
  const observed = numberAt(condition, 'observedGeneration');
  return observed === undefined || observed === configuration.metadata.generation;
}
