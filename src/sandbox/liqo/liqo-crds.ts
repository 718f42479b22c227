import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeObject } from '../../model/kube-object.ts';
import { FEATURES, type LiqoFeatures, type LiqoVersion } from './liqo-version.ts';

const FOLDER = join(import.meta.dirname, 'crds');

/** Liqo's CRDs for network peering, as the given version has them (liqo/crds/VERSION). Read from this checkout. */
export async function loadLiqoCRDs(version: LiqoVersion): Promise<readonly KubeObject[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(FOLDER, file), 'utf8')));
  return texts.map((text) => {
    const crd = parse(text) as KubeObject;
    const fields = newerFields(crd.metadata.name, FEATURES[version]);
    return fields.size === 0 ? crd : (withoutFields(crd, fields) as KubeObject);
  });
}

/** Fields of the newest manifests that this version does not have yet. */
function newerFields(crd: string, features: LiqoFeatures): ReadonlySet<string> {
  const fields = new Set<string>();
  if (!features.portLists && crd.includes('gateway')) {
    for (const field of ['ports', 'nodePorts', 'x-kubernetes-validations']) fields.add(field);
    fields.add('networking.liqo.io/gatewaytemplate');
  }
  if (features.manyCIDRs) return fields;
  const added: Readonly<Record<string, readonly string[]>> = {
    'configurations.networking.liqo.io': ['conditions'],
    'gatewayservers.networking.liqo.io': ['serviceAnnotations', 'serviceLabels'],
    'foreignclusters.core.liqo.io': ['observedGeneration'],
    'routeconfigurations.networking.liqo.io': ['priority'],
  };
  for (const field of added[crd] ?? []) fields.add(field);
  return fields;
}

function withoutFields(value: unknown, fields: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutFields(item, fields));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !fields.has(key))
      .map(([key, item]) => [key, withoutFields(item, fields)]),
  );
}
