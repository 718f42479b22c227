import { parse as parseYaml } from 'yaml';
import { type ApiStatusError, badRequest, unsupportedMediaType } from '../api-status-error.ts';
import { jsonKind } from '../json.ts';
import { decodeProtobuf } from './protobuf.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const OBJECT_TYPES = ['application/json', 'application/yaml', PROTOBUF];

/** How much of a body that makes no sense is quoted, in bytes. */
const QUOTE_BYTES = 30;

/** A body as it came. */
export interface RequestBody {
  readonly bytes: Buffer;
  /** Media type, without parameters. */
  readonly type: string;
}

/** The object that a creation or an update sends. Throws 415, and 400 when it cannot be read as one of the kind. */
export function objectIn({ bytes, type }: RequestBody, kind: string): Record<string, unknown> {
  if (type !== '' && !OBJECT_TYPES.includes(type)) throw unsupportedMediaType(OBJECT_TYPES);
  if (type === PROTOBUF) {
    const decoded = decodeProtobuf(bytes);
    if (decoded === undefined) throw unsupportedMediaType(OBJECT_TYPES.slice(0, 2));
    return decoded;
  }
  const text = bytes.toString();
  const value = read(text, type === 'application/yaml', (why) =>
    unrecognized(kind, `couldn't get version/kind; json parse error: ${why}`, text),
  );
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  const target =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  const why = `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(value)} into Go value of type ${target}`;
  throw unrecognized(kind, why, text);
}

/** 400 for a body that is no object of the kind. */
export function unrecognized(kind: string, why: string, text: string): ApiStatusError {
  const message = `the object provided is unrecognized (must be of type ${kind}): ${why}`;
  return badRequest(`${message} (${summary(text)})`);
}

/** What a patch sends. Throws 400. */
export function patchIn({ bytes }: RequestBody): unknown {
  return read(bytes.toString(), false, (why) => badRequest(`error decoding patch: ${why}`));
}

/** What an apply sends, JSON or YAML. Throws 400. */
export function configurationIn({ bytes }: RequestBody): Record<string, unknown> {
  const value = read(bytes.toString(), true, (why) =>
    badRequest(`error decoding YAML: error converting YAML to JSON: ${why}`),
  );
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw badRequest(
    `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`,
  );
}

/** Options that a deletion may send; undefined when there are none. Throws 400. */
export function optionsIn({ bytes }: RequestBody): unknown {
  if (bytes.length === 0) return undefined;
  return read(bytes.toString(), false, (why) =>
    badRequest(`couldn't get version/kind; json parse error: ${why}`),
  );
}

function read(text: string, isYaml: boolean, refuse: (why: string) => ApiStatusError): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!isYaml) throw refuse(jsonProblem(text, error));
  }
  try {
    // Go's library reads YAML 1.1, in which `y` and `on` are true.
    return parseYaml(text, { version: '1.1' }) as unknown;
  } catch {
    throw refuse('yaml: found unexpected end of stream');
  }
}

/** What encoding/json says of a text that is no JSON. */
function jsonProblem(text: string, error: unknown): string {
  const [, position] = /at position (\d+)/.exec(String(error)) ?? [];
  const sign = text[Number(position ?? text.length)];
  return sign === undefined
    ? 'unexpected end of JSON input'
    : `invalid character '${sign}' looking for beginning of value`;
}

/** A body as messages quote it. */
function summary(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return '<empty>';
  const head = bytes.subarray(0, QUOTE_BYTES);
  const shown = text.startsWith('{') ? head.toString() : head.toString('hex');
  return bytes.length > QUOTE_BYTES ? `${shown} ...` : shown;
}
