import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A notification as it came: nothing of it has been looked at yet. */
export interface HookRequest {
  readonly headers: IncomingHttpHeaders;
  /** The very bytes that were sent: those are what is signed. */
  readonly body: Buffer;
}

/** Whether what the header holds could only be made, or known, by who knows the secret. */
type Proof = (given: string, request: HookRequest, secret: string) => boolean;

/**
 * How the Git hosts prove themselves, by header. SHA-1, which GitHub and Gitea still send in `X-Hub-Signature`, proves
 * nothing here.
 */
const PROOFS: Readonly<Record<string, Proof>> = {
  // GitHub (docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries), Gitea and Forgejo as well.
  'x-hub-signature-256': signsBody,
  // Bitbucket Cloud (support.atlassian.com/bitbucket-cloud/docs/manage-webhooks) and Data Center
  // (confluence.atlassian.com/bitbucketserver/manage-webhooks).
  'x-hub-signature': signsBody,
  // docs.gitea.com/usage/webhooks and forgejo.org/docs/latest/user/webhooks: without the prefix `sha256=`.
  'x-gitea-signature': signsBody,
  'x-forgejo-signature': signsBody,
  // Everything else that can make an HMAC, as for the generic-hmac of Flux (fluxcd.io/flux/components/notification/receivers).
  'x-signature': signsBody,
  'x-signature-256': signsBody,
  // GitLab (docs.gitlab.com/user/project/integrations/webhooks): its secret token comes as it is,
  'x-gitlab-token': isSecret,
  // and its signing token signs by github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
  'webhook-signature': signsStandardWebhook,
};

/**
 * Whether one of the secrets was known to the sender. Compares in constant time. A request from before stays genuine:
 * to send it again does no more than to look at the source again, and to go by its time would lose the hints of a host
 * whose clock is wrong.
 */
export function isGenuine(request: HookRequest, secrets: readonly string[]): boolean {
  return Object.entries(PROOFS).some(([header, proves]) => {
    const given = request.headers[header];
    return typeof given === 'string' && secrets.some((secret) => proves(given, request, secret));
  });
}

/** The HMAC-SHA256 of the body in hexadecimal, with the name of the digest before it or without. */
function signsBody(given: string, { body }: HookRequest, secret: string): boolean {
  const [, hex] = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(given) ?? [];
  if (hex === undefined) return false;
  return timingSafeEqual(
    Buffer.from(hex, 'hex'),
    createHmac('sha256', secret).update(body).digest(),
  );
}

/** Digests are of one length, so that comparing takes the same time whatever was sent. */
function isSecret(given: string, _request: HookRequest, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** `v1,<base64>`, perhaps several, of `<id>.<timestamp>.<body>`. A key is written `whsec_<base64>`. */
function signsStandardWebhook(
  given: string,
  { headers, body }: HookRequest,
  secret: string,
): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp } = headers;
  const [, base64] = /^whsec_(.+)$/.exec(secret) ?? [];
  const key = base64 === undefined ? secret : Buffer.from(base64, 'base64');
  const wanted = createHmac('sha256', key)
    .update(`${String(id)}.${String(timestamp)}.`)
    .update(body)
    .digest();
  return given.split(' ').some((entry) => {
    const [, signature] = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(entry) ?? [];
    return signature !== undefined && timingSafeEqual(Buffer.from(signature, 'base64'), wanted);
  });
}
