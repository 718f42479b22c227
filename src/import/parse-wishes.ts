import { parseAllDocuments } from 'yaml';
import { fieldAt, textAt } from '../liqo/read-field.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { FOREIGN_CLUSTER_CONNECTION, type ForeignWish } from './foreign-cluster-connection.ts';
import { readWishes } from './read-main.ts';

export interface ParsedWishes {
  readonly wishes: readonly ForeignWish[];
  /** Sentences; never a word of what they are about, but for names of objects. */
  readonly problems: readonly string[];
}

/** Largest file that is read, in bytes: some thousand connections. */
export const WISHES_SIZE_LIMIT = 4 * 1024 * 1024;

const NAME = /^[-.a-z0-9]{1,253}$/;

/**
 * The ForeignClusterConnections of a file, as `kubectl get fcc -A -o yaml` (or `-o json`) writes them, or as they were
 * applied: documents, lists, or both. Throws nothing.
 */
export function parseWishes(text: string): ParsedWishes {
  const documents = parse(text);
  if (documents === undefined) return problem('the file is not YAML without aliases');
  const objects = documents.flatMap((value) => {
    if (value === null) return [];
    const items = fieldAt(value, 'items');
    const isList = (textAt(value, 'kind') ?? '').endsWith('List') && Array.isArray(items);
    return isList ? (items as readonly unknown[]) : [value];
  });
  const ours = objects.filter(isConnection);
  const others = objects.length - ours.length;
  const read = readWishes(ours);
  const strangers = `${others} of the objects ${others === 1 ? 'is' : 'are'} no ${FOREIGN_CLUSTER_CONNECTION.kind} of ${FOREIGN_CLUSTER_CONNECTION.apiVersion} with a name`;
  if (objects.length === 0) return problem('the file holds nothing');
  return { ...read, problems: [...(others === 0 ? [] : [strangers]), ...read.problems] };
}

function problem(text: string): ParsedWishes {
  return { wishes: [], problems: [text] };
}

function parse(text: string): readonly unknown[] | undefined {
  try {
    const documents = parseAllDocuments(text, { prettyErrors: false, logLevel: 'error' });
    if (!Array.isArray(documents)) return [];
    if (documents.some(({ errors }) => errors.length > 0)) return undefined;
    return documents.map((document) => document.toJS({ maxAliasCount: 0 }) as unknown);
  } catch {
    return undefined;
  }
}

function isConnection(value: unknown): value is KubeObject {
  const { apiVersion, kind } = FOREIGN_CLUSTER_CONNECTION;
  const names = [
    fieldAt(value, 'metadata', 'name'),
    fieldAt(value, 'metadata', 'namespace') ?? 'x',
  ];
  const isNamed = names.every((name) => typeof name === 'string' && NAME.test(name));
  return isNamed && textAt(value, 'apiVersion') === apiVersion && textAt(value, 'kind') === kind;
}
