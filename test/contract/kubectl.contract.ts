import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { stringify } from 'yaml';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { aWidget, widgetDefinition } from '../sandbox/kubernetes/widgets.ts';

const run = promisify(execFile);
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
if (!hasKubectl) console.warn('!! kubectl is not installed: its tests are SKIPPED');

interface Step {
  /** What is typed after `kubectl`. */
  readonly line: string;
  /** What it prints, on either channel. */
  readonly want: RegExp;
  /** Default `admin`; `hub` has the rights that the steps give to it. */
  readonly user?: 'hub';
  /** What stands in for a person with an editor. */
  readonly editor?: string;
}

const READY = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}';

/** What a person does in a day, command by command. The order matters. */
const DAY: Readonly<Record<string, readonly Step[]>> = {
  'looks around': [
    { line: 'version', want: /Server Version: v1\.\d+\.\d+/ },
    { line: 'api-versions', want: /^example\.org\/v1$[^]*^v1$/m },
    {
      line: 'api-resources --categories=toys',
      want: /widgets +wd +example\.org\/v1 +true +Widget/,
    },
    { line: 'api-resources --api-group=apps -o name', want: /^deployments\.apps$/m },
    { line: 'explain widget', want: /KIND: +Widget[^]*spec\s+<Object>/ },
    { line: 'explain widget.spec.size', want: /FIELD: size <integer>/ },
    { line: 'explain widget.spec --recursive', want: /parts\s+<\[\]Object>[^]*name\s+<string>/ },
    { line: 'explain secret.data', want: /FIELD: data <map\[string\]string>/ },
    { line: 'get nonsense', want: /the server doesn't have a resource type "nonsense"/ },
  ],
  'applies a file': [
    { line: 'create namespace toys', want: /^namespace\/toys created$/ },
    { line: 'diff -f w.yaml', want: /^\+kind: Widget$/m },
    {
      line: 'apply --server-side --dry-run=server -f w.yaml',
      want: /serverside-applied \(server dry run\)$/,
    },
    { line: 'get wd w -n toys', want: /widgets\.example\.org "w" not found/ },
    { line: 'apply --server-side -f w.yaml', want: /^widget\.example\.org\/w serverside-applied$/ },
    { line: 'apply --server-side -f w.yaml', want: /^widget\.example\.org\/w serverside-applied$/ },
    {
      line: 'apply --server-side --field-manager=other -f bigger.yaml',
      want: /Apply failed with 1 conflict: conflict with "kubectl": \.spec\.size/,
    },
    {
      line: 'apply --server-side --field-manager=other --force-conflicts -f bigger.yaml',
      want: /serverside-applied$/,
    },
    { line: 'get wd w -n toys -o jsonpath={.spec.size}', want: /^2$/ },
    { line: 'apply -f w.yaml', want: /^widget\.example\.org\/w configured$/m },
    { line: 'apply -f w.yaml', want: /^widget\.example\.org\/w unchanged$/ },
    { line: 'diff -f w.yaml', want: /^$/ },
    {
      line: 'apply -f unknown-field.yaml',
      want: /strict decoding error: unknown field "spec\.nonsense"/,
    },
    {
      line: 'apply -f invalid.yaml',
      want: /is invalid: spec\.size: Invalid value: 11: .*less than or equal to 10/,
    },
  ],
  'looks at it': [
    { line: 'get wd -n toys', want: /^NAME +COLOR +READY +SINCE\nw +red +\d+s$/ },
    { line: 'get wd -n toys -o name', want: /^widget\.example\.org\/w$/ },
    { line: 'get wd -n toys -o json', want: /^\{\n +"apiVersion": "v1",\n +"items": \[/ },
    {
      line: 'get wd w -n toys -o yaml --show-managed-fields',
      want: /manager: kubectl-client-side-apply\n +operation: Update/,
    },
    { line: 'get wd -A -o custom-columns=N:.metadata.name,S:.spec.size', want: /^N +S\nw +1$/ },
    { line: 'get wd -n toys --chunk-size=1 --sort-by=.metadata.name', want: /^w +red/m },
    { line: 'get --raw /apis/example.org/v1', want: /"kind":"APIResourceList"/ },
    { line: 'describe wd w -n toys', want: /^Name: +w$[^]*^ +Size: +1$[^]*^Events: +<none>$/m },
  ],
  'changes it': [
    { line: 'label wd w -n toys a=b', want: /labeled$/ },
    { line: 'get wd -A -l a=b', want: /toys +w/ },
    { line: 'get wd -A -l a!=b', want: /^No resources found$/ },
    { line: 'annotate wd w -n toys note=first', want: /annotated$/ },
    {
      line: 'edit wd w -n toys',
      editor: 'sed -i s/red/green/',
      want: /^widget\.example\.org\/w edited$/,
    },
    { line: 'edit wd w -n toys', editor: 'true', want: /^Edit cancelled, no changes made\.$/ },
    {
      line: 'edit wd w -n toys',
      editor: 'sed -i s/green/blue/',
      want: /^error: widgets\.example\.org "w" is invalid$/m,
    },
    { line: 'get wd w -n toys -o jsonpath={.spec.color}', want: /^green$/ },
    {
      line: `patch wd w -n toys --type=json -p [{"op":"replace","path":"/spec/size","value":3}]`,
      want: /patched$/,
    },
    {
      line: `patch wd w -n toys --type=merge -p {"spec":{"size":3}}`,
      want: /patched \(no change\)$/,
    },
    { line: 'replace -f w.yaml', want: /replaced$/ },
    {
      line: 'wait wd/w -n toys --for=condition=Ready --timeout=1s',
      want: /timed out waiting for the condition/,
    },
    { line: `patch wd w -n toys --type=merge --subresource=status -p ${READY}`, want: /patched$/ },
    { line: 'wait wd/w -n toys --for=condition=Ready --timeout=10s', want: /condition met$/ },
    {
      line: 'wait wd/w -n toys --for=jsonpath={.spec.color}=red --timeout=10s',
      want: /condition met$/,
    },
  ],
  'keeps what comes with a cluster': [
    { line: 'create namespace fresh', want: /^namespace\/fresh created$/ },
    { line: 'create secret generic s -n fresh --from-literal=a=b', want: /created$/ },
    { line: 'get secret s -n fresh -o jsonpath={.data.a}', want: /^Yg==$/ },
    { line: 'describe secret s -n fresh', want: /^Type: +Opaque$[^]*^a: +1 bytes?$/m },
    { line: 'create configmap c -n fresh --from-literal=a=b', want: /created$/ },
    { line: 'get cm,secret -n fresh', want: /configmap\/c[^]*secret\/s +Opaque/ },
    { line: 'create serviceaccount a -n fresh', want: /created$/ },
    { line: 'create configmap c -n fresh', want: /configmaps "c" already exists/ },
    { line: 'create configmap c -n nowhere', want: /namespaces "nowhere" not found/ },
  ],
  'gives rights': [
    { line: 'create role r -n fresh --verb=get,list --resource=secrets', want: /created$/ },
    { line: 'create rolebinding r -n fresh --role=r --user=hub', want: /created$/ },
    { line: 'auth can-i list secrets -n fresh', want: /^yes$/, user: 'hub' },
    { line: 'auth can-i list secrets -n toys', want: /^no/, user: 'hub' },
    { line: 'auth can-i delete secrets/s -n fresh', want: /^no/, user: 'hub' },
    { line: 'auth can-i --list -n fresh', want: /secrets +\[\] +\[\] +\[get list\]/, user: 'hub' },
    { line: 'get secrets -n fresh', want: /^s +Opaque/m, user: 'hub' },
    {
      line: 'get widgets -n toys',
      want: /Forbidden.*User "hub" cannot list resource "widgets" in API group "example\.org" in the namespace "toys"/,
      user: 'hub',
    },
  ],
  'takes it all away': [
    { line: 'delete secret s -n fresh --wait', want: /^secret "s" deleted/ },
    { line: 'delete secret s -n fresh --ignore-not-found', want: /^$/ },
    { line: 'delete cm -n fresh -l no=such', want: /^No resources found$/ },
    { line: 'delete namespace fresh', want: /deleted$/ },
    { line: 'get namespace fresh', want: /NotFound/ },
    { line: 'delete -f w.yaml', want: /^widget\.example\.org "w" deleted/ },
    { line: 'wait wd/w -n toys --for=delete --timeout=10s', want: /^$|not found$/ },
    { line: 'delete namespace toys', want: /deleted$/ },
    { line: 'delete crd widgets.example.org', want: /deleted$/ },
    { line: 'get crd widgets.example.org', want: /NotFound/ },
  ],
};

/** A day of kubectl, command by command, against a server of any make; skipped, and said, where kubectl is not installed. */
export function describeKubectl(title: string, createServer: () => ApiServer): void {
  (hasKubectl ? describe : describe.skip)(`kubectl, ${title}`, function () {
    this.timeout(120_000);
    let server: ApiServer;
    let folder: string;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
      server = createServer();
      server.addUser('hub');
      await server.start();
      const files = {
        'admin.yaml': server.kubeconfig('admin'),
        'hub.yaml': server.kubeconfig('hub'),
        'crd.yaml': stringify(widgetDefinition()),
        'w.yaml': stringify(aWidget({ size: 1 })),
        'bigger.yaml': stringify(aWidget({ size: 2 })),
        'unknown-field.yaml': stringify(aWidget({ nonsense: 1 })),
        'invalid.yaml': stringify(aWidget({ size: 11 })),
      };
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      await kubectl({ line: 'apply -f crd.yaml' });
      await kubectl({ line: 'wait crd/widgets.example.org --for=condition=Established' });
      // A real server serves a kind some time before it describes it.
      await untilDescribed();
    });
    after(async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    });

    async function untilDescribed(): Promise<void> {
      while (!(await kubectl({ line: 'explain widget' })).includes('KIND')) await setTimeout(100);
    }

    async function kubectl({ line, user, editor }: Omit<Step, 'want'>): Promise<string> {
      const env = {
        PATH: process.env['PATH'],
        HOME: folder,
        TMPDIR: folder,
        KUBECONFIG: join(folder, `${user ?? 'admin'}.yaml`),
        ...(editor !== undefined && { KUBE_EDITOR: editor }),
      };
      try {
        const { stdout, stderr } = await run('kubectl', line.split(' '), { env, cwd: folder });
        return `${stdout}${stderr}`.trim();
      } catch (error) {
        const { stdout, stderr } = error as { stdout: string; stderr: string };
        return `${stdout}${stderr}`.trim();
      }
    }

    for (const [part, steps] of Object.entries(DAY)) {
      it(part, async () => {
        for (const step of steps) {
          const printed = await kubectl(step);
          expect(printed, `kubectl ${step.line}: ${printed}`).to.match(step.want);
        }
      });
    }
  });
}
