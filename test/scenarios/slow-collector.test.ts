import { describeLaggingCollector } from '../support/describe-lagging-collector.ts';

// They hold pitfall 11 and pitfall 12 (docs/pitfalls.md).
// Only an embedded collector can be slowed down, or kept from one kind.
for (const scope of ['cluster', 'strict'] as const) {
  describeLaggingCollector(scope, [
    { name: 'slow on both leaves', leaves: ['rome', 'milan'], fault: 'gc-slow', args: { ms: 30 } },
    {
      name: 'leaving Secrets alone on the server side',
      leaves: ['milan'],
      fault: 'gc-off',
      args: { resource: 'secrets' },
    },
  ]);
}
