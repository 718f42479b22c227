import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { CredentialInvalidError } from '../../src/errors/errors.ts';
import { parseKubeconfig } from '../../src/kube/parse-kubeconfig.ts';
import { aKubeconfig } from '../support/builders/a-kubeconfig.ts';
import {
  TEST_CERTIFICATE,
  TEST_CERTIFICATE_DATA,
  TEST_KEY,
  TEST_KEY_DATA,
} from '../support/test-certificate.ts';
import { WEAK_CERTIFICATE, WEAK_KEY } from '../support/weak-certificate.ts';

/** Stands for everything that must not come back; made of what may stand in a token, a host name and base64. */
const SECRET = 'aVerySecretValue';

function refusalOf(text: string): CredentialInvalidError {
  try {
    parseKubeconfig(text, { cluster: 'rome' });
  } catch (error) {
    expect(error).to.be.instanceOf(CredentialInvalidError);
    expect(inspect(error, { depth: 9, showHidden: true })).not.to.include(SECRET);
    return error as CredentialInvalidError;
  }
  throw new Error('it was accepted');
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const pair = (certificate: string, key: string): object => ({
  'client-certificate-data': base64(certificate),
  'client-key-data': base64(key),
});

function keyPEM(passphrase?: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const plain = { type: 'pkcs8', format: 'pem' } as const;
  return (
    passphrase === undefined
      ? privateKey.export(plain)
      : privateKey.export({ ...plain, cipher: 'aes-256-cbc', passphrase })
  ).toString();
}

/** A kubeconfig in which the text of one line is replaced as it stands. */
const raw = (line: string, replacement: string): string => {
  const text = aKubeconfig();
  expect(text).to.include(line);
  return text.replace(line, replacement);
};

describe('a hostile kubeconfig', () => {
  const servers = [
    `https://${SECRET}@192.0.2.1`,
    `https://@192.0.2.1`,
    `https://:@192.0.2.1`,
    `https://192.0.2.1\\@${SECRET}`,
    `https:\\\\${SECRET}`,
    `https:/${SECRET}`,
    `https:${SECRET}`,
    `https://192.0.2.1?`,
    `https://192.0.2.1/#`,
    `https://192.0.2.1/?token=${SECRET}`,
    `https://${SECRET}.example\n`,
    ` https://${SECRET}.example`,
    `https://${SECRET}\t.example`,
    `https://${SECRET}\u0000.example`,
    `https://${SECRET}\r\nX: y`,
    `https://[::1`,
    `https://999.1.1.1`,
    `https://host:99999`,
    `https://${SECRET}ü.example`,
    `https://h${'/'.repeat(300)}${'x'.repeat(2000)}`,
    `http://${SECRET}.example`,
    `http://[::ffff:127.0.0.1]`,
    `http://127.0.0.1.${SECRET}.example`,
    `http://localhost.${SECRET}.example`,
    `http://0`,
    `http://2130706433.${SECRET}`,
    `file:///etc/${SECRET}`,
    `ftp://${SECRET}`,
    `unix:///var/run/${SECRET}`,
    `javascript:${SECRET}`,
    `HTTPS://`,
  ];
  for (const server of servers) {
    it(`has no way with the server ${JSON.stringify(server).slice(0, 60)}`, () => {
      expect(refusalOf(aKubeconfig({ cluster: { server } })).details).to.include({
        field: 'cluster.server',
      });
    });
  }

  it('is contacted where it was checked: upper case, default port, IPv6', () => {
    for (const [server, want] of [
      ['HTTPS://EXAMPLE.com:443/', 'https://example.com'],
      ['https://[2001:DB8::1]:6443', 'https://[2001:db8::1]:6443'],
      ['https://192.0.2.1/k8s/clusters/c-1//', 'https://192.0.2.1/k8s/clusters/c-1'],
    ] as const) {
      const text = aKubeconfig({ cluster: { server } });
      expect(parseKubeconfig(text, { cluster: 'rome' }).server).to.equal(want);
    }
  });

  const users: readonly { name: string; user: object; field: string }[] = [
    { name: 'CRLF', user: { token: `x\r\nX-Admin: ${SECRET}` }, field: 'user.token' },
    { name: 'a space', user: { token: `a ${SECRET}` }, field: 'user.token' },
    { name: 'NUL', user: { token: `${SECRET}\u0000` }, field: 'user.token' },
    {
      name: 'letters that no header can carry',
      user: { token: `${SECRET}é` },
      field: 'user.token',
    },
    { name: 'a mapping', user: { token: { [SECRET]: SECRET } }, field: 'user.token' },
  ];
  for (const { name, user, field } of users) {
    it(`has no way with a token that holds ${name}`, () => {
      expect(refusalOf(aKubeconfig({ user })).details).to.include({ field });
    });
  }

  const certificates: readonly { name: string; user: object; field: string }[] = [
    {
      name: 'an encrypted key',
      user: pair(TEST_CERTIFICATE, keyPEM(SECRET)),
      field: 'client-key-data',
    },
    {
      name: 'the key of another certificate',
      user: pair(TEST_CERTIFICATE, keyPEM()),
      field: 'client-key-data',
    },
    {
      name: 'a key where the certificate belongs',
      user: pair(TEST_KEY, TEST_KEY),
      field: 'client-certificate-data',
    },
    {
      name: 'a certificate where the key belongs',
      user: pair(TEST_CERTIFICATE, TEST_CERTIFICATE),
      field: 'client-key-data',
    },
    {
      name: 'a public key where the key belongs',
      user: pair(
        TEST_CERTIFICATE,
        createPublicKey(TEST_KEY).export({ type: 'spki', format: 'pem' }).toString(),
      ),
      field: 'client-key-data',
    },
    {
      name: 'garbage between the lines of PEM',
      user: pair(
        `-----BEGIN CERTIFICATE-----\n${SECRET}\n-----END CERTIFICATE-----`,
        `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----`,
      ),
      field: 'client-certificate-data',
    },
    {
      name: 'an RSA key of 1024 bits',
      user: pair(WEAK_CERTIFICATE, WEAK_KEY),
      field: 'client-certificate-data',
    },
  ];
  for (const { name, user, field } of certificates) {
    it(`has no way with ${name}`, () => {
      expect(refusalOf(aKubeconfig({ user })).details).to.include({ field });
    });
  }

  it('may break the lines of its base64', () => {
    const text = aKubeconfig({
      user: {
        'client-certificate-data': TEST_CERTIFICATE_DATA.replaceAll(/.{64}/g, '$&\n'),
        'client-key-data': `${TEST_KEY_DATA}\n`,
      },
    });

    expect(parseKubeconfig(text, { cluster: 'rome' }).certData).to.equal(TEST_CERTIFICATE_DATA);
  });

  it('may begin with a byte order mark', () => {
    expect(parseKubeconfig(`\uFEFF${aKubeconfig()}`, { cluster: 'rome' }).token).to.equal(
      'a-secret',
    );
  });

  const token = 'token: a-secret';
  const files: readonly { name: string; text: string; field: string }[] = [
    {
      name: 'a merge key',
      text: raw(token, `<<: { token: ${SECRET} }`),
      field: 'user',
    },
    {
      name: 'a merge of an anchor',
      text: raw(token, `<<: &a { token: ${SECRET} }`),
      field: 'user',
    },
    {
      name: 'aliases that grow',
      text: `a: &a [x, x]\n${Array.from({ length: 30 }, (_, i) => `k${i}: &k${i} [*a, *a]`).join('\n')}\n`,
      field: 'kubeconfig',
    },
    {
      name: 'the key __proto__',
      text: raw(token, `__proto__: { token: ${SECRET} }`),
      field: 'user',
    },
    { name: 'the key constructor', text: raw(token, `constructor: ${SECRET}`), field: 'user' },
    {
      name: 'a tag for binary',
      text: raw(token, `token: !!binary ${base64(SECRET)}`),
      field: 'kubeconfig',
    },
    {
      name: 'a tag for JavaScript',
      text: raw(token, `token: !!js/function "${SECRET}"`),
      field: 'kubeconfig',
    },
    {
      name: 'a doubled key deep inside',
      text: raw(token, `${token}\n      token: ${SECRET}`),
      field: 'kubeconfig',
    },
    { name: 'NUL bytes', text: raw(token, `token: "\u0000${SECRET}"`), field: 'user.token' },
    { name: 'another kind', text: raw('kind: Config', `kind: ${SECRET}`), field: 'kind' },
    {
      name: 'another version',
      text: raw('apiVersion: v1', `apiVersion: ${SECRET}`),
      field: 'apiVersion',
    },
    {
      name: 'a user beside the user',
      text: aKubeconfig({
        file: { users: [{ name: 'admin', user: { token: SECRET }, exec: { command: SECRET } }] },
      }),
      field: 'users',
    },
    {
      name: 'entries that are lists',
      text: aKubeconfig({ file: { users: [[SECRET]] } }),
      field: 'users',
    },
    {
      name: 'entries that are nothing',
      text: aKubeconfig({ file: { clusters: [null] } }),
      field: 'clusters',
    },
    {
      name: 'a directive of YAML 1.1',
      text: `%YAML 1.1\n---\n${raw(token, `token: !!merge ${SECRET}`)}`,
      field: 'kubeconfig',
    },
    { name: '60000 quotes', text: '"'.repeat(60_000), field: 'kubeconfig' },
    { name: '40000 tags', text: '! '.repeat(40_000), field: 'kubeconfig' },
    { name: '40000 anchors', text: '&a '.repeat(40_000), field: 'kubeconfig' },
    {
      name: '20000 keys',
      text: `{${Array.from({ length: 20_000 }, (_, i) => `${SECRET}${i}: 1`).join(',')}}`,
      field: 'kubeconfig',
    },
    {
      name: '200000 spaces in base64',
      text: aKubeconfig({ cluster: { 'certificate-authority-data': `${' '.repeat(200_000)}{` } }),
      field: 'cluster.certificate-authority-data',
    },
  ];
  for (const { name, text, field } of files) {
    it(`has no way with ${name}`, () => {
      expect(refusalOf(text).details).to.include({ field });
    });
  }

  it('may hold anything at any place: it is refused by name, and nothing of it comes back', () => {
    const value: fc.Arbitrary<unknown> = fc.oneof(
      fc.constantFrom(SECRET, '', null, true, 7, [], {}, [SECRET], { [SECRET]: SECRET }),
      fc.constantFrom(
        `https://${SECRET}@h`,
        `${SECRET}\r\n`,
        base64(SECRET),
        TEST_CERTIFICATE_DATA,
      ),
      fc.object({ maxDepth: 2 }),
    );
    const keys = fc.constantFrom(
      ...['server', 'token', 'certificate-authority-data', 'client-key-data', 'tls-server-name'],
      ...['client-certificate-data', 'proxy-url', 'exec', 'as', 'tokenFile', 'cluster', 'user'],
      ...['current-context', 'contexts', 'clusters', 'users', 'name', '__proto__', SECRET],
    );
    const some = fc.dictionary(keys, value, { maxKeys: 3 });
    const overrides = fc.record({ file: some, context: some, cluster: some, user: some });
    fc.assert(
      fc.property(overrides, (parts) => {
        const text = aKubeconfig(parts);
        if (isAccepted(text)) return;
        refusalOf(text);
      }),
      { numRuns: 300 },
    );
  });

  it('may be any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        refusalOf(Buffer.from(bytes).toString('utf8'));
      }),
    );
    fc.assert(
      fc.property(fc.nat(), fc.string({ maxLength: 3 }), (seed, insert) => {
        const good = aKubeconfig().replaceAll('a-secret', SECRET);
        const at = seed % good.length;
        const text = good.slice(0, at) + insert + good.slice(at + 1);
        if (!isAccepted(text)) refusalOf(text);
      }),
    );
  });
});

function isAccepted(text: string): boolean {
  try {
    parseKubeconfig(text, { cluster: 'rome' });
    return true;
  } catch {
    return false;
  }
}
