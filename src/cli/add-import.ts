import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import type { ImportFlags } from './import-options.ts';

const EXAMPLES = `
Examples:
  $ liqo-shortcuts import --kubeconfig main.yaml                        # what there is, as YAML on standard output
  $ liqo-shortcuts import --kubeconfig main.yaml --to fleet             # files in fleet/leaves and fleet/shortcuts
  $ liqo-shortcuts import --leaf rome=rome.yaml --leaf milan=milan.yaml#admin
  $ kubectl get foreignclusterconnections -A -o yaml > fcc.yaml
  $ liqo-shortcuts import --offline --from fcc.yaml                     # no cluster is asked
  $ liqo-shortcuts import --kubeconfig main.yaml --output json

What was found goes to standard error, what is to be committed to standard output. Nothing is written on any cluster.
How to move in: docs/moving-in.md

Exit codes: 0 done, 1 the file of --from is not valid, 2 a cluster could not be read (the rest is written),
            3 a file that differs was left alone
`;

/** Adds the command `import`. */
export function addImport(
  program: Command,
  context: CommandContext,
  onExit: (code: number) => void,
): void {
  program
    .command('import')
    .description('write Shortcut and LeafCluster YAML for connections that exist')
    .exitOverride()
    .option('--kubeconfig <file>', 'main cluster; by default KUBECONFIG, else ~/.kube/config')
    .option('--context <name>', 'context within the kubeconfig; by default its current one')
    .option(
      '--namespace <name>',
      'namespace of the installation on the main cluster (default: liqo-shortcuts)',
    )
    .option(
      '--leaf <name=file[#context]>',
      'kubeconfig of a leaf, for one that is not registered or whose Secret does not work; repeatable',
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    )
    .option('--liqo-namespace <name>', 'namespace of Liqo on leaves given with --leaf', 'liqo')
    .option(
      '--from <file>',
      'read ForeignClusterConnections from a file instead of the main cluster',
    )
    .option('--offline', 'contact no cluster; needs --from')
    .option('--to <folder>', 'write files there instead of YAML on standard output')
    .option('--force', 'replace files in the folder that differ')
    .option('-o, --output <format>', 'yaml or json', 'yaml')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ImportFlags) => {
      const { importCommand } = await import('./import-command.ts');
      onExit(await importCommand(flags, context));
    });
}
