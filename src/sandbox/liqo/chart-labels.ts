import { FEATURES, type LiqoVersion } from './liqo-version.ts';

/** The labels that the chart of a version gives to what it installs for a component. */
export function chartLabels(
  component: string,
  version: LiqoVersion,
): Readonly<Record<string, string>> {
  const { tag } = FEATURES[version];
  return {
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/instance': `liqo-${component}`,
    'app.kubernetes.io/managed-by': 'Helm',
    'app.kubernetes.io/name': component,
    'app.kubernetes.io/part-of': 'liqo',
    'app.kubernetes.io/version': tag,
    'helm.sh/chart': `liqo-${tag}`,
  };
}
