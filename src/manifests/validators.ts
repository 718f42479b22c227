import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ipaddr from 'ipaddr.js';
import {
  leafClusterManifestSchema,
  shortcutManifestSchema,
} from '../model/generated/manifest-schemas.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { Shortcut } from '../model/shortcut.ts';
import { isCidr } from './cidr-block.ts';

/** One validator a kind. They write the schema's defaults into what they validate. */
export interface Validators {
  readonly Shortcut: ValidateFunction<Shortcut>;
  readonly LeafCluster: ValidateFunction<LeafCluster>;
}

/** Compiles the validators of both kinds: some milliseconds, so once for a whole source. */
export function compileValidators(): Validators {
  const ajv = new Ajv2020({
    allErrors: true,
    useDefaults: true,
    verbose: true,
    keywords: ['x-expected'],
    formats: { ipv4: isIPv4, cidr: isCidr },
  });
  return {
    Shortcut: ajv.compile<Shortcut>(shortcutManifestSchema),
    LeafCluster: ajv.compile<LeafCluster>(leafClusterManifestSchema),
  };
}

function isIPv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}
