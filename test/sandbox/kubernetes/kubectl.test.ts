import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { stringify } from 'yaml';
import type { ApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import { toyServer } from './toy-server.ts';
import { aWidget } from './widgets.ts';

const run = promisify(execFile);
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
if (!hasKubectl) console.warn('!! kubectl is not installed: its smoke tests are SKIPPED');

(hasKubectl ? describe : describe.skip)('kubectl', () => {
  let server: ApiServer;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
    server = await toyServer();
    server.addUser('hub');
    await server.start();
    await writeFile(join(folder, 'admin.yaml'), server.kubeconfig('admin'));
    await writeFile(join(folder, 'hub.yaml'), server.kubeconfig('hub'));
    await writeFile(join(folder, 'w.yaml'), stringify(aWidget({ size: 1 })));
    await writeFile(join(folder, 'bad.yaml'), stringify(aWidget({ nonsense: 1 })));
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  async function kubectl(line: string, user = 'admin'): Promise<string> {
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      KUBECONFIG: join(folder, `${user}.yaml`),
    };
    try {
      return (await run('kubectl', line.split(' '), { env, cwd: folder })).stdout.trim();
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return `${stdout}${stderr}`.trim();
    }
  }

  const steps: readonly (readonly [line: string, want: RegExp, user?: string])[] = [
    ['version', /Server Version: v1\.35\.4/],
    ['api-resources --categories=toys', /widgets +wd +example\.org\/v1 +true +Widget/],
    ['apply --server-side -f w.yaml', /^widget\.example\.org\/w serverside-applied$/],
    ['apply -f w.yaml', /^widget\.example\.org\/w configured$/],
    ['apply -f w.yaml', /^widget\.example\.org\/w unchanged$/],
    ['apply -f bad.yaml', /strict decoding error: unknown field "spec\.nonsense"/],
    ['get wd -n toys', /^NAME +COLOR +READY +SINCE\nw +red +\d+s$/],
    ['get wd -n toys -o name', /^widget\.example\.org\/w$/],
    ['label wd w -n toys a=b', /labeled/],
    ['get wd -A -l a=b', /toys +w/],
    ['explain widget.spec.size', /FIELD: size <integer>/],
    [
      'patch wd w -n toys --type=merge --subresource=status -p {"status":{"conditions":[{"type":"Ready","status":"True"}]}}',
      /patched/,
    ],
    ['wait wd/w -n toys --for=condition=Ready --timeout=10s', /condition met/],
    ['create namespace fresh', /^namespace\/fresh created$/],
    ['create secret generic s -n fresh --from-literal=a=b', /created/],
    ['get secret s -n fresh -o jsonpath={.data.a}', /^Yg==$/],
    ['annotate secret s -n fresh x=y', /annotated/],
    ['create configmap c -n fresh --from-literal=a=b', /created/],
    ['get cm,secret -n fresh', /configmap\/c[^]*secret\/s +Opaque/],
    ['create role r -n fresh --verb=get,list --resource=secrets', /created/],
    ['create rolebinding r -n fresh --role=r --user=hub', /created/],
    ['auth can-i list secrets -n fresh', /^yes$/, 'hub'],
    ['auth can-i list secrets -n toys', /^no/, 'hub'],
    ['auth can-i --list -n fresh', /secrets +\[\] +\[\] +\[get list\]/, 'hub'],
    ['get widgets -n toys', /Forbidden.*User "hub" cannot list resource "widgets"/, 'hub'],
    ['create serviceaccount a -n fresh', /created/],
    ['create deployment d -n fresh --image=x', /unknown format/],
    ['delete namespace fresh', /deleted/],
    ['get namespace fresh', /NotFound/],
    ['delete wd w -n toys', /deleted/],
  ];

  it('finds everything that it needs', async function () {
    this.timeout(60_000);
    for (const [line, want, user] of steps) {
      expect(await kubectl(line, user), `kubectl ${line}`).to.match(want);
    }
  });
});
