import { registerHooks } from 'node:module';

// GitHub publishes its parser for bundlers: it imports its schemas as Node does only with an attribute.
const hooks = registerHooks({
  resolve: (specifier, context, next) => {
    const isSchema = specifier.endsWith('.min.json');
    const resolved = next(specifier, context);
    return isSchema ? { ...resolved, importAttributes: { type: 'json' } } : resolved;
  },
});
const { NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
const { parseAction } = await import('@actions/workflow-parser/actions/index');
hooks.deregister();

const trace = new NoOperationTraceWriter();
const PARSERS = { workflow: parseWorkflow, action: parseAction };

/** What GitHub's own parser, with GitHub's schema, finds wrong with a workflow or an action.yml. */
export function findGithubProblems(
  kind: keyof typeof PARSERS,
  { name, content }: { readonly name: string; readonly content: string },
): readonly string[] {
  const { context } = PARSERS[kind]({ name, content }, trace);
  return context.errors.getErrors().map(({ message }) => message);
}
