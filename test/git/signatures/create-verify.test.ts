import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { ConfigError, UnverifiedCommitError } from '../../../src/errors/errors.ts';
import { createVerify, type VerifyOptions } from '../../../src/git/signatures/create-verify.ts';
import type { Evidence } from '../../../src/git/signatures/evidence.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import {
  evidenceOf,
  recorded,
  RECORDED_AT,
  recordedFile,
  recordedTag,
} from '../../support/recorded-signatures.ts';
import { makeTempDir } from '../../support/temp-git.ts';
import { rejection } from '../read-source.ts';

const DAY_MS = 24 * 3_600_000;
const FILES = {
  allowedSignersFile: recordedFile('allowed_signers'),
  gpgKeyringFile: recordedFile('keyring.asc'),
};

function verify(
  evidence: Evidence,
  options: Partial<VerifyOptions> = {},
  now = RECORDED_AT,
): Promise<string> {
  return createVerify({ ...FILES, clock: new FakeClock(now), ...options })(evidence);
}

/** What it says instead of a signer; the class of the error has been looked at. */
async function refusal(...question: Parameters<typeof verify>): Promise<string> {
  const error = await rejection(verify(...question));
  expect(error, 'refused').to.be.instanceOf(UnverifiedCommitError);
  return (error as Error).message.replace(/^commit "[0-9a-f]{12}" is not taken: /, '');
}

