import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { PROBLEM_CODES } from '../../src/model/problem.ts';
import { PROBLEM_GUIDE, PROBLEM_PAGE } from '../../src/report/problem-guide.ts';

describe('PROBLEM_GUIDE', () => {
  for (const code of PROBLEM_CODES) {
    it(`says of ${code} what it is and what to do, with an anchor on the page`, () => {
      const { title, remedy } = PROBLEM_GUIDE[code];

      expect(title).to.match(/^[A-Z].*[^.]$/);
      expect(remedy).to.match(/^[A-Z].*\.$/);
      expect(readFileSync(PROBLEM_PAGE, 'utf8')).to.match(new RegExp(`^## ${code}$`, 'm'));
    });
  }
});
