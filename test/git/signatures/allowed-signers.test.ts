import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import {
  type AllowedSigner,
  objection,
  parseAllowedSigners,
} from '../../../src/git/signatures/allowed-signers.ts';
import { Refusal } from '../../../src/git/signatures/refusal.ts';
import { recordedFile } from '../../support/recorded-signatures.ts';

const [KEY = ''] =
  /ssh-ed25519 \S+/.exec(readFileSync(recordedFile('allowed_signers'), 'utf8')) ?? [];
const NOON = Date.parse('2026-06-01T12:00:00Z');

function parseOne(line: string): AllowedSigner {
  const [signer, ...more] = parseAllowedSigners(line);
  expect(more).to.deep.equal([]);
  return signer!;
}

/** Why ada@example.com may not sign at noon; undefined where she may. */
function objectionTo(line: string, at = [NOON], who = 'ada@example.com'): string | undefined {
  return objection(parseOne(line), who, at);
}

describe('a file of allowed signers', () => {
  const lines: readonly (readonly [string, string, RegExp | undefined])[] = [
    ['without options', `ada@example.com ${KEY}`, undefined],
    ['with a comment', `ada@example.com ${KEY} Ada's laptop`, undefined],
    ['with spaces and tabs', `  ada@example.com \t ${KEY}  `, undefined],
    ['with quoted principals', `"eve@example.com,ada@*" ${KEY}`, undefined],
    ['for somebody else', `eve@example.com ${KEY}`, /address/],
    ['with a negation', `!ada@example.com,*@example.com ${KEY}`, /address/],
    ['for Git', `* namespaces="git" ${KEY}`, undefined],
    ['for files and Git', `* namespaces="file,g?t" ${KEY}`, undefined],
    ['for files', `* namespaces="file" ${KEY}`, /namespaces/],
    ['for all but Git', `* namespaces="!git,*" ${KEY}`, /namespaces/],
    ['from a day on', `* valid-after="20260601Z" ${KEY}`, undefined],
    ['from a later day on', `* valid-after="20260602Z" ${KEY}`, /not valid yet/],
    ['until a minute', `* valid-before="202606011200Z" ${KEY}`, undefined],
    ['until a second', `* valid-before="20260601115959Z" ${KEY}`, /no longer valid/],
    ['for a time', `* VALID-AFTER="20260601UTC",valid-before="20260602Z" ${KEY}`, undefined],
    ['with everything', `ada@* namespaces="git",valid-before="20270101Z" ${KEY} x`, undefined],
  ];
  for (const [name, line, want] of lines) {
    it(`is understood: a line ${name}`, () => {
      const found = objectionTo(line);

      if (want === undefined) expect(found).to.equal(undefined);
      else expect(found).to.match(want);
    });
  }

  it('has times in the zone of this process where they do not say UTC', () => {
    const local = new Date(2026, 5, 1, 12, 30).getTime();
    const line = `* valid-after="202606011230" ${KEY}`;

    expect(objectionTo(line, [local])).to.equal(undefined);
    expect(objectionTo(line, [local - 1])).to.include('not valid yet');
  });

  it('wants a key to be valid at all times in question', () => {
    const line = `* valid-before="20260601Z" ${KEY}`;

    expect(objectionTo(line, [NOON - 86_400_000])).to.equal(undefined);
    expect(objectionTo(line, [NOON - 86_400_000, NOON])).to.include('no longer valid');
  });

  it('may have comments, empty lines and the line ends of Windows', () => {
    expect(parseAllowedSigners(`# us\r\n\r\na@b ${KEY}\r\n  # you\nc@d ${KEY}`)).to.have.length(2);
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['cert-authority', `* cert-authority ${KEY}`, /^line 2: cert-authority: certificates/],
    ['an unknown option', `* no-touch-required ${KEY}`, /option, or a type of key/],
    ['an option twice', `* namespaces="git",namespaces="file" ${KEY}`, /twice/],
    ['an option without its value', `* namespaces ${KEY}`, /needs a value/],
    ['an option without quotation marks', `* namespaces=git ${KEY}`, /neither a type of key/],
    ['an open quotation mark', `* namespaces="git ${KEY}`, /neither/],
    ['half-quoted principals', `a"b"c ${KEY}`, /quotation marks/],
    ['a comma at the end of its options', `* namespaces="git", ${KEY}`, /neither/],
    ['a time that is none', `* valid-after="20260631Z" ${KEY}`, /valid-after is no valid time/],
    ['an hour that is none', `* valid-after="202606012500Z" ${KEY}`, /no valid time/],
    ['a time in words', `* valid-before="tomorrow" ${KEY}`, /no valid time/],
    [
      'an end before its start',
      `* valid-after="2027010101",valid-before="20260101" ${KEY}`,
      /valid/,
    ],
    [
      'an order of times that cannot be',
      `* valid-after="20270101",valid-before="20260101" ${KEY}`,
      /not after/,
    ],
    ['no key', '*', /ends too early/],
    ['no base64', '* ssh-ed25519 ???', /base64/],
    ['a key that is cut off', `* ${KEY.slice(0, -8)}`, /the key/],
    ['a key of another type', `* ssh-rsa ${KEY.split(' ')[1] ?? ''}`, /another type/],
    ['a type that is not supported', `* ssh-dss AAAAB3NzaC1kc3M=`, /type of key/],
    ['a certificate', `* ssh-ed25519-cert-v01@openssh.com AAAA`, /type of key/],
    ['nothing but a key', KEY, /option|type/],
  ];
  for (const [name, line, why] of broken) {
    it(`is refused as a whole, with the number of the line, for ${name}`, () => {
      expect(() => parseAllowedSigners(`ada@example.com ${KEY}\n${line}`))
        .to.throw(Refusal)
        .with.property('message')
        .that.matches(why)
        .and.matches(/^line 2: /);
    });
  }

  it('is refused without a signer in it', () => {
    expect(() => parseAllowedSigners('')).to.throw(Refusal);
    expect(() => parseAllowedSigners(' \n# nobody\n')).to.throw(Refusal);
  });

  it('repeats nothing of what it holds', () => {
    expect(() => parseAllowedSigners(`s3cret s3cret="s3cret" s3cret`))
      .to.throw(Refusal)
      .with.property('message')
      .that.does.not.include('s3cret');
  });
});
