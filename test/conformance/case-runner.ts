import { expect } from 'chai';
import type { fetch } from 'undici';
import type {
  ConformanceAnswer,
  ConformanceCase,
  ConformanceRequest,
  GivenRequest,
} from './conformance-case.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { filledIn, normalAnswer, valueAt } from './normal-answer.ts';
import { HttpCaller, lines } from '../sandbox/kubernetes/http-caller.ts';
import { widgetDefinition } from '../sandbox/kubernetes/widgets.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** A server that cases run against; `bob` is a user without rights. */
export interface ConformanceServer {
  readonly url: string;
  kubeconfig(user: string): string;
}

interface RawAnswer {
  readonly code: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Runs cases against one server, each in a namespace of its own. */
export class CaseRunner {
  readonly #callers: Readonly<Record<string, HttpCaller>>;
  readonly #run = Date.now().toString(36);
  readonly #namespaces: string[] = [];

  constructor(server: ConformanceServer) {
    this.#callers = { admin: new HttpCaller(server), bob: new HttpCaller(server, 'bob') };
  }

  /** Defines the kind that the cases use, and waits until it is served. */
  async prepare(): Promise<void> {
    const names = new Map<string, string>();
    await this.#given({ request: `POST ${DEFINITIONS}`, body: widgetDefinition() }, names);
    await this.#given({ request: 'GET /apis/example.org/v1/widgets', until: 200 }, names);
  }

  /** What the server answers to the request of a case, with everything that goes before. */
  async answer(oneCase: ConformanceCase): Promise<ConformanceAnswer> {
    for (;;) {
      const begun = wholeSeconds();
      const answer = await this.#answerOnce(oneCase);
      if (!comparesTimes(oneCase) || wholeSeconds() === begun) return answer;
      // Times have whole seconds: what began in one and ended in the next has two times where the table has one.
      await untilNextSecond();
    }
  }

  async #answerOnce(oneCase: ConformanceCase): Promise<ConformanceAnswer> {
    const ns = `c-${this.#run}-${this.#namespaces.length}`;
    this.#namespaces.push(ns);
    const names = new Map([['ns', ns]]);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ns } };
    await this.#given({ request: 'POST /api/v1/namespaces', body: namespace }, names);
    for (const given of oneCase.given ?? []) await this.#given(given, names);
    const answer = await this.#until(oneCase.until, () => this.#ask(oneCase, names, oneCase.lines));
    return normalAnswer(answer, oneCase.look, names);
  }

  /** Takes away what the cases made. */
  async close(): Promise<void> {
    for (const name of this.#namespaces) {
      await this.#ask({ request: `DELETE /api/v1/namespaces/${name}` });
    }
    await this.#ask({ request: `DELETE ${DEFINITIONS}/widgets.example.org` });
    await this.#release('/api/v1', 'configmaps');
    await this.#release('/apis/example.org/v1', 'widgets');
    await Promise.all(Object.values(this.#callers).map((caller) => caller.close()));
  }

  /** Takes the finalizers off what the cases left. */
  async #release(version: string, plural: string): Promise<void> {
    const { body } = await this.#ask({ request: `GET ${version}/${plural}` });
    const items = (body as { readonly items?: readonly KubeObject[] }).items ?? [];
    for (const { metadata } of items.filter((item) => item.metadata.finalizers !== undefined)) {
      await this.#ask({
        request: `PATCH ${version}/namespaces/${metadata.namespace ?? ''}/${plural}/${metadata.name}`,
        type: 'application/merge-patch+json',
        body: { metadata: { finalizers: null } },
      });
    }
  }

  async #given(given: GivenRequest, names: Map<string, string>): Promise<void> {
    if (given.nextSecond) await untilNextSecond();
    const answer = await this.#until(given.until, () => this.#ask(given, names));
    const { code, body } = answer;
    const what = `${given.request}: ${JSON.stringify(body)}`;
    if (given.until === undefined) expect(code, what).to.be.within(200, 299);
    for (const [name, path] of Object.entries(given.save ?? {})) {
      const value = valueAt(body, path);
      expect(value, `${path} of ${what}`).to.be.a('string');
      names.set(name, value as string);
    }
  }

  /** Mocha's time limit is the only one. */
  async #until(code: number | undefined, ask: () => Promise<RawAnswer>): Promise<RawAnswer> {
    for (;;) {
      const answer = await ask();
      if (code === undefined || answer.code === code) return answer;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #ask(
    { request, as, type, headers, body }: ConformanceRequest,
    names: ReadonlyMap<string, string> = new Map(),
    count?: number,
  ): Promise<RawAnswer> {
    const [method = '', ...rest] = (filledIn(request, names) as string).split(' ');
    const path = encodeURI(rest.join(' '));
    const options = {
      ...(body !== undefined && { body: filledIn(body, names) }),
      ...(type !== undefined && { type }),
      ...(headers !== undefined && { headers }),
    };
    const watch = new AbortController();
    const response =
      as === 'nobody'
        ? await this.#anonymous(method, path)
        : await this.#callers[as ?? 'admin']!.open(method, path, options, watch.signal);
    const answer = { code: response.status, headers: response.headers as unknown as Headers };
    if (/[?&]watch=(1|true)/.test(path) && response.status === 200) {
      const read = await readLines(response, count);
      watch.abort();
      return { ...answer, body: read };
    }
    return { ...answer, body: parsed(await response.text()) };
  }

  #anonymous(method: string, path: string): ReturnType<typeof fetch> {
    return this.#callers['admin']!.open(method, path, { headers: { authorization: 'Bearer x' } });
  }
}

async function readLines(
  response: { body: unknown },
  count = Infinity,
): Promise<readonly unknown[]> {
  const read: unknown[] = [];
  const events = lines(response) as unknown as AsyncGenerator;
  while (read.length < count) {
    const next = await events.next();
    if (next.done === true) break;
    read.push(next.value);
  }
  return read;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Whether a case holds times of its answer against one of before, with no second between them on purpose. */
function comparesTimes({ given = [] }: ConformanceCase): boolean {
  const isSaved = given.some(({ save }) =>
    Object.values(save ?? {}).includes('metadata.creationTimestamp'),
  );
  return isSaved && !given.some(({ nextSecond }) => nextSecond);
}

function wholeSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}

async function untilNextSecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1001 - (Date.now() % 1000)));
}
