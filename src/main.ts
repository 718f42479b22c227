/**
 * The program. Checks the Node version before anything else is loaded: the libraries would fail in ways that tell
 * nobody what to do.
 */
const OLDEST_NODE = [22, 19] as const;

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

if (isTooOld(process.versions.node)) {
  process.stderr.write(
    `liqo-shortcuts needs Node ${OLDEST_NODE.join('.')} or newer; this is Node ${process.versions.node}.\n` +
      'In a checkout, "npm ci" brings the right one, and "npm run …" uses it. Elsewhere, install Node 24 (LTS).\n',
  );
  process.exitCode = 2;
} else {
  const { runProgram } = await import('./cli/program.ts');
  process.exitCode = await runProgram(process.argv.slice(2), process);
}

export {};
