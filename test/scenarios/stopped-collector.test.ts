import { describeLaggingCollector } from '../support/describe-lagging-collector.ts';

// They hold pitfall 11 and pitfall 12 (docs/pitfalls.md).
for (const scope of ['cluster', 'strict'] as const) {
  describeLaggingCollector(scope, [
    { name: 'stopped on the client side', leaves: ['rome'], fault: 'gc-off' },
    { name: 'stopped on both leaves', leaves: ['rome', 'milan'], fault: 'gc-off' },
  ]);
}
