import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export interface Place {
  readonly line: number;
  readonly character: number;
}

/** What an editor shows of a YAML file, by the yaml-language-server that its YAML support is made of. */
export interface LanguageServer {
  /** Opens a file with this content and answers with what is wrong with it: "line: message", lines from 1. */
  diagnose(uri: string, text: string): Promise<readonly string[]>;
  /** What can be written at a place of an open file. */
  complete(uri: string, place: Place): Promise<readonly string[]>;
  /** What is shown of the thing at a place of an open file. */
  hover(uri: string, place: Place): Promise<string>;
  stop(): void;
}

const HEADER_END = '\r\n\r\n';

/**
 * Starts it with its own settings, in the folder that an editor has opened. It asks the editor for what is on the
 * network, as VS Code has it do; there is what is in `published`, by address, and nothing else.
 */
export async function startLanguageServer(
  folder: string,
  published: ReadonlyMap<string, string>,
): Promise<LanguageServer> {
  const program = resolve('node_modules/yaml-language-server/bin/yaml-language-server');
  const child = spawn(process.execPath, [program, '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = new Map<number, (message: Message) => void>();
  const diagnoses = new Map<string, (found: readonly string[]) => void>();
  let received = Buffer.alloc(0);
  let lastId = 0;

  child.stdout.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (let message = takeMessage(); message !== undefined; message = takeMessage()) {
      take(message);
    }
  });

  function takeMessage(): Message | undefined {
    const end = received.indexOf(HEADER_END);
    if (end < 0) return undefined;
    const start = end + HEADER_END.length;
    const length = Number(/Content-Length: (\d+)/i.exec(received.toString('utf8', 0, end))?.[1]);
    if (received.length < start + length) return undefined;
    const text = received.toString('utf8', start, start + length);
    received = received.subarray(start + length);
    return JSON.parse(text) as Message;
  }

  function take(message: Message): void {
    const { id, method, params } = message;
    if (id !== undefined && method === undefined) answers.get(id)?.(message);
    else if (id !== undefined && method === 'vscode/content') answerContent(id, params);
    // It asks for settings by section: none of ours differs from the default.
    else if (id !== undefined) send({ id, result: settingsOf(params) });
    else if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as {
        readonly uri: string;
        readonly diagnostics: readonly { range: { start: Place }; message: string }[];
      };
      const found = diagnostics.map(
        ({ range, message: text }) => `${range.start.line + 1}: ${text}`,
      );
      diagnoses.get(uri)?.(found);
    }
  }

  function answerContent(id: number, address: unknown): void {
    const result = published.get([address].flat().join());
    if (result === undefined) send({ id, error: { code: -32000, message: 'not found' } });
    else send({ id, result });
  }

  function settingsOf(params: unknown): unknown {
    const { items = [] } = (params ?? {}) as { readonly items?: readonly { section: string }[] };
    const own = { schemaStore: { enable: false }, validate: true, hover: true, completion: true };
    return items.map(({ section }) => (section === 'yaml' ? own : {}));
  }

  function send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}${HEADER_END}${text}`);
  }

  function ask(method: string, params: object): Promise<unknown> {
    const id = (lastId += 1);
    return new Promise((done, failed) => {
      answers.set(id, ({ result, error }) => {
        if (error === undefined) done(result);
        else failed(new Error(error.message));
      });
      send({ id, method, params });
    });
  }

  const rootUri = `file://${folder}`;
  await ask('initialize', {
    processId: process.pid,
    rootUri,
    workspaceFolders: [{ uri: rootUri, name: 'fleet' }],
    capabilities: { workspace: { configuration: true }, textDocument: { hover: {} } },
  });
  send({ method: 'initialized', params: {} });
  send({ method: 'yaml/registerContentRequest', params: {} });

  return {
    diagnose: (uri, text) =>
      new Promise((done) => {
        diagnoses.set(uri, done);
        const textDocument = { uri, languageId: 'yaml', version: 1, text };
        send({ method: 'textDocument/didOpen', params: { textDocument } });
      }),
    complete: async (uri, position) => {
      const answer = await ask('textDocument/completion', { textDocument: { uri }, position });
      return (answer as { items: readonly { label: string }[] }).items.map(({ label }) => label);
    },
    hover: async (uri, position) => {
      const answer = await ask('textDocument/hover', { textDocument: { uri }, position });
      return (answer as { contents: { value: string } }).contents.value;
    },
    stop: () => child.kill(),
  };
}
