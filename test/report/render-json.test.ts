import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import fc from 'fast-check';
import { renderJson } from '../../src/report/render-json.ts';
import { aFullReport } from '../reconcile/reports.ts';
import { evilText, expectSteersNothing, poison } from './evil-text.ts';

const options = { color: false, installation: 'main', version: '1.0.0' };

describe('renderJson', () => {
  it('is the report, and ends with a line break', () => {
    const report = aFullReport();
    const text = renderJson(report, options);

    expect(JSON.parse(text)).to.deep.equal(report);
    expect(text).to.match(/\}\n$/);
  });

  it('holds every text unchanged, follows the schema, and steers nothing that prints it', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const schema = JSON.parse(readFileSync('schemas/report.schema.json', 'utf8')) as object;
    const validate = ajv.compile(schema);

    fc.assert(
      fc.property(evilText, (text) => {
        const report = poison(aFullReport(), text);
        const rendered = renderJson(report, options);
        const parsed: unknown = JSON.parse(rendered);

        expect(parsed).to.deep.equal(report);
        expect(validate(parsed), JSON.stringify(validate.errors)).to.equal(true);
        expectSteersNothing(rendered);
      }),
    );
  });
});
