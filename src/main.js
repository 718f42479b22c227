#!/usr/bin/env node
// @ts-check
// Plain JavaScript on purpose: a Node that is too old cannot read TypeScript, and has to be told so in words.
const OLDEST_NODE = [22, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;

if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  process.stderr.write(
    `liqo-shortcuts needs Node ${OLDEST_NODE.join('.')} or newer; this is Node ${process.versions.node}.\n` +
      'In a checkout, "npm ci" brings the right one and "npm run" uses it, unless install scripts are switched off:\n' +
      'then run "npm rebuild node". Elsewhere, install Node 24 (LTS).\n',
  );
  process.exitCode = 2;
} else {
  const { runProgram } = await import('./cli/program.ts');
  process.exitCode = await runProgram(process.argv.slice(2), process);
}