describe('the verification of what git, ssh-keygen and gpg have signed', () => {
  for (const name of [
    ...['ssh-ed25519', 'ssh-ecdsa256', 'ssh-ecdsa384', 'ssh-ecdsa521', 'ssh-rsa2048'],
    ...['ssh-latin1', 'ssh-no-message', 'ssh-sneaky-message', 'ssh-mergetag'],
  ]) {
    it(`takes ${name}`, async () => {
      expect(await verify(recorded(name))).to.match(/^SSH SHA256:[A-Za-z0-9+/]{43}$/);
    });
  }

  for (const name of ['gpg-ed', 'gpg-rsa', 'gpg-nist', 'gpg-sub']) {
    it(`takes ${name}`, async () => {
      expect(await verify(recorded(name))).to.match(/^OpenPGP [0-9A-F]{40}$/);
    });
  }

  it('takes a signed tag for its commit, of SSH and of OpenPGP', async () => {
    expect(await verify(recordedTag('v-first'))).to.match(/^SSH /);
    expect(await verify(recordedTag('v-gpg'))).to.match(/^OpenPGP /);
    expect(await refusal(recorded('v-first'))).to.equal('it is not signed');
  });

  it('asks for the commit where a tag is not signed', async () => {
    expect(await refusal(recordedTag('v-plain'))).to.equal('it is not signed');
  });

  it('does not take a signed tag in the place of another one', async () => {
    const { tag, ...first } = recordedTag('v-first');

    const renamed = await refusal({ ...first, tag: { ...tag!, name: 'v-other' } });
    const elsewhere = await refusal({ ...recorded('unsigned'), tag: tag! });

    expect(renamed).to.include('another name');
    expect(elsewhere).to.include('another commit');
  });

  const gone = { gpgKeyringFile: recordedFile('gone.asc') };
  const short = { gpgKeyringFile: recordedFile('short.asc') };
  const refused: readonly (readonly [string, RegExp, ...Parameters<typeof verify>])[] = [
    ['no signature', /^it is not signed$/, recorded('unsigned')],
    [
      'SHA-1',
      /does not fit|does not count/,
      recorded('gpg-sha1'),
      { gpgKeyringFile: recordedFile('weak.asc') },
    ],
    [
      'MD5',
      /does not fit|does not count/,
      recorded('gpg-md5'),
      { gpgKeyringFile: recordedFile('weak.asc') },
    ],
    ['a key that is not in the keyring', /not in the keyring/, recorded('gpg-ed'), gone],
    [
      'a revoked key',
      /revoked/,
      recorded('gpg-gone'),
      { gpgKeyringFile: recordedFile('revoked.asc') },
    ],
    [
      'a key that has expired since',
      /expired/,
      recorded('gpg-short'),
      short,
      RECORDED_AT + 2 * DAY_MS,
    ],
    [
      'SSH without a list',
      /no --allowed-signers-file/,
      recorded('ssh-ed25519'),
      { allowedSignersFile: undefined },
    ],
    [
      'OpenPGP without a keyring',
      /no --gpg-keyring-file/,
      recorded('gpg-ed'),
      { gpgKeyringFile: undefined },
    ],
    [
      'an OpenPGP signature from the future',
      /does not fit|does not count/,
      recorded('gpg-ed'),
      {},
      RECORDED_AT - DAY_MS,
    ],
  ];
  for (const [name, why, ...question] of refused) {
    it(`refuses ${name}`, async () => {
      expect(await refusal(...question)).to.match(why);
    });
  }

  it('takes what those keys signed as long as they count', async () => {
    expect(await verify(recorded('gpg-gone'), gone)).to.match(/^OpenPGP /);
    expect(await verify(recorded('gpg-short'), short)).to.match(/^OpenPGP /);
  });

  it('takes what a key signed before it was prolonged', async () => {
    const prolonged = { gpgKeyringFile: recordedFile('prolonged.asc') };

    const signer = await verify(recorded('gpg-short'), prolonged, RECORDED_AT + 2 * DAY_MS);

    expect(signer).to.match(/^OpenPGP /);
  });

  it('refuses an object that is not what its id says', async () => {
    const { object } = recorded('ssh-ed25519');
    const { commit } = recorded('ssh-rsa2048');

    expect(await refusal({ commit, object })).to.equal('it is damaged');
  });

  for (const name of ['ssh-ed25519', 'ssh-mergetag', 'gpg-ed', 'gpg-rsa']) {
    it(`refuses ${name} with other content`, async () => {
      const text = Buffer.from(recorded(name).object).toString('latin1');
      for (const forged of [
        text.replace(/^tree ./, (start) => `tree ${start.endsWith('0') ? '1' : '0'}`),
        text.replace('Ada', 'Eve'),
        `${text}!`,
        text.replace('\ncommitter', '\nsomething new\ncommitter'),
      ]) {
        expect(forged).not.to.equal(text);
        expect(await refusal(evidenceOf(Buffer.from(forged, 'latin1')))).to.match(
          /does not (fit|count)/,
        );
      }
    });
  }

  it('refuses what is no commit, has two signatures or is signed otherwise, in words', async () => {
    const text = Buffer.from(recorded('ssh-ed25519').object).toString('latin1');
    const [header = ''] = /gpgsig [^]*?END SSH SIGNATURE-----\n/.exec(text) ?? [];
    const forged = (object: string) => refusal(evidenceOf(Buffer.from(object, 'latin1')));

    expect(await forged(text.replace(header, header + header))).to.include('more than one');
    expect(await forged('nothing')).to.include('headers');
    expect(await forged(text.replace('committer', 'computer'))).to.include('committer');
    expect(await forged(text.replaceAll('SSH SIGNATURE', 'SIGNED MESSAGE'))).to.include('neither');
    expect(await forged(text.replace('BEGIN SSH SIGNATURE', 'BEGIN SSH SONG'))).to.include(
      'malformed',
    );
    expect(await forged(text.padEnd(1024 * 1024 + 1))).to.include('too large');
  });
});

describe('the files that say who may sign', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await makeTempDir();
  });
  afterEach(() => rm(dir, { recursive: true }));

  const broken: readonly (readonly [string, string | undefined])[] = [
    ['is missing', undefined],
    ['is empty', ''],
    ['holds nothing but comments', '# nobody\n'],
    ['is broken', 'ada@example.com ssh-ed25519 AAAA'],
  ];
  for (const [name, content] of broken) {
    it(`are an error of the environment where one ${name}`, async () => {
      const file = join(dir, 'file');
      if (content !== undefined) await writeFile(file, content);

      const errors = [
        await rejection(verify(recorded('ssh-ed25519'), { allowedSignersFile: file })),
        await rejection(verify(recorded('gpg-ed'), { gpgKeyringFile: file })),
      ];

      for (const error of errors) expect(error).to.be.instanceOf(ConfigError);
    });
  }

  it('are read at each use', async () => {
    const file = join(dir, 'file');
    await writeFile(file, '# nobody');
    const check = createVerify({ allowedSignersFile: file, clock: new FakeClock(RECORDED_AT) });
    expect(await rejection(check(recorded('ssh-ed25519')))).to.be.instanceOf(ConfigError);

    await writeFile(file, await readFile(FILES.allowedSignersFile));

    expect(await check(recorded('ssh-ed25519'))).to.match(/^SSH /);
  });
});
