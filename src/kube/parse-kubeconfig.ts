import { parseDocument } from 'yaml';
import { type ClusterCredentials, createCredentials, refuseCredential } from './credentials.ts';

export interface ParseKubeconfigOptions {
  /** Name of the cluster, for messages. */
  readonly cluster: string;
  /** Context to use instead of the file's `current-context`. */
  readonly context?: string;
  /** Accept `http://` on loopback addresses (test servers). */
  readonly allowLoopbackHttp?: boolean;
}

/** Largest kubeconfig that is read, in bytes. */
const SIZE_LIMIT = 256 * 1024;

/** What may stand in each part of the file. What `read` does not take is without effect on us. */
const ALLOWED = {
  kubeconfig: [
    'clusters',
    'users',
    'contexts',
    'current-context',
    'apiVersion',
    'kind',
    'preferences',
    'extensions',
  ],
  context: ['cluster', 'user', 'namespace', 'extensions'],
  cluster: [
    'server',
    'certificate-authority-data',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'disable-compression',
    'extensions',
  ],
  user: ['client-certificate-data', 'client-key-data', 'token', 'extensions'],
} as const;

type Part = keyof typeof ALLOWED;

/** Well-known fields that we refuse, by name. What any other key holds could be anything: it is not repeated. */
const REFUSED: readonly string[] = [
  'exec',
  'auth-provider',
  'tokenFile',
  'username',
  'password',
  'client-certificate',
  'client-key',
  'certificate-authority',
  'proxy-url',
  'as',
  'as-uid',
  'as-groups',
  'as-user-extra',
];

const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;
const HOST_NAME = /^[A-Za-z0-9.:-]+$/;
/** RFC 6750 allows less; what matters is that nothing can break out of the header. */
const TOKEN = /^[\x21-\x7e]+$/;

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

type Section = Readonly<Record<string, unknown>>;

/**
 * Takes from a kubeconfig the few values that we accept, and leaves everything else behind: no program is run, no file
 * read and no proxy used because a kubeconfig says so. Strict YAML; of several contexts only the chosen one is looked
 * at. Throws CredentialInvalidError, which names the field and never its value.
 */
export function parseKubeconfig(text: string, options: ParseKubeconfigOptions): ClusterCredentials {
  return new KubeconfigReader(options).read(text);
}

class KubeconfigReader {
  readonly #options: ParseKubeconfigOptions;

  constructor(options: ParseKubeconfigOptions) {
    this.#options = options;
  }

  read(text: string): ClusterCredentials {
    const file = this.#section(this.#parse(text), 'kubeconfig');
    const context = this.#entry(file, 'context', this.#contextName(file));
    const cluster = this.#entry(file, 'cluster', this.#name(context, 'cluster'));
    const user = this.#entry(file, 'user', this.#name(context, 'user'));
    if ((cluster['insecure-skip-tls-verify'] ?? 'false') !== 'false') {
      this.#refuse('cluster.insecure-skip-tls-verify', 'is not allowed');
    }
    const tlsServerName = this.#text(cluster, 'cluster.tls-server-name', HOST_NAME);
    const caData = this.#text(cluster, 'cluster.certificate-authority-data', BASE64);
    const certData = this.#text(user, 'user.client-certificate-data', BASE64);
    const keyData = this.#text(user, 'user.client-key-data', BASE64);
    const token = this.#text(user, 'user.token', TOKEN);
    return createCredentials(
      {
        server: this.#server(cluster),
        ...(tlsServerName !== undefined && { tlsServerName }),
        ...(caData !== undefined && { caData }),
        ...(certData !== undefined && { certData }),
        ...(keyData !== undefined && { keyData }),
        ...(token !== undefined && { token }),
      },
      this.#options.cluster,
    );
  }

  #refuse(field: string, problem: string): never {
    return refuseCredential(this.#options.cluster, field, problem);
  }

