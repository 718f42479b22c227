import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { CredentialInvalidError } from '../../src/errors/errors.ts';
import { parseKubeconfig, type ParseKubeconfigOptions } from '../../src/kube/parse-kubeconfig.ts';
import { aKubeconfig } from '../support/builders/a-kubeconfig.ts';
import { TEST_CERTIFICATE_DATA, TEST_KEY_DATA } from '../support/test-certificate.ts';

function parse(text: string, options: Partial<ParseKubeconfigOptions> = {}) {
  return parseKubeconfig(text, { cluster: 'rome', ...options });
}

function refusalOf(text: string, options: Partial<ParseKubeconfigOptions> = {}) {
  try {
    parse(text, options);
  } catch (error) {
    return error as CredentialInvalidError;
  }
  throw new Error('it was accepted');
}

describe('parseKubeconfig', () => {
  it('takes server, CA and token', () => {
    const { fingerprint, expiry, ...fields } = parse(aKubeconfig());

    expect(fields).to.deep.equal({
      server: 'https://192.0.2.1:6443',
      caData: TEST_CERTIFICATE_DATA,
      token: 'a-secret',
    });
    expect(fingerprint).to.match(/^[0-9a-f]{64}$/);
    expect(expiry?.kind).to.equal('CertificateAuthority');
  });

  it('takes a client certificate and a server name', () => {
    const text = aKubeconfig({
      cluster: { 'tls-server-name': 'kubernetes.default', server: 'https://192.0.2.1/k8s/' },
      user: {
        token: '',
        'client-certificate-data': TEST_CERTIFICATE_DATA,
        'client-key-data': TEST_KEY_DATA,
      },
    });

    expect(parse(text)).to.deep.include({
      server: 'https://192.0.2.1/k8s',
      tlsServerName: 'kubernetes.default',
      certData: TEST_CERTIFICATE_DATA,
      keyData: TEST_KEY_DATA,
    });
  });

  it('reads JSON as well, and keeps a token of digits as it is', () => {
    const text =
      '{"clusters":[{"name":"c","cluster":{"server":"https://a"}}],"users":[{"name":"u","user":{"token":"0123"}}],"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}]}';

    expect(parse(text)).to.deep.include({ token: '0123', server: 'https://a' });
  });

  it('ignores what has no effect on us', () => {
    const text = aKubeconfig({
      cluster: { extensions: [], 'insecure-skip-tls-verify': false, 'disable-compression': true },
      context: { namespace: 'x', extensions: [] },
      user: { extensions: [] },
    });

    expect(parse(text).fingerprint).to.equal(parse(aKubeconfig()).fingerprint);
  });

  it('has another fingerprint for every other credential', () => {
    const texts = [
      aKubeconfig(),
      aKubeconfig({ user: { token: 'b' } }),
      aKubeconfig({ cluster: { server: 'https://192.0.2.2' } }),
      aKubeconfig({ cluster: { 'tls-server-name': 'x' } }),
      aKubeconfig({
        user: {
          'client-certificate-data': TEST_CERTIFICATE_DATA,
          'client-key-data': TEST_KEY_DATA,
        },
      }),
    ];

    expect(new Set(texts.map((text) => parse(text).fingerprint))).to.have.property('size', 5);
  });

  describe('contexts', () => {
    const two = {
      contexts: [
        { name: 'one', context: { cluster: 'rome', user: 'admin' } },
        { name: 'two', context: { cluster: 'rome', user: 'exec', wrong: 1 } },
      ],
      users: [
        { name: 'admin', user: { token: 'a-secret' } },
        { name: 'exec', user: { exec: { command: 'rm' } } },
      ],
    };

    it('that are not chosen are not looked at', () => {
      expect(parse(aKubeconfig({ file: two }), { context: 'one' }).token).to.equal('a-secret');
    });

    it('must be chosen when there are several', () => {
      const text = aKubeconfig({ file: { ...two, 'current-context': '' } });

      expect(refusalOf(text).details).to.include({ field: 'current-context' });
    });

    it('need not be chosen when there is one', () => {
      expect(parse(aKubeconfig({ file: { 'current-context': '' } })).token).to.equal('a-secret');
    });
  });

  it('accepts http on loopback, and only where that is wanted', () => {
    for (const host of ['127.0.0.1:80', 'localhost', '[::1]:8080']) {
      const text = aKubeconfig({ cluster: { server: `http://${host}` } });

      expect(parse(text, { allowLoopbackHttp: true }).server).to.match(/^http:/);
      expect(refusalOf(text).details).to.include({ field: 'cluster.server' });
    }
    const remote = aKubeconfig({ cluster: { server: 'http://a-secret' } });
    expect(refusalOf(remote, { allowLoopbackHttp: true }).details).to.include({
      field: 'cluster.server',
    });
  });

  const certificate = (text: string) => Buffer.from(text).toString('base64');
  const refused: { name: string; text: string; field: string }[] = [
    ...[
      { exec: { command: 'a-secret' } },
      { 'auth-provider': { name: 'a-secret' } },
      { tokenFile: '/a-secret' },
      { username: 'a-secret' },
      { password: 'a-secret' },
      { 'client-certificate': '/a-secret' },
      { 'client-key': '/a-secret' },
      { as: 'a-secret' },
      { 'as-groups': ['a-secret'] },
    ].map((user) => ({
      name: `a user with ${Object.keys(user).join()}`,
      text: aKubeconfig({ user }),
      field: `user.${Object.keys(user).join()}`,
    })),
    ...[
      { 'certificate-authority': '/a-secret' },
      { 'proxy-url': 'http://a-secret' },
      { 'insecure-skip-tls-verify': true },
    ].map((cluster) => ({
      name: `a cluster with ${Object.keys(cluster).join()}`,
      text: aKubeconfig({ cluster }),
      field: `cluster.${Object.keys(cluster).join()}`,
    })),
    { name: 'an unknown field', text: aKubeconfig({ user: { 'a-secret': 1 } }), field: 'user' },
    {
      name: 'a user without credentials',
      text: aKubeconfig({ user: { token: '' } }),
      field: 'user',
    },
    {
      name: 'a token with a line break',
      text: aKubeconfig({ user: { token: 'a-secret\nX: y' } }),
      field: 'user.token',
    },
    {
      name: 'a token that is a list',
      text: aKubeconfig({ user: { token: ['a-secret'] } }),
      field: 'user.token',
    },
    {
      name: 'a certificate without its key',
      text: aKubeconfig({ user: { 'client-certificate-data': TEST_CERTIFICATE_DATA } }),
      field: 'client-key-data',
    },
    {
      name: 'a key without its certificate',
      text: aKubeconfig({ user: { 'client-key-data': TEST_KEY_DATA } }),
      field: 'client-certificate-data',
    },
    {
      name: 'a key that is none',
      text: aKubeconfig({
        user: {
          'client-certificate-data': TEST_CERTIFICATE_DATA,
          'client-key-data': certificate('a-secret'),
        },
      }),
      field: 'client-key-data',
    },
    {
      name: 'a CA that is no certificate',
      text: aKubeconfig({ cluster: { 'certificate-authority-data': certificate('a-secret') } }),
      field: 'certificate-authority-data',
    },
    {
      name: 'a CA whose certificate is damaged',
      text: aKubeconfig({
        cluster: {
          'certificate-authority-data': certificate(
            '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
          ),
        },
      }),
      field: 'certificate-authority-data',
    },
    {
      name: 'a CA that is not base64',
      text: aKubeconfig({ cluster: { 'certificate-authority-data': '{a-secret}' } }),
      field: 'cluster.certificate-authority-data',
    },
    {
      name: 'a server with a user in it',
      text: aKubeconfig({ cluster: { server: 'https://me:a-secret@host' } }),
      field: 'cluster.server',
    },
    {
      name: 'a server with a query',
      text: aKubeconfig({ cluster: { server: 'https://host/?t=a-secret' } }),
      field: 'cluster.server',
    },
    {
      name: 'a server that is no URL',
      text: aKubeconfig({ cluster: { server: 'a-secret' } }),
      field: 'cluster.server',
    },
    {
      name: 'no server',
      text: aKubeconfig({ cluster: { server: ['a-secret'] } }),
      field: 'cluster.server',
    },
    {
      name: 'a context that is not there',
      text: aKubeconfig({ file: { 'current-context': 'a-secret' } }),
      field: 'contexts',
    },
    {
      name: 'a context without a user',
      text: aKubeconfig({ context: { user: ['a-secret'] } }),
      field: 'context.user',
    },
    {
      name: 'two users of one name',
      text: aKubeconfig({
        file: { users: [1, 2].map(() => ({ name: 'admin', user: { token: 'a-secret' } })) },
      }),
      field: 'users',
    },
    {
      name: 'users that are no list',
      text: aKubeconfig({ file: { users: 'a-secret' } }),
      field: 'users',
    },
    {
      name: 'a user that is no mapping',
      text: aKubeconfig({ file: { users: [{ name: 'admin', user: 'a-secret' }] } }),
      field: 'user',
    },
    {
      name: 'no context at all',
      text: aKubeconfig({ file: { contexts: [], 'current-context': '' } }),
      field: 'current-context',
    },
    { name: 'a list', text: '- a-secret', field: 'kubeconfig' },
    { name: 'nothing', text: '', field: 'kubeconfig' },
    { name: 'what is no YAML', text: 'a-secret: [', field: 'kubeconfig' },
    { name: 'a doubled key', text: `${aKubeconfig()}kind: a-secret\n`, field: 'kubeconfig' },
    { name: 'a second document', text: `${aKubeconfig()}---\na-secret: 1\n`, field: 'kubeconfig' },
    {
      name: 'a tag',
      text: aKubeconfig().replace('kind: Config', 'kind: !a-secret Config'),
      field: 'kubeconfig',
    },
    { name: 'an alias', text: 'kind: &a [a-secret]\nclusters: *a\n', field: 'kubeconfig' },
    {
      name: 'a very large text',
      text: `${aKubeconfig()}# ${'a-secret'.repeat(40_000)}`,
      field: 'kubeconfig',
    },
    { name: 'endless nesting', text: '['.repeat(20_000), field: 'kubeconfig' },
  ];
  for (const { name, text, field } of refused) {
    it(`refuses ${name}, names the field and not the value`, () => {
      const error = refusalOf(text);

      expect(error).to.be.instanceOf(CredentialInvalidError);
      expect(error.details).to.deep.equal({ cluster: 'rome', field });
      expect(error.message).to.include(field).and.to.include('rome');
      expect(inspect(error, { depth: 9 })).not.to.match(/a-secret/);
    });
  }

  it('throws nothing but CredentialInvalidError, whatever it is given', () => {
    const section = fc.oneof(fc.object({ maxDepth: 3 }), fc.string(), fc.constant(null));
    const file = fc.record(
      { clusters: section, users: section, contexts: section },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          file.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          try {
            parse(text);
          } catch (error) {
            expect(error).to.be.instanceOf(CredentialInvalidError);
          }
        },
      ),
    );
  });
});
