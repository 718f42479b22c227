import { expect } from 'chai';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { CaseRunner } from '../conformance/case-runner.ts';
import { caseFiles, type ConformanceAnswer, readCases } from '../conformance/conformance-case.ts';
import {
  CORE_DOCUMENTS,
  coreSchemasOf,
  knownCoreSchemas,
  writeCoreSchemas,
} from '../conformance/core-schemas.ts';
import { recordAnswers } from '../conformance/recorder.ts';
import { HttpCaller } from '../sandbox/kubernetes/http-caller.ts';
import { createRealServer } from './real-servers.ts';

/** With it, what the server answers is written down instead of compared (test/conformance/README.md). */
const isRecording = process.env['RECORD_CONFORMANCE'] === '1';

describe('A real kube-apiserver answers as the tables say', () => {
  let server: ApiServer;
  let runner: CaseRunner;

  before(async function () {
    this.timeout(120_000);
    server = createRealServer({ name: 'conformance' });
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
      const given = new Map<string, ConformanceAnswer>();

      for (const one of readCases(file)) {
        it(one.name, async () => {
          const answer = await runner.answer(one);

          given.set(one.name, answer);
          if (!isRecording) expect(answer).to.deep.equal(one.answer);
        });
      }

      after(() => {
        if (isRecording) recordAnswers(file, given);
      });
    });
  }

  it('describes the built-in kinds as the embedded one knows them', async () => {
    const http = new HttpCaller(server);
    const documents = [];
    for (const path of CORE_DOCUMENTS) {
      documents.push((await http.call('GET', `/openapi/v3/${path}`)).body);
    }
    await http.close();
    const schemas = coreSchemasOf(documents);

    if (isRecording) writeCoreSchemas(schemas);
    else expect(schemas).to.deep.equal(knownCoreSchemas());
  });
});
