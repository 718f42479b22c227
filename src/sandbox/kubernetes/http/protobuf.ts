import { badRequest } from '../api-status-error.ts';
import type { JsonObject } from '../json.ts';

/** How one field of a message is read: its JSON name and what it holds. */
interface Field {
  readonly name: string;
  readonly type: 'string' | 'bytes' | 'bool' | 'map' | 'bytesMap' | Message;
  readonly repeated?: true;
}

/** A message by field number (generated.proto files of k8s.io/api and k8s.io/apimachinery). */
type Message = Readonly<Record<number, Field>>;

const MESSAGE_END = 2 ** 31;

function text(name: string): Field {
  return { name, type: 'string' };
}

function texts(name: string): Field {
  return { name, type: 'string', repeated: true };
}

const OBJECT_META: Message = {
  1: text('name'),
  2: text('generateName'),
  3: text('namespace'),
  5: text('uid'),
  6: text('resourceVersion'),
  11: { name: 'labels', type: 'map' },
  12: { name: 'annotations', type: 'map' },
  14: texts('finalizers'),
};
const METADATA: Field = { name: 'metadata', type: OBJECT_META };

const RULES: Field = {
  name: 'rules',
  repeated: true,
  type: {
    1: texts('verbs'),
    2: texts('apiGroups'),
    3: texts('resources'),
    4: texts('resourceNames'),
    5: texts('nonResourceURLs'),
  },
};
const BINDING: Message = {
  1: METADATA,
  2: {
    name: 'subjects',
    repeated: true,
    type: { 1: text('kind'), 2: text('apiGroup'), 3: text('name'), 4: text('namespace') },
  },
  3: { name: 'roleRef', type: { 1: text('apiGroup'), 2: text('kind'), 3: text('name') } },
};
const RESOURCE_ATTRIBUTES: Field = {
  name: 'resourceAttributes',
  type: {
    1: text('namespace'),
    2: text('verb'),
    3: text('group'),
    4: text('version'),
    5: text('resource'),
    6: text('subresource'),
    7: text('name'),
  },
};

/** The kinds for which `kubectl create` and `kubectl auth` send protobuf. */
const MESSAGES: Readonly<Record<string, Message>> = {
  Namespace: { 1: METADATA },
  Secret: {
    1: METADATA,
    2: { name: 'data', type: 'bytesMap' },
    3: text('type'),
    4: { name: 'stringData', type: 'map' },
    5: { name: 'immutable', type: 'bool' },
  },
  ConfigMap: {
    1: METADATA,
    2: { name: 'data', type: 'map' },
    3: { name: 'binaryData', type: 'bytesMap' },
    4: { name: 'immutable', type: 'bool' },
  },
  ServiceAccount: { 1: METADATA },
  Role: { 1: METADATA, 2: RULES },
  ClusterRole: { 1: METADATA, 2: RULES },
  RoleBinding: BINDING,
  ClusterRoleBinding: BINDING,
  SelfSubjectAccessReview: {
    1: METADATA,
    2: {
      name: 'spec',
      type: {
        1: RESOURCE_ATTRIBUTES,
        2: { name: 'nonResourceAttributes', type: { 1: text('path'), 2: text('verb') } },
      },
    },
  },
  SelfSubjectRulesReview: { 1: METADATA, 2: { name: 'spec', type: { 1: text('namespace') } } },
};

/** `runtime.Unknown`, the envelope around every message. */
const ENVELOPE: Message = {
  1: { name: 'typeMeta', type: { 1: text('apiVersion'), 2: text('kind') } },
  2: { name: 'raw', type: 'bytes' },
};
const MAGIC = 'k8s\0';

/** One field as it lies in the bytes: its number, and its content or its value. */
interface RawField {
  readonly number: number;
  readonly value: Buffer | number;
}

function* rawFields(bytes: Buffer): Generator<RawField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; at < bytes.length && shift < MESSAGE_END ** 2; shift *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
    throw badRequest('the body of the request is not valid protobuf');
  };
  while (at < bytes.length) {
    const key = varint();
    const wire = key % 8;
    const value = varint();
    if (wire !== 0 && (wire !== 2 || at + value > bytes.length)) {
      throw badRequest('the body of the request is not valid protobuf');
    }
    yield {
      number: Math.floor(key / 8),
      value: wire === 0 ? value : bytes.subarray(at, at + value),
    };
    if (wire === 2) at += value;
  }
}

function entry(bytes: Buffer, encoding: 'utf8' | 'base64'): JsonObject {
  const [key, value] = [1, 2].map(
    (wanted) => [...rawFields(bytes)].find(({ number }) => number === wanted)?.value,
  );
  const plain = (part: Buffer | number | undefined, as: 'utf8' | 'base64'): string =>
    Buffer.isBuffer(part) ? part.toString(as) : '';
  return { [plain(key, 'utf8')]: plain(value, encoding) };
}

function decodeValue(value: Buffer | number, type: Field['type'], before: unknown): unknown {
  if (!Buffer.isBuffer(value)) return type === 'bool' ? value !== 0 : value;
  switch (type) {
    case 'string':
      return value.toString();
    case 'bytes':
      return value;
    case 'bool':
      return undefined;
    case 'map':
      return { ...(before as object | undefined), ...entry(value, 'utf8') };
    case 'bytesMap':
      return { ...(before as object | undefined), ...entry(value, 'base64') };
    default:
      return decodeMessage(value, type);
  }
}

function decodeMessage(bytes: Buffer, message: Message): JsonObject {
  const decoded: JsonObject = {};
  for (const { number, value } of rawFields(bytes)) {
    const field = message[number];
    if (field === undefined) continue;
    const before = decoded[field.name];
    const item = decodeValue(value, field.type, before);
    // The wire form cannot leave out texts, JSON can.
    if (item === '' && field.repeated !== true) continue;
    const list: readonly unknown[] = Array.isArray(before) ? before : [];
    decoded[field.name] = field.repeated === true ? [...list, item] : item;
  }
  return decoded;
}

/**
 * Reads an object in the protobuf form of the Kubernetes API; undefined for kinds that nobody sends here in that
 * form. Throws 400 when the bytes are not what they claim to be.
 */
export function decodeProtobuf(bytes: Buffer): JsonObject | undefined {
  if (bytes.subarray(0, MAGIC.length).toString() !== MAGIC) {
    throw badRequest('the body of the request is not valid protobuf');
  }
  const { typeMeta, raw } = decodeMessage(bytes.subarray(MAGIC.length), ENVELOPE);
  const { apiVersion, kind } = typeMeta as JsonObject;
  const message = MESSAGES[String(kind)];
  if (message === undefined) return undefined;
  return { apiVersion, kind, ...decodeMessage(raw as Buffer, message) };
}
