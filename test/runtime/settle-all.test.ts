import { expect } from 'chai';
import { settleAll } from '../../src/runtime/settle-all.ts';

describe('settleAll', () => {
  it('reports every end in the order of the items, failures too', async () => {
    const results = await settleAll([3, 1, 2], 2, (item) =>
      item === 1 ? Promise.reject(new Error('one')) : Promise.resolve(item * 10),
    );

    expect(results.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(results[2]).to.deep.equal({ status: 'fulfilled', value: 20 });
  });

  it('runs no more at a time than allowed', async () => {
    let running = 0;
    let most = 0;

    await settleAll(Array.from({ length: 10 }), 3, async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    });

    expect(most).to.equal(3);
  });
});
