import { on } from 'node:events';
import { Errors } from 'isomorphic-git';
import type { ClientChannel } from 'ssh2';
import { GitSourceInvalidError, GitUnreachableError } from '../../errors/errors.ts';
import { firstPacket, FLUSH } from './pkt-line.ts';
import {
  hasObjects,
  isVersion2,
  toVersion1Advertisement,
  toVersion1Answer,
  toVersion2Request,
  wantedBy,
} from './protocol-v2.ts';
import type { SshSession } from './ssh-session.ts';

/** One run of `git-upload-pack` on a server (gitprotocol-pack, gitprotocol-v2), for one request. */
export interface UploadPack {
  /** What the server says at first, up to and with its flush packet; for `objects` always in the first version. */
  readonly advertisement: Buffer;
  /**
   * Sends the request, and gives the whole answer. Throws the library's NotFoundError for objects that the server does
   * not hand out.
   */
  ask(request: Buffer): Promise<Buffer>;
}

export interface UploadPackOptions {
  readonly host: string;
  readonly path: string;
  /** What the run is for. Refs are asked for by the second version of the protocol, objects by the first. */
  readonly purpose: 'refs' | 'objects';
  /** More than that is refused. */
  readonly maxBytes: number;
}

/**
 * Starts `git-upload-pack` for a repository, in the second version of the protocol where the server lets us say so.
 * Throws GitSourceInvalidError where there is none for us, or something else answers, GitUnreachableError for an answer
 * without its end, and what the session throws.
 */
export async function startUploadPack(
  session: SshSession,
  options: UploadPackOptions,
): Promise<UploadPack> {
  const command = `git-upload-pack ${quoted(options.path)}`;
  const channel = await session.run(command, { GIT_PROTOCOL: 'version=2' });
  const intake = createIntake(channel, session, options);
  const advertisement = await intake.whole('flush');
  const isTwo = isVersion2(advertisement);
  if (options.purpose === 'refs' || !isTwo) {
    const ask = (request: Buffer): Promise<Buffer> => {
      channel.write(request);
      return isTwo ? intake.whole('flush') : objectsOf(request, intake, 'end');
    };
    return { advertisement, ask };
  }
  return {
    advertisement: toVersion1Advertisement(advertisement),
    ask: async (request) => {
      channel.write(toVersion2Request(request));
      return toVersion1Answer(await objectsOf(request, intake, 'flush'));
    },
  };
}

/** One word for the shell that most servers hand the command to: as Git itself quotes it. */
function quoted(path: string): string {
  return `'${path.replaceAll(/['!]/g, "'\\$&'")}'`;
}

/** An answer with objects. A server that ends without any does not want to hand them out: the library asks otherwise. */
async function objectsOf(request: Buffer, intake: Intake, until: Until): Promise<Buffer> {
  const { bytes, isWhole, status } = await intake.take(until);
  if (isWhole) return bytes;
  if (isFailure(status) && !hasObjects(bytes)) throw new Errors.NotFoundError(wantedBy(request));
  throw intake.endedEarly(status);
}

/** How a command ended; null for a signal, undefined where that was not said. */
type ExitStatus = number | null | undefined;

function isFailure(status: ExitStatus): status is number {
  return typeof status === 'number' && status !== 0;
}

/** Where an answer ends: with its first flush packet, or with its last one, when the command has ended well. */
type Until = 'flush' | 'end';

interface Intake {
  /** What has come, and whether that is all of it; `status` where the command has ended before. */
  take(until: Until): Promise<{ bytes: Buffer; isWhole: boolean; status?: ExitStatus }>;
  /** The same, where nothing less will do. */
  whole(until: Until): Promise<Buffer>;
  endedEarly(status: ExitStatus): Error;
}

function createIntake(
  channel: ClientChannel,
  session: SshSession,
  { host, maxBytes }: UploadPackOptions,
): Intake {
  const exited = new Promise<ExitStatus>((resolve) => {
    channel.once('close', resolve);
  });
  // Never more than a few chunks ahead of us: who sends without end fills no memory.
  const chunks = on(channel, 'data', { close: ['end', 'close'], highWaterMark: 16 });
  // What has come and was not taken yet.
  let held: Buffer = Buffer.alloc(0);
  let size = 0;

  /** The next chunk; undefined at the end. */
  async function more(): Promise<Buffer | undefined> {
    const next = (await session.attend(chunks.next())) as IteratorResult<[Buffer], undefined>;
    if (next.value === undefined) return undefined;
    const [chunk] = next.value;
    size += chunk.length;
    if (size <= maxBytes) return chunk;
    throw new GitSourceInvalidError(`"${host}" sends more than we are ready to hold`);
  }

  function nextPacket(): Buffer | undefined {
    try {
      return firstPacket(held);
    } catch {
      throw new GitSourceInvalidError(
        `"${host}" does not answer like a Git server: look whether the user may run git-upload-pack, and that logging in prints nothing`,
        { details: { host } },
      );
    }
  }

  async function take(until: Until): ReturnType<Intake['take']> {
    const taken: Buffer[] = [];
    for (;;) {
      const packet = nextPacket();
      if (packet !== undefined) {
        taken.push(packet);
        held = held.subarray(packet.length);
        if (until === 'end' || packet.toString('latin1') !== FLUSH) continue;
        return { bytes: Buffer.concat(taken), isWhole: true };
      }
      const chunk = await more();
      if (chunk !== undefined) {
        held = Buffer.concat([held, chunk]);
        continue;
      }
      const status = await session.attend(exited);
      const isWhole = status === 0 && held.length === 0 && taken.at(-1)?.toString() === FLUSH;
      return { bytes: Buffer.concat(taken), isWhole, status };
    }
  }

  function endedEarly(status: ExitStatus): Error {
    if (!isFailure(status)) {
      return new GitUnreachableError(`"${host}" ends its answer early`, { details: { host } });
    }
    const what =
      status === 127
        ? 'has no git-upload-pack for us: it must be installed, and in the path of the user'
        : 'does not hand out the repository: check the path, and whether the key may read it';
    return new GitSourceInvalidError(`"${host}" ${what}`, {
      details: { host, exitStatus: status },
    });
  }

  return {
    take,
    endedEarly,
    whole: async (until) => {
      const { bytes, isWhole, status } = await take(until);
      if (isWhole) return bytes;
      throw endedEarly(status);
    },
  };
}
