import { describeKubectl } from '../contract/kubectl.contract.ts';
import { createRealServer } from './real-servers.ts';

describeKubectl('against a real kube-apiserver', () => createRealServer({ name: 'kubectl' }));
