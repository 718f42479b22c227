import type { LeafScope } from '../../src/liqo/leaf-rules.ts';
import { describeRightsTakenAway, oneOfEach } from '../support/describe-right-taken-away.ts';
import { rightsOf } from '../support/leaf-rights.ts';

const SCOPES: readonly LeafScope[] = ['strict', 'cluster'];

// The scenarios take one right of each kind and verb away; here are all the others.
for (const scope of SCOPES) {
  const rights = rightsOf({ scope, peers: ['rome'] });
  const others = rights.filter((right) => !oneOfEach(rights).includes(right));
  describeRightsTakenAway(scope, others);
}
