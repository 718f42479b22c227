import { Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { Errors } from 'isomorphic-git';
import type { ClientChannel } from 'ssh2';
import { GitSourceInvalidError, GitUnreachableError } from '../../../src/errors/errors.ts';
import { startUploadPack, type UploadPack } from '../../../src/git/ssh/upload-pack.ts';
import { rejection } from '../read-source.ts';

const TWO = packet('version 2\n') + packet('fetch=shallow\n') + '0000';
const ONE = `${packet(`${'a'.repeat(40)} HEAD\0shallow side-band-64k\n`)}0000`;
const COMMIT = 'c'.repeat(40);
const REQUEST = Buffer.from(`${packet(`want ${COMMIT} side-band-64k\n`)}0000${packet('done\n')}`);

function packet(text: string): string {
  return (text.length + 4).toString(16).padStart(4, '0') + text;
}

/** A run on a server that says these things, and ends like this; its command. */
async function start(
  answer: string | Iterable<Buffer>,
  options: {
    readonly status?: number;
    readonly purpose?: 'refs' | 'objects';
    readonly path?: string;
  } = {},
): Promise<{ run: UploadPack; command: string; sent: string[] }> {
  const { status = 0, purpose = 'objects', path = '/x' } = options;
  const pieces = typeof answer === 'string' ? [Buffer.from(answer)] : answer;
  const output = Readable.from(pieces, { objectMode: false });
  output.once('end', () => output.emit('close', status));
  const sent: string[] = [];
  const write = (bytes: Buffer) => sent.push(bytes.toString());
  const channel = Object.assign(output, { write }) as unknown as ClientChannel;
  let command = '';
  const run = await startUploadPack(
    {
      run: (line) => {
        command = line;
        return Promise.resolve(channel);
      },
      attend: (work) => work,
      close: () => undefined,
    },
    { host: 'git.example', path, purpose, maxBytes: 10_000 },
  );
  return { run, command, sent };
}

describe('A run of git-upload-pack', () => {
  it('asks for objects in the second version, and answers in the first', async () => {
    const pack = '0009\u0001PACK';
    const shallow = `0035shallow ${COMMIT}\n`;
    const { run, sent } = await start(
      `${TWO}0011shallow-info\n${shallow}0001000dpackfile\n${pack}0000`,
    );

    expect(run.advertisement.toString()).to.match(/^.{4}0{40} HEAD\0.*deepen-since/);
    const answer = await run.ask(REQUEST);

    expect(sent.join('')).to.match(/^0012command=fetch\n0001.*0032want c{40}\n0009done\n0000$/s);
    expect(answer.toString()).to.equal(`${shallow}00000008NAK\n${pack}0000`);
  });

  it('asks in the first version where the server knows no other', async () => {
    const { run } = await start(`${ONE}0008NAK\n0009\u0001PACK0000`);

    expect(run.advertisement.toString()).to.equal(ONE);
    expect((await run.ask(REQUEST)).toString()).to.equal('0008NAK\n0009\u0001PACK0000');
  });

  for (const [version, first] of [
    ['first', ONE],
    ['second', TWO],
  ] as const) {
    it(`says that the objects are not to be had, in the ${version} version`, async () => {
      const { run } = await start(`${first}0010ERR s3cret\n\n`, { status: 128 });

      const error = await rejection(run.ask(REQUEST));

      expect(error)
        .to.be.instanceOf(Errors.NotFoundError)
        .with.nested.property('data.what', COMMIT);
    });

    it(`takes no half of the objects for all of them, in the ${version} version`, async () => {
      for (const status of [0, 128, null]) {
        const { run } = await start(`${first}0009\u0001PACK`, { status: status! });

        const error = await rejection(run.ask(REQUEST));

        expect(error).to.be.instanceOf(
          status === 128 ? GitSourceInvalidError : GitUnreachableError,
        );
      }
    });
  }

  it('does not take a list of refs without its end for one', async () => {
    for (const [status, want] of [
      [0, GitUnreachableError],
      [1, GitSourceInvalidError],
    ] as const) {
      const { run } = await start(`${TWO}003dffff`, { status, purpose: 'refs' });

      expect(await rejection(run.ask(REQUEST))).to.be.instanceOf(want);
    }
  });

  const failures = [
    { name: 'says why on its other output only', answer: '', status: 1, want: /check the path/ },
    { name: 'is not installed', answer: '', status: 127, want: /no git-upload-pack/ },
    { name: 'is something that greets', answer: 'Welcome!\n', status: 0, want: /prints nothing/ },
  ];
  for (const { name, answer, status, want } of failures) {
    it(`is an error when it ${name}`, async () => {
      const error = await rejection(start(answer, { status }));

      expect(error)
        .to.be.instanceOf(GitSourceInvalidError)
        .with.property('message')
        .that.match(want);
    });
  }

  it('is ended where it sends too much', async () => {
    function* endless(): Generator<Buffer> {
      for (;;) yield Buffer.from(packet('x'.repeat(200)));
    }

    const error = await rejection(start(endless()));

    expect(error)
      .to.be.instanceOf(GitSourceInvalidError)
      .with.property('message')
      .that.contains('more than');
  });

  it('gives the path to the shell of the server as one word', async () => {
    for (const [path, word] of [
      ['/srv/x.git', "'/srv/x.git'"],
      ["/a'; touch b; '", `'/a'\\''; touch b; '\\'''`],
      ['/a!b', `'/a'\\!'b'`],
      ['$(x) `y`', "'$(x) `y`'"],
    ] as const) {
      const { command } = await start(TWO, { path });

      expect(command).to.equal(`git-upload-pack ${word}`);
    }
  });

  it('understands an answer however it is cut into pieces', async () => {
    const whole = `${TWO}000dpackfile\n0009\u0001PACK0000`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: whole.length })), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const pieces = at
          .slice(1)
          .map((end, index) => whole.slice(at[index], end))
          .filter(Boolean)
          .map((piece) => Buffer.from(piece));
        const { run } = await start(pieces);

        expect((await run.ask(REQUEST)).toString()).to.equal('0008NAK\n0009\u0001PACK0000');
      }),
    );
  });
});
