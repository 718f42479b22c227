import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import { PROBLEM_CODES } from '../../src/model/problem.ts';
import { mutatedYaml } from './mutated-yaml.ts';
import { sourceFile } from './parse-texts.ts';

const OPTIONS = { path: '.', namespace: 'liqo-shortcuts' };

describe('parseManifests, whatever is done to a manifest', () => {
  it('never throws, and says of every problem what and where', () => {
    fc.assert(
      fc.property(mutatedYaml, (bytes) => {
        const { problems, complete } = parseManifests([sourceFile('a.yaml', bytes)], OPTIONS);

        const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/).length;
        for (const { code, file, line, column, message } of problems) {
          expect(PROBLEM_CODES).to.include(code);
          if (code !== 'empty-source') expect(file).to.equal('a.yaml');
          expect(line).to.be.within(1, lines + 1);
          expect(column).to.be.at.least(1);
          expect(message).to.not.equal('');
        }
        expect(complete).to.equal(problems.every(({ severity }) => severity !== 'error'));
      }),
    );
  });

  it('takes only what it would take again, just as it is', () => {
    fc.assert(
      fc.property(mutatedYaml, (bytes) => {
        const { resources } = parseManifests([sourceFile('a.yaml', bytes)], OPTIONS);
        const objects = resources.map(({ object }) => object);
        const text = objects.map((object) => stringify(object)).join('---\n');

        const again = parseManifests([sourceFile('a.yaml', text)], OPTIONS);

        expect(again.resources.map(({ object }) => object)).to.deep.equal(objects);
      }),
    );
  });
});
