import { expect } from 'chai';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { CaseRunner } from './case-runner.ts';
import { caseFiles, readCases } from './conformance-case.ts';

describe('The embedded API server answers as kube-apiserver 1.35.4', () => {
  let server: ApiServer;
  let runner: CaseRunner;

  before(async () => {
    server = createApiServer({ name: 'embedded' });
    server.addUser('bob', ['team']);
    await server.start();
    runner = new CaseRunner(server);
    await runner.prepare();
  });
  after(async () => {
    await runner.close();
    await server.stop();
  });

  for (const file of caseFiles()) {
    describe(file.replace('.yaml', ''), () => {
      for (const one of readCases(file)) {
        const { name, differs, answer, embedded } = one;

        if (differs === undefined) {
          it(name, async () => {
            expect(await runner.answer(one)).to.deep.equal(answer);
          });
        } else {
          it(`${name}, but: ${differs}`, async () => {
            const given = await runner.answer(one);

            expect(given).to.deep.equal(embedded);
            expect(given, 'this case differs no more').not.to.deep.equal(answer);
          });
        }
      }
    });
  }
});
