import { Command, CommanderError, Option } from 'commander';

import type { GivenFlags } from '../config/flag-reader.ts';
import type { FlagCommand } from '../config/flag-definition.ts';
import { FLAGS } from '../config/flags.ts';
import { exitCodeOf, isAbort, toOperatorError } from '../errors/classify.ts';
import { describeError } from '../errors/describe-error.ts';
import { VERSION } from '../app/version.ts';
import { addImport } from './add-import.ts';
import type { CommandContext } from './command-context.ts';
import { stopSignal } from './stop-signal.ts';

const EXAMPLES: Readonly<Record<FlagCommand, string>> = {
  run: `
Examples:
  $ liqo-shortcuts run --source https://git.example.com/fleet.git --kubeconfig main.yaml
  $ liqo-shortcuts run --source none          # the CRs come by Flux, Argo CD or kubectl
`,
  reconcile: `
Examples:
  $ npm run reconcile -- --once --offline                      # is the repository valid?
  $ npm run reconcile -- --once --offline --base origin/main   # what would this branch change?
  $ npm run reconcile -- --once --offline --output sarif --output-file report.sarif
  $ npm run reconcile -- --once --dry-run --kubeconfig main.yaml
  $ npm run reconcile -- --once --wait --kubeconfig main.yaml

Exit codes: 0 valid, 1 desired state invalid, 2 environment, 3 a guard refused,
            4 changes are pending (only with --detailed-exitcode)
`,
};

/** What a usage error costs (DESIGN section 4). */
const EXIT_ENVIRONMENT = 2;

/** Parses the command line and runs the command. Resolves with the exit code; throws nothing. */
export async function runProgram(
  args: readonly string[],
  process: NodeJS.Process,
): Promise<number> {
  const { signal, release } = stopSignal(process, startTimer);
  const { env, stdout, stderr } = process;
  endInWords(process);
  const context: CommandContext = { env, stdout, stderr, signal };
  let exitCode = 0;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, context);
  } finally {
    release();
  }
}

function createProgram(context: CommandContext, onExit: (code: number) => void): Command {
  const program = new Command('liqo-shortcuts')
    .description('Direct connections between two leaf clusters of a Liqo star, from one place.')
    .version(VERSION)
    .addHelpText('after', PROGRAM_EXAMPLES)
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(withoutValues(text)),
    })
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)');

  withFlags(program.command('run'), 'run')
    .description('the service: mirror, reconcile and HTTP, until SIGTERM')
    .action(async (flags: GivenFlags) => {
      const { runCommand } = await import('./run-command.ts');
      onExit(await runCommand(flags, context));
    });
  withFlags(program.command('reconcile'), 'reconcile')
    .description('one pass with --once; without it the same as run')
    .action(async (flags: GivenFlags) => {
      const { reconcileCommand } = await import('./reconcile-command.ts');
      onExit(await reconcileCommand(flags, context));
    });
  addImport(program, context, onExit);
  addSandbox(program, context, onExit);
  return program;
}

/** Every flag of the table, with its variable in the help text. */
function withFlags(command: Command, name: FlagCommand): Command {
  for (const flag of FLAGS) {
    if (!flag.commands.includes(name)) continue;
    const usage = flag.argument === undefined ? '' : ` <${flag.argument}>`;
    const preset = flag.default === undefined ? '' : `default ${flag.default}; `;
    command.addOption(
      new Option(`--${flag.name}${usage}`, `${flag.description} (${preset}${flag.env})`),
    );
  }
  return command.addHelpText('after', EXAMPLES[name]).exitOverride();
}

function addSandbox(
  program: Command,
  context: CommandContext,
  onExit: (code: number) => void,
): void {
  const sandbox = program
    .command('sandbox')
    .description('the embedded world, the service and the dashboard in one process')
    .exitOverride()
    .option('--dir <folder>', 'where everything lives', '.sandbox')
    .option('--fresh', 'start over: forget what an earlier run left')
    .option('--pace <pace>', 'how fast the simulated Liqo works: recorded or instant', 'recorded')
    .option(
      '--http <host:port>',
      'where the dashboard listens; the next free port when taken',
      '127.0.0.1:8080',
    )
    .option('--poll <duration>', 'how often to look at the Git repository', '2s')
    .option('--no-service', 'only the clusters and the repository; start the service yourself')
    .option('--log-level <level>', 'log level of the service', 'info')
    .addHelpText('after', SANDBOX_EXAMPLES)
    .action(async (flags: GivenFlags) => {
      const { sandboxCommand } = await import('./sandbox-command.ts');
      onExit(await sandboxCommand(flags, context));
    });
  sandbox
    .command('fault [leaf] [fault] [arguments...]')
    .description('makes something go wrong in a running sandbox; without arguments lists what can')
    .exitOverride()
    .option('--off', 'mends it again')
    .addHelpText('after', FAULT_EXAMPLES)
    .action(
      async (
        leaf: string | undefined,
        fault: string | undefined,
        args: string[],
        flags: GivenFlags,
      ) => {
        const { faultCommand } = await import('./fault-command.ts');
        const dir = String(sandbox.opts()['dir']);
        onExit(
          await faultCommand({ dir, leaf, fault, args, isOff: flags['off'] === true }, context),
        );
      },
    );
}

const PROGRAM_EXAMPLES = `
Examples:
  $ npm run sandbox                            # try it out, without any cluster
  $ npm run reconcile -- --once --offline      # is the repository valid?
  $ npm start -- --source https://git.example.com/fleet.git --kubeconfig main.yaml
`;

const FAULT_EXAMPLES = `
Examples:
  $ npm run sandbox -- fault                   # lists what can go wrong
  $ npm run sandbox -- fault rome down
  $ npm run sandbox -- fault rome down --off
`;

const SANDBOX_EXAMPLES = `
Examples:
  $ npm run sandbox
  $ npm run sandbox -- --fresh --pace instant
  $ npm run sandbox -- fault rome down         # in a second terminal
  $ npm run sandbox -- fault rome down --off
  $ npm run sandbox -- fault                   # lists what can go wrong
`;

/** commander repeats an option that it does not know, `--git-token=…` with its value, and arguments that are too many. */
function withoutValues(text: string): string {
  return text
    .replace(/('-[^'=]*)=.*'/gs, "$1=…'")
    .replace(/( but got \d+): .*/s, '$1; a value that holds spaces needs quotes\n');
}

/** Errors of ours say what to do; commander has written its own text already. */
function report(error: unknown, { stderr, signal }: CommandContext): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_ENVIRONMENT;
  if (isAbort(error) && signal.aborted) return 0;
  const known = toOperatorError(error);
  stderr.write(`error: ${known.message}\n`);
  // A bug of ours: told is where, and no value.
  if (known.code === 'BUG') stderr.write(`${describeError(error).stack ?? ''}\n`);
  return exitCodeOf(known);
}

/**
 * What nobody caught ends the process, but not as Node would do it: with all that the error holds, and with the exit code
 * that stands for an invalid desired state.
 */
function endInWords(process: NodeJS.Process): void {
  process.once('uncaughtException', (error) => {
    const { type, code = '', stack = '' } = describeError(error);
    process.stderr.write(`error: nobody expected this ${type} ${code}\n${stack}\n`);
    process.exit(EXIT_ENVIRONMENT);
  });
}

function startTimer(ms: number, onElapsed: () => void): void {
  // The one timer outside runtime/: it must fire even when everything else hangs.
  globalThis.setTimeout(onElapsed, ms).unref();
}
