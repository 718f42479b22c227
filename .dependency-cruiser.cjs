// The rooms of src/ (ARCHITECTURE.md): who may import whom, and the fences around libraries.
const pure = ['model', 'errors'];
const allow = {
  model: [],
  errors: ['model'],
  runtime: pure,
  config: pure,
  manifests: pure,
  liqo: pure,
  report: pure,
  plan: [...pure, 'liqo'],
  git: [...pure, 'runtime', 'config'],
  kube: [...pure, 'runtime', 'config'],
};
const upToFour = [
  'model',
  'errors',
  'runtime',
  'config',
  'manifests',
  'liqo',
  'plan',
  'git',
  'kube',
];
for (const room of ['mirror', 'leaves', 'apply', 'status']) allow[room] = upToFour;
allow.forge = [...upToFour, 'report'];
allow.reconcile = [...upToFour, 'mirror', 'leaves', 'apply', 'status'];
allow.import = [...allow.reconcile, 'reconcile', 'report'];
allow.http = [...allow.reconcile, 'reconcile'];
allow.sandbox = [...allow.http, 'http', 'app', 'cli'];
allow.app = [...allow.http, 'http', 'import', 'forge'];

const rooms = Object.entries(allow).map(([room, others]) => ({
  name: `room-${room}`,
  severity: 'error',
  comment: `${room}/ may import only: ${others.join(', ') || 'nothing'}`,
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...others].join('|')})/` },
}));

const fence = (name, library, home) => ({
  name,
  severity: 'error',
  comment: `${library} lives only in ${home}`,
  from: { path: '^src/', pathNot: `^src/(${home})` },
  to: { path: `node_modules/${library}(/|$)` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...rooms,
    {
      name: 'sandbox-is-a-test-bed',
      severity: 'error',
      comment: 'nothing outside cli/ imports the embedded world',
      from: { path: '^src/', pathNot: '^src/(sandbox|cli)/' },
      to: { path: '^src/sandbox/' },
    },
    fence('client-node-in-kube', '@kubernetes/client-node', 'kube/'),
    fence('isomorphic-git-in-git', 'isomorphic-git', '(git|sandbox)/'),
    fence('ssh2-in-git', 'ssh2', 'git/'),
    fence('fastify-in-http', '(@fastify|fastify)', '(http|sandbox)/'),
    fence('cron-in-triggers', 'node-cron', 'reconcile/triggers.ts'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
