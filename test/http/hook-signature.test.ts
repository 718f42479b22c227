import { expect } from 'chai';
import { isGenuine } from '../../src/http/hook-signature.ts';

/** As the documentations of the hosts print them, so that nothing here is signed by ourselves. */
describe('isGenuine', () => {
  const github = {
    headers: {
      'x-hub-signature-256':
        'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    body: Buffer.from('Hello, World!'),
  };
  const standard = {
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: Buffer.from('{"test": 2432232314}'),
  };

  it('knows the example of GitHub', () => {
    expect(isGenuine(github, ["It's a Secret to Everybody"])).to.be.true;
    expect(isGenuine(github, ["It's a Secret to Nobody"])).to.be.false;
  });

  it('knows the example of Standard Webhooks', () => {
    expect(isGenuine(standard, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).to.be.true;
    expect(isGenuine(standard, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx'])).to.be.false;
  });

  it('looks for its signature among others, of other keys and versions', () => {
    const { 'webhook-signature': ours } = standard.headers;
    const others = `v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg== v1,${'A'.repeat(43)}=`;
    const headers = { ...standard.headers, 'webhook-signature': `${others} ${ours}` };

    expect(isGenuine({ ...standard, headers }, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).to.be
      .true;
  });

  for (const header of ['webhook-id', 'webhook-timestamp']) {
    it(`does not take a signature for another ${header}`, () => {
      const headers = { ...standard.headers, [header]: '1' };

      expect(isGenuine({ ...standard, headers }, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).to.be
        .false;
    });
  }
});
