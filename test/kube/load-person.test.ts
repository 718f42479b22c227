import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';
import { CredentialInvalidError } from '../../src/errors/errors.ts';
import { loadPersonCredentials } from '../../src/kube/load-person.ts';
import { makeTempDir } from '../support/temp-git.ts';

function kubeconfig(server: string, user: string, cluster = ''): string {
  return `apiVersion: v1
kind: Config
current-context: x
contexts: [{ name: x, context: { cluster: x, user: x } }]
clusters: [{ name: x, cluster: { server: "https://${server}:6443"${cluster} } }]
users: [{ name: x, user: { ${user} } }]
`;
}

describe('the main cluster of a person', () => {
  let home: string;

  beforeEach(async () => {
    home = await makeTempDir();
    await mkdir(join(home, '.kube'));
    await writeFile(join(home, '.kube', 'config'), kubeconfig('usual', 'token: abc'));
  });

  const load = (environment: Record<string, string> = {}, kubeconfigFile?: string) =>
    loadPersonCredentials({
      cluster: 'main',
      environment,
      home,
      ...(kubeconfigFile !== undefined && { kubeconfig: kubeconfigFile }),
    });

  it('is that of ~/.kube/config, as with kubectl', async () => {
    expect(await load()).to.have.property('server', 'https://usual:6443');
  });

  it('is the one that is named, by flag before variable', async () => {
    const files = ['variable', 'flag'].map((name) => [name, join(home, `${name}.yaml`)] as const);
    for (const [name, file] of files) await writeFile(file, kubeconfig(name, 'token: abc'));
    const [[, variable], [, flag]] = files as [[string, string], [string, string]];

    expect(await load({ KUBECONFIG: variable })).to.have.property(
      'server',
      'https://variable:6443',
    );
    expect(await load({ KUBECONFIG: variable }, flag)).to.have.property(
      'server',
      'https://flag:6443',
    );
  });

  it('is none where nothing names one', async () => {
    const found = await loadPersonCredentials({
      cluster: 'main',
      environment: {},
      home: join(home, 'nobody'),
    });

    expect(found).to.equal(undefined);
  });

  const refusals: readonly (readonly [user: string, cluster: string, advice: RegExp])[] = [
    ['exec: { command: evil-program }', '', /user\.exec is not allowed: .*kubectl create token/],
    ['auth-provider: { name: evil }', '', /kubectl create token/],
    ['client-certificate: /evil/file', '', /kubectl config view --minify --flatten --raw/],
    ['token: abc', ', certificate-authority: /evil/ca', /--minify --flatten --raw/],
  ];
  for (const [user, cluster, advice] of refusals) {
    it(`is refused with "${(user + cluster).split(':')[0]}", with the next step and no value`, async () => {
      await writeFile(join(home, '.kube', 'config'), kubeconfig('usual', user, cluster));

      const error = await load().catch((problem: unknown) => problem);

      expect(error).to.be.instanceOf(CredentialInvalidError);
      expect((error as Error).message)
        .to.match(advice)
        .and.not.match(/evil/);
    });
  }
});
