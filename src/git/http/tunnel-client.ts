import { type Dispatcher, Pool } from 'undici';
import { GitAuthError, GitUnreachableError } from '../../errors/errors.ts';
import { causeOf } from '../git-errors.ts';

/**
 * Connections to a proxy. Asked for a tunnel, they say in our words what the proxy has answered, which the library would
 * report as if somebody had called the request off.
 */
export function createTunnelClient(proxy: URL, options: object): Dispatcher {
  const pool = new Pool(proxy, options);
  const open: (target: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> =
    pool.connect.bind(pool);

  async function connect(target: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> {
    const tunnel = await open(target).catch((error: unknown) => {
      const details = { proxy: proxy.host, cause: causeOf(error) };
      throw new GitUnreachableError(`the proxy "${proxy.host}" cannot be reached`, { details });
    });
    if (tunnel.statusCode === 200) return tunnel;
    tunnel.socket.on('error', () => undefined).destroy();
    throw refusal(proxy.host, tunnel.statusCode);
  }

  return Object.assign(pool, { connect });
}

function refusal(proxy: string, status: number): GitAuthError | GitUnreachableError {
  const details = { proxy, status };
  if (status !== 407) {
    return new GitUnreachableError(
      `the proxy "${proxy}" opens no way to the server (HTTP ${status}): ask who runs it, or name the server in NO_PROXY`,
      { details },
    );
  }
  return new GitAuthError(
    `the proxy "${proxy}" refuses our credentials: put its URL with user and password into a file (--git-proxy-file)`,
    { details },
  );
}
