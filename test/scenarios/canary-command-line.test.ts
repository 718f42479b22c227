import { writeFile } from 'node:fs/promises';

import { expect } from 'chai';
import { parse, stringify } from 'yaml';

import { FLAGS } from '../../src/config/flags.ts';
import type { ReconcileReport } from '../../src/model/generated/report.ts';
import { SERVICE_USER } from '../../src/sandbox/world.ts';
import { aKubeconfig } from '../support/builders/a-kubeconfig.ts';
import { type CanaryWorld, startCanaryWorld } from '../support/canary-world.ts';
import { expectNoSecret } from '../support/expect-silence.ts';
import { type Answer, refuse, reply } from '../support/raw-api-server.ts';
import { runInProcess, type RunOptions } from '../support/run-in-process.ts';

/** What they name is shown by nature: in a report, or as the address of what was looked for. */
const NAMES: ReadonlySet<string> = new Set([
  'source',
  'ref',
  'base',
  'path',
  'namespace',
  'installation',
]);
/** It would be made. */
const MADE = 'output-file';

describe('a secret on the command line or in the environment', function () {
  this.timeout(120_000);
  let world: CanaryWorld;
  const once = () => ['reconcile', '--once', '--source', world.scenario.world.repositoryDir];

  before(async () => {
    world = await startCanaryWorld();
  });
  after(() => world.stop());

  let stdout: string;

  async function run(args: readonly string[], options: RunOptions = {}): Promise<number> {
    const ran = await runInProcess(args, options);
    stdout = ran.stdout;
    expectNoSecret(world, args.slice(0, 3).join(' '), stdout + ran.stderr);
    return ran.code;
  }

  const flags = [
    ...FLAGS.filter(({ argument }) => argument !== undefined).map(({ name }) => name),
    ...['git-token', 'http-token', 'webhook-secret', 'token', 'password'],
  ].filter((name) => !NAMES.has(name) && name !== MADE);
  for (const flag of flags) {
    it(`is not repeated: --${flag}`, async () => {
      // A path that cannot be made, where it is taken for a path.
      const secret = `/dev/null/${world.canaries.plant(`--${flag}`)}`;
      const name = `SHORTCUTS_${flag.toUpperCase().replaceAll('-', '_')}`;
      const offline = [...once(), '--offline'];

      await run([...offline, `--${flag}=${secret}`]);
      await run([...offline, `--${flag}`, secret]);
      await run(offline, { env: { [name]: secret } });
      await run(['run', `--${flag}=${secret}`]);
      await run(['run', `--${flag}`, secret]);
      await run(['run'], { env: { [name]: secret } });
    });
  }

  it('is not repeated: as an argument too many', async () => {
    const secret = world.canaries.plant('argument');

    for (const args of [
      ['run', secret],
      ['run', '--http-token-file', '/dev/null', secret],
      [...once(), secret],
      ['sandbox', '--pace', secret],
    ]) {
      expect(await run(args)).to.equal(2);
    }
  });

  for (const location of [
    'https://user:SECRET@127.0.0.1:1/x.git',
    'https://SECRET@127.0.0.1:1/x.git',
    'https://127.0.0.1:1/x.git?token=SECRET',
    'https://127.0.0.1:1/x.git#SECRET',
    'ssh://git:SECRET@127.0.0.1/x.git',
    'git@SECRET:x.git',
    'https://SECRET:x/x.git',
  ]) {
    it(`is not repeated: --source ${location}`, async () => {
      const source = location.replace('SECRET', world.canaries.plant(location));

      expect(await run(['reconcile', '--once', '--source', source])).to.equal(2);
      expect(await run(['run', '--source', source])).to.equal(2);
      const env = { SHORTCUTS_SOURCE: source };
      expect(await run(['reconcile', '--once'], { env })).to.equal(2);
    });
  }

  it('is not repeated: KUBECONFIG, and variables that are not ours', async () => {
    const plant = (name: string) => world.canaries.plant(name);
    const env = {
      KUBECONFIG: plant('KUBECONFIG'),
      GITHUB_TOKEN: plant('GITHUB_TOKEN'),
      AWS_SECRET_ACCESS_KEY: plant('AWS_SECRET_ACCESS_KEY'),
      HTTPS_PROXY: `http://u:${plant('HTTPS_PROXY')}@127.0.0.1:1`,
    };

    for (const args of [once(), ['run']]) {
      expect(await run([...args, '--log-level', 'trace'], { env })).to.equal(2);
    }
  });

  describe('or in the kubeconfig of the main cluster', () => {
    const trace = () => ['--log-level', 'trace', '--kubeconfig', world.path('main.yaml')];

    /** Exit codes of both formats; the one of a world in which a leaf cannot be seen is 2 as well. */
    async function dryRun(kubeconfig: string): Promise<readonly number[]> {
      await writeFile(world.path('main.yaml'), kubeconfig);
      const codes: number[] = [];
      for (const format of ['text', 'json']) {
        const source = ['--source', world.url, '--git-token-file', world.path('git')];
        const how = ['--dry-run', '--timeout', '3s', '--output', format];
        codes.push(await run(['reconcile', '--once', ...source, ...how, ...trace()]));
      }
      return codes;
    }

    function withToken(kubeconfig: string, token: string): string {
      const parsed = parse(kubeconfig) as { users: { user: Record<string, string> }[] };
      for (const { user } of parsed.users) user['token'] = token;
      return stringify(parsed);
    }

    it('is not told by a good one', async () => {
      const kubeconfig = world.scenario.world.main.kubeconfig(SERVICE_USER);

      await dryRun(kubeconfig);
      const { mode, results } = JSON.parse(stdout) as ReconcileReport;
      expect(mode).to.equal('dry-run');
      expect(results.map(({ ready }) => ready)).to.deep.equal(['Unknown', 'True']);
    });

    it('is not told by one that is revoked', async () => {
      const kubeconfig = world.scenario.world.main.kubeconfig(SERVICE_USER);
      const token = world.canaries.plant('revoked');

      expect(await dryRun(withToken(kubeconfig, token))).to.deep.equal([2, 2]);
    });

    for (const [name, kubeconfig] of [
      ['a program', (secret: string) => aKubeconfig({ user: { exec: { env: secret } } })],
      ['a file', (secret: string) => aKubeconfig({ user: { tokenFile: `/${secret}` } })],
      ['no YAML', (secret: string) => `[${secret}`],
      ['another context', (secret: string) => aKubeconfig({ file: { 'current-context': secret } })],
    ] as const) {
      it(`is not told by one that is refused: ${name}`, async () => {
        expect(await dryRun(kubeconfig(world.canaries.plant(name)))).to.deep.equal([2, 2]);
      });
    }

    const ANSWERS: readonly (readonly [string, (secret: string) => Answer])[] = [
      ['an error page', (s) => (_request, response) => response.writeHead(500).end(s)],
      ['a page', (s) => (_request, response) => response.writeHead(200).end(s)],
      ['a redirect', (s) => (_r, response) => response.writeHead(302, { location: s }).end()],
      ['401', (s) => (_r, response) => refuse(response, { code: 401, reason: s, message: s })],
      ['403', (s) => (_r, response) => refuse(response, { code: 403, reason: s, message: s })],
      ['404', (s) => (_r, response) => refuse(response, { code: 404, reason: s, message: s })],
      [
        'another kind',
        (s) => (_r, response) => reply(response, { kind: s, metadata: { name: s } }),
      ],
      [
        'what it was sent',
        () =>
          ({ headers }, response) =>
            response.writeHead(500).end(JSON.stringify(headers)),
      ],
    ];
    for (const [name, answer] of ANSWERS) {
      it(`is not told where its API server answers with ${name}`, async () => {
        const { hostile, canaries } = world;
        hostile.answer = answer(canaries.plant(name));
        hostile.requests.length = 0;

        expect(await dryRun(world.hostileKubeconfig())).to.deep.equal([2, 2]);
        expect(hostile.requests).to.not.deep.equal([]);
        const service = ['run', '--http', '127.0.0.1:0', '--source', 'none'];
        await run([...service, ...trace()], { until: (log) => log.includes('cannot be read') });
      });
    }
  });
});
