import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

import { EVENT, SHORTCUT } from '../../src/model/kinds.ts';
import { uidOf } from '../../src/model/kube-object.ts';
import type { Snapshot } from '../../src/status/snapshot.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';
import { commitAs } from '../support/signed-git.ts';
import { createSshSigner, type SshSigner } from '../support/ssh-signer.ts';

const [ada, eve, past] = [createSshSigner(), createSshSigner(), createSshSigner()];
const PAIRS = [
  ['rome', 'milan'],
  ['rome', 'naples'],
  ['milan', 'naples'],
] as const;

const ROME_MILAN = 'liqo-shortcuts/rome-milan';

type SourceState = NonNullable<Snapshot['source']>;

for (const kind of ['on this machine', 'behind a URL'] as const) {
  describe(`a repository ${kind} whose commits have to be signed`, function () {
    this.timeout(90_000);
    let scenario: Scenario;
    let server: GitServer;
    let signersFile: string;
    let logged: string[];

    before(async function () {
      this.timeout(60_000);
      logged = [];
      const log = { write: (line: string) => void logged.push(line) };
      scenario = await startScenario({ service: false, log });
      server = await startGitServer(scenario.dir);
      signersFile = join(scenario.dir, 'allowed_signers');
      await writeFile(
        signersFile,
        `test@example.com namespaces="git" ${ada.publicKey}
test@example.com valid-before="20260101Z" ${past.publicKey}
`,
      );
      await wish(0, ada);
      await start();
      await scenario.ready('rome-milan');
    });
    after(async () => {
      await scenario.stop();
      await server.stop();
    });

    const start = (flags = {}) =>
      scenario.startService({
        source:
          kind === 'on this machine'
            ? scenario.world.repositoryDir
            : `${server.url}/repository/.git`,
        ref: 'main',
        dataDir: join(scenario.dir, 'data'),
        verifySignatures: true,
        allowedSignersFile: signersFile,
        logLevel: 'info',
        ...flags,
      });

    /** Commits one more shortcut, signed by somebody or nobody. */
    async function wish(
      pair: number,
      signer: SshSigner | undefined,
      date?: string,
    ): Promise<string> {
      const [a, b] = PAIRS[pair] ?? PAIRS[0];
      const file = join(scenario.world.repositoryDir, `shortcuts/${a}-${b}.yaml`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, shortcutFile(`${a}-${b}`, { clusters: [a, b] }));
      return commitAs(scenario.world.repositoryDir, signer, date);
    }

    function untilSource(
      what: string,
      isSo: (source: SourceState) => boolean,
    ): Promise<SourceState> {
      return eventually(what, async () => {
        const { source } = await scenario.snapshot();
        return source !== undefined && isSo(source) ? { done: source } : { seen: source };
      });
    }

    const applied = (commit: string) =>
      untilSource(`${commit} is applied`, ({ revisionApplied, error }) => {
        return revisionApplied === `main@sha1:${commit}` && error === undefined;
      });

    async function shortcuts(): Promise<readonly string[]> {
      const { items } = await scenario.main().list(SHORTCUT, { signal });
      return items.map(({ metadata }) => metadata.name).sort();
    }

    /** Looks, and waits until it is told everywhere that the commit is not taken; all that is there stays. */
    async function untilRefused(commit: string, why: string): Promise<void> {
      scenario.look();
      const { error, conditions, revisionApplied } = await untilSource(
        `${commit} is refused`,
        ({ revisionAttempted, error: trouble }) => {
          return revisionAttempted === `main@sha1:${commit}` && trouble?.code === 'GIT_UNVERIFIED';
        },
      );
      expect(error?.message).to.include(commit.slice(0, 12)).and.include(why);
      expect(conditions).to.have.length(1);
      expect(conditions?.[0]).to.include({
        type: 'SourceVerified',
        status: 'False',
        reason: 'UnverifiedCommit',
        message: error?.message,
      });
      expect(revisionApplied).not.to.include(commit);
      expect(await scenario.text('/metrics')).to.match(
        /^liqo_shortcuts_source_verified\{reason="UnverifiedCommit"\} 0$/m,
      );
      expect(logged.join('')).to.include('Commit is not verified').and.include(commit);
      await event('SourceUnverified', commit.slice(0, 12));
      expect(await shortcuts()).to.deep.equal(['rome-milan']);
      await scenario.ready('rome-milan');
    }

    function event(reason: string, words: string): Promise<true> {
      return eventually(`an Event ${reason} with ${words}`, async () => {
        const { items } = await scenario.main().list(EVENT, { signal });
        const seen = items.map((item) => [item['reason'], item['note']].join(': '));
        const isThere = seen.some((line) => line.startsWith(reason) && line.includes(words));
        return isThere ? { done: true } : { seen };
      });
    }

    it('says who signed what is applied', async () => {
      const { conditions } = await untilSource('it is applied', ({ error }) => error === undefined);

      expect(conditions?.[0]).to.include({ status: 'True', reason: 'Verified' });
      expect(conditions?.[0]?.message).to.match(/is signed with the key SSH SHA256:\S{43}$/);
      expect(await scenario.text('/metrics')).to.match(
        /^liqo_shortcuts_source_verified\{reason="Verified"\} 1$/m,
      );
    });

    it('stays as it is for a commit that nobody signed', async () => {
      await untilRefused(await wish(1, undefined), 'it is not signed');
    });

    it('stays as it is for one that is signed with a key that nobody knows', async () => {
      await untilRefused(await wish(1, eve), 'not among the allowed signers');
    });

    it('stays as it is for one that is signed with a key of the past, today or as of then', async () => {
      await untilRefused(await wish(1, past), 'no longer valid');
      await untilRefused(await wish(1, past, '2025-06-01T00:00:00Z'), 'no longer valid');
    });

    it('takes nothing of it after a restart, and keeps the last good revision', async () => {
      await scenario.stopService();
      await start();

      await untilRefused(await scenario.git('rev-parse', 'refs/heads/main'), 'no longer valid');
    });

    it('takes nothing that was kept when nobody asked for signatures', async () => {
      const before = uidOf((await findObject(scenario.main(), SHORTCUT, ROME_MILAN))!);
      await scenario.stopService();
      await scenario
        .main()
        .delete({ kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-milan' }, { signal });
      await start({ verifySignatures: undefined, allowedSignersFile: undefined });
      await untilTrue('it is made anew', async () => {
        const made = await scenario.main().list(SHORTCUT, { signal });
        return made.items.some(
          (item) => item.metadata.name === 'rome-milan' && uidOf(item) !== before,
        );
      });
      await scenario.ready('rome-milan', 'rome-naples');
      await scenario.stopService();
      await scenario
        .main()
        .delete({ kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-naples' }, { signal });
      logged.length = 0;

      await start();

      await untilSource('it is refused', ({ error }) => error?.code === 'GIT_UNVERIFIED');
      expect(logged.join('')).to.include('Kept revision is not verified');
      await scenario.gone('rome-naples');
      expect(await shortcuts()).to.deep.equal(['rome-milan']);
    });

    it('goes on with the next commit that is signed', async () => {
      const commit = await wish(1, ada);
      scenario.look();

      const { conditions } = await applied(commit);

      expect(conditions?.[0]).to.include({ status: 'True', reason: 'Verified' });
      await event('SourceRead', 'read again');
      await scenario.ready('rome-milan', 'rome-naples');
    });

    it('stays as it is while nobody can tell who may sign', async () => {
      await writeFile(signersFile, '');
      const commit = await wish(2, ada);
      scenario.look();

      const { conditions } = await untilSource('it is told', ({ error }) => {
        return error?.code === 'CONFIG_INVALID';
      });

      expect(conditions?.[0]).to.include({ status: 'Unknown' });
      expect(await shortcuts()).to.deep.equal(['rome-milan', 'rome-naples']);
      await writeFile(signersFile, `* ${ada.publicKey}\n`);
      scenario.look();
      await applied(commit);
      await scenario.ready('milan-naples');
    });
  });
}
