import type { GitHttpRequest, GitHttpResponse } from 'isomorphic-git';
import type { SshAddress } from '../../config/ssh-address.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { GitHttp } from '../http/git-http.ts';
import { oneChunk } from '../one-chunk.ts';
import { GIT_LIMITS } from '../git-limits.ts';
import { createHostKeyCheck } from './host-key.ts';
import { createSshKey, readSshFile, type SshFiles } from './ssh-key.ts';
import { openSshSession, type SshSession } from './ssh-session.ts';
import { startUploadPack, type UploadPack } from './upload-pack.ts';

/** Reads a repository over SSH. */
export interface GitSsh {
  /** The connection of one operation; nothing is connected before its first request. */
  open(options: { readonly signal: AbortSignal; readonly clock: Clock }): GitHttp;
}

/** What precedes the advertisement over HTTP, where the library expects it (gitprotocol-http). */
const SERVICE = '001e# service=git-upload-pack\n0000';

/**
 * Makes the library, which knows HTTP only, speak over SSH: its request for `info/refs` becomes a run of
 * `git-upload-pack`, and what it posts is that run's one request. All runs of an operation share a connection. Requests
 * throw what `openSshSession` and `startUploadPack` throw, CredentialInvalidError for the files, GitHostKeyError before
 * anything is sent to a host that is not known.
 */
export function createGitSsh(address: SshAddress, files: SshFiles): GitSsh {
  const key = createSshKey(files);
  return {
    open: ({ signal, clock }) => {
      let session: Promise<SshSession> | undefined;
      let run: UploadPack | undefined;

      async function connect(): Promise<SshSession> {
        const knownHosts = await readSshFile(files.knownHostsFile, 'the known_hosts file');
        const hostKey = createHostKeyCheck(address, knownHosts);
        return openSshSession({ address, key: await key.read(), hostKey, signal, clock });
      }

      async function request({ url, headers, body }: GitHttpRequest): Promise<GitHttpResponse> {
        if (body !== undefined && run !== undefined) {
          return answered(url, await run.ask(await collected(body)));
        }
        session ??= connect();
        const { host, path } = address;
        const purpose = headers?.['Git-Protocol'] === undefined ? 'objects' : 'refs';
        const options = { host, path, purpose, maxBytes: GIT_LIMITS.maxBytes } as const;
        run = await startUploadPack(await session, options);
        return answered(url, Buffer.concat([Buffer.from(SERVICE), run.advertisement]));
      }

      async function close(): Promise<void> {
        (await session?.catch(() => undefined))?.close();
      }

      return { request, close };
    },
  };
}

async function collected(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body));
}

function answered(url: string, bytes: Uint8Array): GitHttpResponse {
  const headers = { 'content-type': 'application/x-git-upload-pack-advertisement' };
  return { url, headers, statusCode: 200, statusMessage: '', body: oneChunk(bytes) };
}
