import { createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { describeOwnCRDs } from './own-crds.contract.ts';

describeOwnCRDs('on the embedded API server', () => createApiServer({ name: 'main' }));
