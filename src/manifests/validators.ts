import { Ajv2020, type SchemaObject, type ErrorObject } from 'ajv/dist/2020.js';
import ipaddr from 'ipaddr.js';
import {
  leafClusterManifestSchema,
  shortcutManifestSchema,
} from '../model/generated/manifest-schemas.ts';
import { isCidr } from './cidr-block.ts';
import type { DesiredResource } from './desired-state.ts';

/** Writes the schema's defaults into the data, and returns what is wrong with it. */
type Validate = (data: unknown) => readonly ErrorObject[];

export type Validators = Readonly<Record<DesiredResource['kind'], Validate>>;

let compiled: Validators | undefined;

/** The validators of both kinds. To compile them takes some milliseconds, so that is done once, when they are wanted. */
export function manifestValidators(): Validators {
  compiled ??= compile();
  return compiled;
}

function compile(): Validators {
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    useDefaults: true,
    verbose: true,
    keywords: ['x-expected'],
    formats: { ipv4: isIPv4, cidr: isCidr },
  });
  return {
    Shortcut: validatorOf(ajv, shortcutManifestSchema),
    LeafCluster: validatorOf(ajv, leafClusterManifestSchema),
  };
}

function validatorOf(ajv: Ajv2020, schema: SchemaObject): Validate {
  const validate = ajv.compile(schema);
  return (data) => {
    validate(data);
    return validate.errors ?? [];
  };
}

function isIPv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}
