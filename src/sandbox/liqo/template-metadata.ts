import type { KubeObject } from '../../model/kube-object.ts';
import { valueAt } from './fields.ts';
import { MANAGED } from './names.ts';

type Texts = Readonly<Record<string, string>>;

/**
 * Labels and annotations of a Deployment or Service made from a template, with Liqo's two notes of which of them came from
 * the template, so that it can take them away later (as recorded).
 */
export function templateMetadata(
  wgGateway: KubeObject,
  path: string,
): { readonly labels: Texts; readonly annotations: Texts } {
  const labels = (valueAt(wgGateway, `${path}.labels`) ?? {}) as Texts;
  const annotations = (valueAt(wgGateway, `${path}.annotations`) ?? {}) as Texts;
  return {
    labels: { ...labels, ...MANAGED },
    annotations: {
      ...annotations,
      'liqo.io/template-labels': keysOf(labels),
      'liqo.io/template-annotations': keysOf(annotations),
    },
  };
}

function keysOf(texts: Texts): string {
  return Object.keys(texts)
    .sort()
    .map((key) => `${key},`)
    .join('');
}
