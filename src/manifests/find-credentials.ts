import { isScalar } from 'yaml';
import { type Finding, type Manifest, pointerAt } from './manifest.ts';

/** PEM, PEM in base64 (as in kubeconfig files), JSON web tokens. */
const MATERIAL = /-----BEGIN |LS0tLS1CRUdJTi|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}/g;

const CREDENTIAL_KEYS = new Set([
  'kubeconfig',
  'token',
  'password',
  'private-key',
  'privatekey',
  'client-key-data',
  'client-certificate-data',
  'certificate-authority-data',
]);

/** Kinds that are credentials as a whole: Secrets, and kubeconfig files. */
const CREDENTIAL_KINDS = new Set<unknown>(['Secret', 'Config']);

const ADVICE =
  'keep it in a Secret of the main cluster, never in Git, and replace it if it was ever pushed';

/** Credentials in the text of a document, at most one a line. Messages never quote them. */
export function findCredentials(manifest: Manifest): readonly Finding[] {
  const all = [...credentialKeys(manifest), ...credentialMaterial(manifest)];
  const byLine = new Map(
    all.toReversed().map((found) => [manifest.lines.linePos(found.offset).line, found]),
  );
  return [...byLine.values()];
}

type Found = Finding & { readonly offset: number };

function credentialKeys({ document, places }: Manifest): readonly Found[] {
  const isSecret = CREDENTIAL_KINDS.has(document.getIn(['kind']));
  return places.flatMap(({ node, pointer, isKey }) => {
    if (!isKey || !isScalar(node)) return [];
    const key = String(node.value).toLowerCase();
    if (!CREDENTIAL_KEYS.has(key) && !(isSecret && pointer === '/kind')) return [];
    const what = key === 'kind' ? 'the document' : `"${key}"`;
    return [credential(`${what} holds a credential: ${ADVICE}`, pointer, node.range[0])];
  });
}

function credentialMaterial(manifest: Manifest): readonly Found[] {
  const { text, start } = manifest;
  return [...text.matchAll(MATERIAL)].map(({ index }) => {
    const offset = start + index;
    const message = `this looks like a key, certificate or token: ${ADVICE}`;
    return credential(message, pointerAt(manifest, offset), offset);
  });
}

function credential(message: string, pointer: string, offset: number): Found {
  return { code: 'inline-credential', message, pointer, offset };
}
