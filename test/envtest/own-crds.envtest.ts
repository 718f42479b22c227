import { describeOwnCRDs } from '../contract/own-crds.contract.ts';
import { createRealServer } from './real-servers.ts';

describeOwnCRDs('on a real kube-apiserver', () => createRealServer({ name: 'main' }));
