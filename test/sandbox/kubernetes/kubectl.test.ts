import { createApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import { describeKubectl } from '../../contract/kubectl.contract.ts';

describeKubectl('against the embedded API server', () => createApiServer({ name: 'rome' }));
