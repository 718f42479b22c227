import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { CredentialInvalidError } from '../../src/errors/errors.ts';
import { loadMainCredentials, type LoadMainOptions } from '../../src/kube/load-main.ts';
import { TEST_CERTIFICATE, TEST_CERTIFICATE_DATA } from '../support/test-certificate.ts';

function kubeconfig(token: string): string {
  return JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1' } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [
      { name: 'x', context: { cluster: 'c', user: 'u' } },
      { name: 'y', context: { cluster: 'c', user: 'none' } },
    ],
    'current-context': 'x',
  });
}

describe('loadMainCredentials', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'load-main-'));
    await writeFile(join(directory, 'flag'), kubeconfig('from-flag'));
    await writeFile(join(directory, 'variable'), kubeconfig('from-variable'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  function load(over: Partial<LoadMainOptions> = {}) {
    return loadMainCredentials({ cluster: 'main', environment: {}, directory, ...over });
  }

  async function refusalOf(promise: Promise<unknown>): Promise<CredentialInvalidError> {
    return promise.then(
      () => expect.fail('it was accepted'),
      (error: unknown) => {
        expect(error).to.be.instanceOf(CredentialInvalidError);
        return error as CredentialInvalidError;
      },
    );
  }

  const inCluster = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

  it('prefers the flag to everything else', async () => {
    const environment = { KUBECONFIG: join(directory, 'variable'), ...inCluster };

    const credentials = await load({ kubeconfig: join(directory, 'flag'), environment });

    expect(credentials?.token).to.equal('from-flag');
  });

  it('takes KUBECONFIG, empty parts of it left aside', async () => {
    const environment = { KUBECONFIG: `${delimiter}${join(directory, 'variable')}`, ...inCluster };

    expect((await load({ environment }))?.token).to.equal('from-variable');
  });

  it('refuses several files in KUBECONFIG', async () => {
    const environment = { KUBECONFIG: `a${delimiter}b` };

    expect((await refusalOf(load({ environment }))).details).to.include({ field: 'KUBECONFIG' });
  });

  it('takes the context that is asked for', async () => {
    const error = await refusalOf(load({ kubeconfig: join(directory, 'flag'), context: 'y' }));

    expect(error.details).to.include({ field: 'users' });
  });

  it('asks nothing of KUBECONFIG where the flag is given', async () => {
    const environment = { KUBECONFIG: `a${delimiter}b` };

    const credentials = await load({ kubeconfig: join(directory, 'flag'), environment });

    expect(credentials?.token).to.equal('from-flag');
  });

  it('refuses a file that is not there, without its path, which may be a kubeconfig itself', async () => {
    const path = join(directory, 'a-secret');

    for (const options of [{ kubeconfig: path }, { environment: { KUBECONFIG: path } }]) {
      const error = await refusalOf(load(options));
      expect(error.message).to.match(/KUBECONFIG|--kubeconfig/);
      expect(inspect(error, { depth: 9 })).not.to.include('a-secret');
    }
  });

  it('does not read on for ever', async () => {
    const error = await refusalOf(load({ kubeconfig: '/dev/zero' }));

    expect(error.details).to.include({ field: 'kubeconfig' });
  });

  it('is offline without any of them', async () => {
    expect(await load()).to.equal(undefined);
    expect(await load({ environment: { KUBECONFIG: '', KUBERNETES_SERVICE_HOST: 'x' } })).to.equal(
      undefined,
    );
  });

  describe('in a cluster', () => {
    for (const { host, server } of [
      { host: '10.0.0.1', server: 'https://10.0.0.1' },
      { host: 'fd00::1', server: 'https://[fd00::1]' },
    ]) {
      it(`takes the service account at ${host}, and keeps the path of its token`, async () => {
        await writeFile(join(directory, 'token'), 'projected');
        await writeFile(join(directory, 'ca.crt'), TEST_CERTIFICATE);

        const credentials = await load({
          environment: { ...inCluster, KUBERNETES_SERVICE_HOST: host },
        });

        expect(credentials).to.deep.include({
          server,
          caData: TEST_CERTIFICATE_DATA,
          tokenFile: join(directory, 'token'),
        });
        expect(credentials).not.to.have.property('token');
      });
    }

    for (const [host, port] of [
      ['a-secret@evil.example', '443'],
      ['evil.example/a-secret?', '443'],
      ['evil.example', '443/a-secret\r\n'],
    ] as const) {
      it(`refuses ${JSON.stringify(`${host}:${port}`)} for an address`, async () => {
        await writeFile(join(directory, 'token'), 'projected');
        await writeFile(join(directory, 'ca.crt'), TEST_CERTIFICATE);
        const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };

        const error = await refusalOf(load({ environment }));

        expect(error.details['field']).to.include('KUBERNETES_SERVICE_HOST');
        expect(inspect(error, { depth: 9 })).not.to.include('a-secret');
      });
    }

    it('fails when no service account is mounted', async () => {
      await refusalOf(load({ environment: inCluster }));
      await refusalOf(loadMainCredentials({ cluster: 'main', environment: inCluster }));
    });
  });
});
