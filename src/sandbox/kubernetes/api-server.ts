import type { KubeClient } from '../../kube/kube-client.ts';
import { FIELD_MANAGER } from '../../model/names.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import { createCertificate, type ServerCertificate } from './http/certificate.ts';
import { type Cluster, createCluster } from './cluster.ts';
import { Door } from './access/door.ts';
import { type Faults, faultsOf, type FaultState, noFaults } from './access/faults.ts';
import { HttpRouter } from './http/http-router.ts';
import { HttpServer } from './http/http-server.ts';
import { InProcessClient } from './in-process-client.ts';
import { renderKubeconfig } from './http/kubeconfig.ts';
import { RequestCounts } from './access/request-counts.ts';
import { ResourceHandler } from './http/resource-handler.ts';
import { readState, type SavedState } from './store/state-file.ts';
import { StateKeeper } from './store/state-keeper.ts';
import { ADMIN, Users } from './access/users.ts';

/** How a server is made. */
export interface ApiServerOptions {
  /** Name of the cluster, as in kubeconfigs and error messages. */
  readonly name: string;
  /** Loopback port; 0, the default, takes the one of the last run if it is free, else any. */
  readonly port?: number;
  readonly clock?: Clock;
  /** Keeps objects, certificate, tokens and port across restarts. */
  readonly stateFile?: string;
  /** Whether dependants of deleted objects are deleted (default true). */
  readonly collectGarbage?: boolean;
}

/** As whom an in-process client works. */
export interface ClientOptions {
  /** Default: `admin`, who may do everything. */
  readonly user?: string;
  /** Default: ours, `liqo-shortcuts`. */
  readonly fieldManager?: string;
  /**
   * True: requests come in through the door, so they are counted and faults on command hit them. Default false: a
   * controller inside the cluster.
   */
  readonly outside?: boolean;
}

/** A Kubernetes API server in this process: in-process clients work at once, HTTPS after `start()`. */
export interface ApiServer {
  readonly name: string;
  /** `https://127.0.0.1:<port>`. Throws before `start()`. */
  readonly url: string;
  start(): Promise<void>;
  /** Ends all connections and watches, and saves the state. */
  stop(): Promise<void>;
  client(options?: ClientOptions): KubeClient;
  /** Adds a user, whose rights come from RBAC objects; returns the bearer token. */
  addUser(name: string, groups?: readonly string[]): string;
  /** A kubeconfig file's text for a user that was added, or `admin`. Throws before `start()`. */
  kubeconfig(user: string): string;
  readonly requests: RequestCounts;
  readonly faults: Faults;
}

/** Makes a server, with what the state file remembers. Throws when that file cannot be read. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const clock = options.clock ?? systemClock;
  const saved = options.stateFile === undefined ? undefined : readState(options.stateFile);
  const cluster = createCluster({
    clock,
    collectGarbage: options.collectGarbage ?? true,
    ...(saved !== undefined && { saved }),
  });
  return new EmbeddedApiServer({ options, clock, cluster, saved });
}

interface Parts {
  readonly options: ApiServerOptions;
  readonly clock: Clock;
  readonly cluster: Cluster;
  readonly saved: SavedState | undefined;
}

class EmbeddedApiServer implements ApiServer {
  readonly name: string;
  readonly requests = new RequestCounts();
  readonly faults: Faults;
  readonly #parts: Parts;
  readonly #users: Users;
  readonly #state: FaultState = noFaults();
  readonly #door: Door;
  readonly #keeper: StateKeeper | undefined;
  #certificate: ServerCertificate | undefined;
  #http: HttpServer | undefined;
  #port = 0;

  constructor(parts: Parts) {
    const { options, clock, cluster, saved } = parts;
    this.name = options.name;
    this.#parts = parts;
    this.#users = new Users(saved?.users ?? []);
    this.#door = new Door(this.requests, this.#state, clock);
    this.#certificate = saved?.certificate;
    this.#port = saved?.port ?? 0;
    this.faults = faultsOf(this.#state, {
      door: this.#door,
      reader: cluster.reader,
      collector: cluster.collector,
      dropConnections: () => this.#http?.dropConnections(),
    });
    if (options.stateFile !== undefined) {
      const snapshot = (): SavedState => this.#snapshot();
      this.#keeper = new StateKeeper({ file: options.stateFile, clock, snapshot });
      cluster.store.subscribe(() => this.#keeper?.changed());
    }
  }

  get url(): string {
    if (this.#http === undefined) throw new Error('the API server has not been started');
    return `https://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    if (this.#http !== undefined) throw new Error('the API server has been started already');
    const { clock, cluster } = this.#parts;
    this.#certificate ??= createCertificate(this.name, clock.now());
    const resources = new ResourceHandler({ cluster, door: this.#door, clock });
    const router = new HttpRouter({
      cluster,
      door: this.#door,
      users: this.#users,
      resources,
    });
    const http = new HttpServer({
      certificate: this.#certificate,
      counts: this.requests,
      isDown: () => this.#state.isDown,
      answer: (exchange) => router.answer(exchange),
    });
    this.#http = http;
    this.#port = await this.#listen(http);
    this.#keeper?.changed();
  }

  async stop(): Promise<void> {
    for (const stream of [...this.#parts.cluster.reader.open]) stream.end();
    await this.#http?.close();
    this.#http = undefined;
    this.#parts.cluster.stop();
    await this.#keeper?.stop();
  }

  client(options: ClientOptions = {}): KubeClient {
    const { user = ADMIN, fieldManager = FIELD_MANAGER, outside = false } = options;
    return new InProcessClient({
      clusterName: this.name,
      cluster: this.#parts.cluster,
      caller: () => this.#users.callerNamed(user),
      fieldManager,
      ...(outside && { door: this.#door }),
    });
  }

  addUser(name: string, groups: readonly string[] = []): string {
    const token = this.#users.add(name, groups);
    this.#keeper?.changed();
    return token;
  }

  kubeconfig(user: string): string {
    const known = this.#users.find(user);
    if (known === undefined) throw new Error(`unknown user "${user}"`);
    return renderKubeconfig({
      cluster: this.name,
      url: this.url,
      certificate: this.#certificate?.certificate ?? '',
      user,
      token: known.token,
    });
  }

  /** The port asked for, or that of the last run: kubeconfig files stay right. Another one only when it is taken. */
  async #listen(http: HttpServer): Promise<number> {
    const asked = this.#parts.options.port ?? 0;
    if (asked !== 0 || this.#port === 0) return http.listen(asked);
    return http.listen(this.#port).catch(() => http.listen(0));
  }

  #snapshot(): SavedState {
    const { store } = this.#parts.cluster;
    return {
      port: this.#port,
      version: store.version,
      users: this.#users.all(),
      objects: [...store.all()],
      ...(this.#certificate !== undefined && { certificate: this.#certificate }),
    };
  }
}
