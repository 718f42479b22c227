import { checkServer } from './check-server.ts';
import { type ClusterCredentials, createCredentials, refuseCredential } from './credentials.ts';
import { parsePlainYaml } from './parse-plain-yaml.ts';

export interface ParseKubeconfigOptions {
  /** Name of the cluster, for messages. */
  readonly cluster: string;
  /** Context to use instead of the file's `current-context`. */
  readonly context?: string;
  /** Accept `http://` on loopback addresses (test servers). */
  readonly allowLoopbackHttp?: boolean;
}

/** Largest kubeconfig that is read, in bytes. */
export const KUBECONFIG_SIZE_LIMIT = 256 * 1024;

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
  'impersonate-user-extra',
];

/** Compared without the white space that YAML blocks bring along. */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const HOST_NAME = /^[A-Za-z0-9.:-]+$/;
/** RFC 6750 allows less; what matters is that nothing can break out of the header. */
const TOKEN = /^[\x21-\x7e]+$/;

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
    this.#expect(file, 'apiVersion', 'v1');
    this.#expect(file, 'kind', 'Config');
    const context = this.#entry(file, 'context', this.#contextName(file));
    const cluster = this.#entry(file, 'cluster', this.#name(context, 'cluster'));
    const user = this.#entry(file, 'user', this.#name(context, 'user'));
    if ((cluster['insecure-skip-tls-verify'] ?? 'false') !== 'false') {
      this.#refuse('cluster.insecure-skip-tls-verify', 'is not allowed');
    }
    const tlsServerName = this.#text(cluster, 'cluster.tls-server-name', HOST_NAME);
    const caData = this.#base64(cluster, 'cluster.certificate-authority-data');
    const certData = this.#base64(user, 'user.client-certificate-data');
    const keyData = this.#base64(user, 'user.client-key-data');
    const token = this.#text(user, 'user.token', TOKEN);
    return createCredentials(
      {
        server: checkServer(cluster['server'], {
          cluster: this.#options.cluster,
          field: 'cluster.server',
          allowLoopbackHttp: this.#options.allowLoopbackHttp ?? false,
        }),
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
    if (Buffer.byteLength(text) > KUBECONFIG_SIZE_LIMIT) {
      this.#refuse('kubeconfig', `is larger than ${KUBECONFIG_SIZE_LIMIT} bytes`);
    }
    const parsed = parsePlainYaml(text);
    return parsed.kind === 'value' ? parsed.value : this.#refuse('kubeconfig', parsed.problem);
  }

  /** What the file says of itself, if it does. */
  #expect(file: Section, field: string, wanted: string): void {
    const value = file[field] ?? wanted;
    if (value !== wanted) this.#refuse(field, `is not "${wanted}"`);
  }

  /** A mapping in which only what we know stands. */
  #section(value: unknown, part: Part): Section {
    if (!isMapping(value)) this.#refuse(part, 'is not a mapping');
    const allowed: readonly string[] = ALLOWED[part];
    for (const key of Object.keys(value)) {
      if (allowed.includes(key)) continue;
      if (REFUSED.includes(key)) this.#refuse(`${part}.${key}`, 'is not allowed');
      this.#refuse(part, 'holds a field that is not allowed');
    }
    return value;
  }

  /** The entry of this name in `contexts`, `clusters` or `users`. */
  #entry(file: Section, part: Exclude<Part, 'kubeconfig'>, name: string): Section {
    const found = this.#entries(file, `${part}s`).filter((entry) => entry['name'] === name);
    const [only] = found;
    if (only === undefined || found.length > 1) {
      this.#refuse(`${part}s`, 'must hold exactly one entry of the name that is asked for');
    }
    if (Object.keys(only).some((key) => key !== 'name' && key !== part)) {
      this.#refuse(`${part}s`, `holds an entry with more than its name and its ${part}`);
    }
    return this.#section(only[part], part);
  }

  #entries(file: Section, field: string): readonly Section[] {
    const entries = file[field];
    const isList = Array.isArray(entries) && entries.every(isMapping);
    return isList ? entries : this.#refuse(field, 'is not a list of entries');
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

  /** PEM in base64, without the line breaks that it may have been written with. */
  #base64(part: Section, field: string): string | undefined {
    const key = field.slice(field.indexOf('.') + 1);
    const value = part[key];
    const compact = typeof value === 'string' ? value.replace(/\s/g, '') : value;
    return this.#text({ [key]: compact }, field, BASE64);
  }
}

function isMapping(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
