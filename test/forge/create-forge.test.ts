import { expect } from 'chai';

import type { Forge } from '../../src/forge/forge.ts';
import { ConfigError } from '../../src/errors/errors.ts';
import { createForge } from '../../src/forge/create-forge.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createFakeGitea } from '../support/fake-forges/fake-gitea.ts';
import { createFakeGithub } from '../support/fake-forges/fake-github.ts';
import { createFakeGitlab } from '../support/fake-forges/fake-gitlab.ts';
import type { FakeForge } from '../support/fake-forges/fake-forge.ts';
import { signal } from '../support/scenario-wait.ts';
import { createTestForge } from './create-test-forge.ts';

const COMMIT = 'a'.repeat(40);
const MARKER = '<!-- liqo-shortcuts report of torino -->';
const PULL = 12;

const FAKES = [
  { name: 'GitHub Enterprise', create: () => createFakeGithub(), trouble: ['failure', 'error'] },
  { name: 'GitHub', create: () => createFakeGithub(''), trouble: ['failure', 'error'] },
  { name: 'GitLab', create: createFakeGitlab, trouble: ['failed', 'failed'] },
  { name: 'Gitea', create: createFakeGitea, trouble: ['failure', 'error'] },
];

for (const { name, create, trouble } of FAKES) {
  describe(`the forge ${name}`, () => {
    let fake: FakeForge;
    let forge: Forge;

    beforeEach(async () => {
      fake = await create().start();
      ({ forge } = await createTestForge(fake));
    });
    afterEach(async () => {
      await forge.close();
      await fake.stop();
      expect(fake.violations).to.deep.equal([]);
    });

    async function set(state: 'pending' | 'success' | 'failure' | 'error', commit = COMMIT) {
      const sent = forge.toSent({ state, description: `it is ${state}` });
      await forge.setStatus(commit, sent, { signal });
      return sent;
    }

    it('takes statuses, and gives back the last one of our context and how many there are', async () => {
      fake.statuses.push({
        ...{ id: fake.nextId(), commit: COMMIT, context: 'ci', state: 'success' },
        ...{ description: '', targetUrl: undefined },
      });
      expect(await forge.readStatus(COMMIT, { signal })).to.deep.equal({
        last: undefined,
        count: 0,
      });

      await set('pending');
      const last = await set('success');
      await set('failure', 'b'.repeat(40));

      expect(await forge.readStatus(COMMIT, { signal })).to.deep.equal({ last, count: 2 });
      const { context, targetUrl } = fake.statuses.at(-1)!;
      expect([context, targetUrl]).to.deep.equal([
        'liqo-shortcuts/torino',
        'https://shortcuts.example',
      ]);
    });

    it('knows every state', async () => {
      for (const state of ['pending', 'failure', 'error', 'success'] as const) {
        const sent = await set(state);
        expect((await forge.readStatus(COMMIT, { signal })).last).to.deep.equal(sent);
      }
      expect(fake.statusesOf(COMMIT)).to.deep.equal(['pending', ...trouble, 'success']);
    });

    it('leaves out a link that there is not', async () => {
      const other = await createTestForge(fake, { targetUrl: '' });
      await other.forge.setStatus(COMMIT, { state: 'success', description: '' }, { signal });
      await other.forge.close();

      expect(fake.statuses.map(({ targetUrl }) => targetUrl)).to.deep.equal([undefined]);
    });

    it('finds the merged pull request of a commit', async () => {
      fake.merged.set(COMMIT, PULL);

      expect(await forge.findPullRequest(COMMIT, { signal })).to.equal(PULL);
      expect(await forge.findPullRequest('b'.repeat(40), { signal })).to.equal(undefined);
    });

    it('finds its own comment among many, by marker and author', async () => {
      for (let index = 0; index < 150; index += 1) fake.addComment(PULL, 'mallory', 'Nice.');
      fake.addComment(PULL, 'mallory', `${MARKER}\n\nnot ours`);
      fake.addComment(PULL, fake.self, '<!-- liqo-shortcuts report of milano -->\n\nnot this one');
      fake.addComment(PULL, fake.self, `quoted: ${MARKER}`);
      expect(await forge.findComment(PULL, MARKER, { signal })).to.equal(undefined);

      const id = await forge.createComment(PULL, `${MARKER}\n\nours`, { signal });

      const found = await forge.findComment(PULL, MARKER, { signal });
      expect(found).to.deep.equal({ id, body: `${MARKER}\n\nours` });
    });

    it('replaces a comment, and says when it is gone', async () => {
      const id = await forge.createComment(PULL, 'one', { signal });

      expect(await forge.updateComment(PULL, { id, body: 'two' }, { signal })).to.equal(true);
      expect(fake.comments.map(({ body }) => body)).to.deep.equal(['two']);
      fake.comments.length = 0;
      expect(await forge.updateComment(PULL, { id, body: 'three' }, { signal })).to.equal(false);
    });

    it('asks once who it is', async () => {
      await forge.findComment(PULL, MARKER, { signal });
      await forge.findComment(PULL, MARKER, { signal });

      const asked = fake.requests.filter(({ path }) => /\/(user|graphql)$/.test(path));
      expect(asked.length).to.equal(1);
    });

    it('takes no comment for its own while it does not know who it is', async () => {
      fake.fault = ({ path }) =>
        /\/(user|graphql)$/.test(path) ? { status: 200, body: {} } : undefined;

      const error = await forge.findComment(PULL, MARKER, { signal }).catch((e: unknown) => e);

      expect(error).to.have.property('code', 'FORGE_UNREACHABLE');
    });

    it('does not take something else for an answer', async () => {
      for (const body of [
        {},
        'text',
        [{ id: 'x', number: 'x', iid: 'x', merged_at: 'y', state: 'merged' }],
      ]) {
        fake.fault = () => ({ status: 200, body });
        const error = await forge.findComment(PULL, MARKER, { signal }).catch((e: unknown) => e);
        expect(error).to.have.property('code', 'FORGE_UNREACHABLE');
      }
    });
  });
}

describe('the forge GitLab', () => {
  it('says a pending status in one way only, since another one would be refused', async () => {
    const fake = await createFakeGitlab().start();
    const { forge } = await createTestForge(fake);
    const [read, applied] = ['read', 'applied'].map((description) => {
      return forge.toSent({ state: 'pending', description });
    });

    expect(read).to.deep.equal(applied);
    await forge.close();
    await fake.stop();
  });
});

describe('createForge', () => {
  it('names a CA file that cannot be read', async () => {
    const error = await createForge({
      ...{ kind: 'github', apiUrl: 'https://git.example', repository: 'a/b', userAgent: '' },
      ...{ context: { name: () => '', targetUrl: '' }, clock: systemClock },
      tokens: { token: () => Promise.resolve(''), another: () => Promise.resolve(undefined) },
      network: { caFile: '/nowhere/ca.pem' },
      onRequest: () => undefined,
    }).catch((e: unknown) => e);

    expect(error).to.be.instanceOf(ConfigError);
    expect(error).to.have.nested.property('details.file', '/nowhere/ca.pem');
  });
});
