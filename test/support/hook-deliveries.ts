import { createHmac } from 'node:crypto';

/** A push notification as a Git host sends it. */
export interface HookDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HookHost {
  readonly name: string;
  /** Tells of a push to `ref` (`refs/heads/main`), signed with the secret. */
  readonly push: (ref: string, secret: string) => HookDelivery;
  /** What the host sends when somebody tries the webhook out, or another event; undefined where there is none. */
  readonly other?: (secret: string) => HookDelivery;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const BEFORE = '28e1879d029cb852e4844d9c718537df08844e03';
const AFTER = 'bffeb74224043ba2feb48d137756c8a9331c449a';
const DELIVERY = 'f6266f16-1bf3-46a5-9ea4-602e06ead473';

/** HMAC-SHA256 in hexadecimal. */
export function hmac(body: string | Buffer, secret: string | Buffer): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function sha1(body: string, secret: string): string {
  return createHmac('sha1', secret).update(body).digest('hex');
}

/** With the digest of old beside the new one, as GitHub and Gitea send them. */
function githubHeaders(event: string, body: string, secret: string) {
  return {
    ...JSON_TYPE,
    'x-github-event': event,
    'x-github-delivery': DELIVERY,
    'x-hub-signature': `sha1=${sha1(body, secret)}`,
    'x-hub-signature-256': `sha256=${hmac(body, secret)}`,
  };
}

function githubPush(ref: string): string {
  return JSON.stringify({
    ref,
    before: BEFORE,
    after: AFTER,
    deleted: false,
    repository: { id: 140, full_name: 'team/fleet', default_branch: 'main' },
    commits: [{ id: AFTER, message: 'Connect rome and milan', modified: ['shortcuts/a.yaml'] }],
  });
}

function gitea(forge: 'gitea' | 'forgejo'): HookHost {
  const headers = (event: string, body: string, secret: string) => ({
    ...githubHeaders(event, body, secret),
    'x-gogs-event': event,
    'x-gogs-signature': hmac(body, secret),
    'x-gitea-event': event,
    'x-gitea-signature': hmac(body, secret),
    ...(forge === 'forgejo' && {
      'x-forgejo-event': event,
      'x-forgejo-signature': hmac(body, secret),
    }),
  });
  return {
    name: forge,
    push: (ref, secret) => {
      const body = JSON.stringify(JSON.parse(githubPush(ref)), undefined, 2);
      return { headers: headers('push', body, secret), body };
    },
    other: (secret) => {
      const body = '{ "action": "opened", "number": 2 }';
      return { headers: headers('issues', body, secret), body };
    },
  };
}

function gitlabPush(ref: string): string {
  return JSON.stringify({
    object_kind: 'push',
    event_name: 'push',
    before: BEFORE,
    after: AFTER,
    ref,
    project: { id: 15, path_with_namespace: 'mike/diaspora', default_branch: 'master' },
    total_commits_count: 1,
  });
}

function standardWebhook(body: string, secret: string) {
  const [id, timestamp] = [DELIVERY, '1674087231'];
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret;
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    ...JSON_TYPE,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}

function bitbucket(name: string, event: string, change: (ref: string) => unknown): HookHost {
  const headers = (key: string, body: string, secret: string) => ({
    ...JSON_TYPE,
    'x-event-key': key,
    'x-request-id': DELIVERY,
    'x-hub-signature': `sha256=${hmac(body, secret)}`,
  });
  return {
    name,
    push: (ref, secret) => {
      const body = JSON.stringify(change(ref));
      return { headers: headers(event, body, secret), body };
    },
    other: (secret) => {
      const body = '{"test": true}';
      return { headers: headers('diagnostics:ping', body, secret), body };
    },
  };
}

/** Every kind of Git host that there is a word about in the documentation of the webhook. */
export const HOOK_HOSTS: readonly HookHost[] = [
  {
    name: 'GitHub',
    push: (ref, secret) => {
      const body = githubPush(ref);
      return { headers: githubHeaders('push', body, secret), body };
    },
    other: (secret) => {
      const body = '{"zen": "Speak like a human.", "hook_id": 1}';
      return { headers: githubHeaders('ping', body, secret), body };
    },
  },
  gitea('gitea'),
  gitea('forgejo'),
  {
    name: 'GitLab with a secret token',
    push: (ref, secret) => ({
      headers: { ...JSON_TYPE, 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': secret },
      body: gitlabPush(ref),
    }),
    other: (secret) => ({
      headers: { ...JSON_TYPE, 'x-gitlab-event': 'Issue Hook', 'x-gitlab-token': secret },
      body: '{"object_kind": "issue"}',
    }),
  },
  {
    name: 'GitLab with a signing token',
    push: (ref, secret) => {
      const body = gitlabPush(ref);
      return { headers: { 'x-gitlab-event': 'Push Hook', ...standardWebhook(body, secret) }, body };
    },
    other: (secret) => {
      const body = '{"object_kind": "pipeline"}';
      const headers = { 'x-gitlab-event': 'Pipeline Hook', ...standardWebhook(body, secret) };
      return { headers, body };
    },
  },
  bitbucket('Bitbucket Cloud', 'repo:push', (ref) => ({
    push: { changes: [{ new: { type: 'branch', name: ref.replace('refs/heads/', '') } }] },
  })),
  bitbucket('Bitbucket Data Center', 'repo:refs_changed', (ref) => ({
    eventKey: 'repo:refs_changed',
    changes: [{ refId: ref, fromHash: BEFORE, toHash: AFTER, type: 'UPDATE' }],
  })),
  {
    name: 'a script with an HMAC',
    push: (_ref, secret) => ({
      headers: { 'x-signature': `sha256=${hmac('look', secret)}`, 'content-type': 'text/plain' },
      body: 'look',
    }),
  },
  {
    name: 'a script with an HMAC and another header',
    push: (_ref, secret) => ({ headers: { 'x-signature-256': hmac('', secret) }, body: '' }),
  },
];