  /** Every scalar is a string (`failsafe`): a token of digits stays what it is. */
  #parse(text: string): unknown {
    if (Buffer.byteLength(text) > SIZE_LIMIT) {
      this.#refuse('kubeconfig', `is larger than ${SIZE_LIMIT} bytes`);
    }
    const parsed = parseStrictly(text);
    return parsed.kind === 'value' ? parsed.value : this.#refuse('kubeconfig', parsed.problem);
  }

  /** A mapping in which only what we know stands. */
  #section(value: unknown, part: Part): Section {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#refuse(part, 'is not a mapping');
    }
    const allowed: readonly string[] = ALLOWED[part];
    for (const key of Object.keys(value)) {
      if (allowed.includes(key)) continue;
      if (REFUSED.includes(key)) this.#refuse(`${part}.${key}`, 'is not allowed');
      this.#refuse(part, 'holds a field that is not allowed');
    }
    return value as Section;
  }

  /** The entry of this name in `contexts`, `clusters` or `users`. */
  #entry(file: Section, part: Exclude<Part, 'kubeconfig'>, name: string): Section {
    const found = this.#entries(file, `${part}s`).filter((entry) => entry['name'] === name);
    const [only] = found;
    if (only === undefined || found.length > 1) {
      this.#refuse(`${part}s`, 'must hold exactly one entry of the name that is asked for');
    }
    return this.#section(only[part], part);
  }

  #entries(file: Section, field: string): readonly Section[] {
    const entries = file[field];
    const isList = Array.isArray(entries) && entries.every((entry) => typeof entry === 'object');
    return isList
      ? (entries as readonly Section[])
      : this.#refuse(field, 'is not a list of entries');
  }

  #contextName(file: Section): string {
    const wanted = this.#options.context ?? file['current-context'];
    if (typeof wanted === 'string' && wanted !== '') return wanted;
    const contexts = this.#entries(file, 'contexts');
    const only = contexts.length === 1 ? contexts[0]?.['name'] : undefined;
    return typeof only === 'string'
      ? only
      : this.#refuse('current-context', 'is missing, and there is not exactly one context');
  }

  #name(context: Section, field: 'cluster' | 'user'): string {
    const name = context[field];
    return typeof name === 'string' ? name : this.#refuse(`context.${field}`, 'is missing');
  }

  /** `field` is `<part>.<key>`. An empty text counts as left out, as in kubectl. */
  #text(part: Section, field: string, pattern: RegExp): string | undefined {
    const value = part[field.slice(field.indexOf('.') + 1)];
    if (value === undefined || value === '') return undefined;
    return typeof value === 'string' && pattern.test(value)
      ? value
      : this.#refuse(field, 'is malformed');
  }

  #server(cluster: Section): string {
    const text = cluster['server'];
    const url = typeof text === 'string' ? URL.parse(text) : null;
    if (url === null) this.#refuse('cluster.server', 'is not a URL');
    if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
      this.#refuse('cluster.server', 'must not hold a user, a query or a fragment');
    }
    if (url.protocol !== 'https:' && !this.#isAllowedHttp(url)) {
      this.#refuse('cluster.server', 'must be an https URL');
    }
    return url.href.replace(/\/+$/, '');
  }

  #isAllowedHttp({ protocol, hostname }: URL): boolean {
    return (
      this.#options.allowLoopbackHttp === true &&
      protocol === 'http:' &&
      LOOPBACK.includes(hostname)
    );
  }
}

type Parsed =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'problem'; readonly problem: string };

/** One YAML document without aliases, tags or doubled keys. The parser's own messages quote the text: not kept. */
function parseStrictly(text: string): Parsed {
  try {
    const document = parseDocument(text, {
      schema: 'failsafe',
      stringKeys: true,
      resolveKnownTags: false,
      logLevel: 'error',
    });
    if (document.errors.length > 0 || document.warnings.length > 0) {
      return { kind: 'problem', problem: 'is not one plain YAML document' };
    }
    return { kind: 'value', value: document.toJS({ maxAliasCount: 0 }) as unknown };
  } catch {
    return { kind: 'problem', problem: 'holds a YAML alias, or is nested too deeply' };
  }
}
