import type { KubeObject } from '../../../model/kube-object.ts';
import { type JsonObject, listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';
import type { FieldError } from './field-error.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** What is wrong with a Service: its type and its ports. */
export function serviceErrors(service: KubeObject): readonly FieldError[] {
  const spec = objectOrEmpty(service['spec']);
  const type = textOrEmpty(spec['type']);
  const ports = listOrEmpty(spec['ports']).map(objectOrEmpty);
  const isWithoutPorts =
    ports.length === 0 && spec['clusterIP'] !== 'None' && type !== 'ExternalName';
  return [
    ...(isWithoutPorts ? [required('spec.ports')] : []),
    ...ports.flatMap((port, index) => portErrors(port, `spec.ports[${index}]`, ports.length > 1)),
    ...(TYPES.includes(type) ? [] : [unsupported('spec.type', type, TYPES)]),
  ];
}

function portErrors(port: JsonObject, path: string, needsName: boolean): readonly FieldError[] {
  const protocol = textOrEmpty(port['protocol']);
  return [
    ...(needsName && textOrEmpty(port['name']) === '' ? [required(`${path}.name`)] : []),
    ...numberErrors(port['port'], `${path}.port`),
    ...(PROTOCOLS.includes(protocol) ? [] : [unsupported(`${path}.protocol`, protocol, PROTOCOLS)]),
    ...(typeof port['targetPort'] === 'number'
      ? numberErrors(port['targetPort'], `${path}.targetPort`)
      : []),
  ];
}

function numberErrors(value: unknown, field: string): readonly FieldError[] {
  const number = typeof value === 'number' ? value : 0;
  if (number >= 1 && number <= 65_535) return [];
  const detail = 'must be between 1 and 65535, inclusive';
  return [{ type: 'FieldValueInvalid', field, value: number, detail }];
}

function required(field: string): FieldError {
  return { type: 'FieldValueRequired', field, detail: '' };
}

function unsupported(field: string, value: string, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`;
  return { type: 'FieldValueNotSupported', field, value, detail };
}
