import { expect } from 'chai';
import {
  gatewayOf,
  readSideConnection,
  type SideConnection,
} from '../../src/status/side-connection.ts';
import { aKnownSide, anUnknownSide } from '../support/builders/a-known-side.ts';
import { aConnection, aGatewayServer } from './samples.ts';
import { without } from './without.ts';

const isFresh = () => true;
const isOld = () => false;

const aClient = aGatewayServer({
  kind: 'GatewayClient',
  metadata: { name: 'milan', namespace: 'liqo-tenant-milan', uid: 'gateway-2' },
});

describe('readSideConnection', () => {
  const cases: readonly {
    readonly name: string;
    readonly status: unknown;
    readonly fresh?: () => boolean;
    readonly want: Pick<SideConnection, 'status' | 'reason'> & { readonly latency?: string };
  }[] = [
    {
      name: 'believes a Connected that is renewed',
      status: { value: 'Connected', latency: { value: '12ms', timestamp: '2026-01-01T00:00:00Z' } },
      want: { status: 'Connected', reason: 'Connected', latency: '12ms' },
    },
    {
      name: 'has no latency where Liqo has none',
      status: { value: 'Connected', latency: { value: 'N/A' } },
      want: { status: 'Connected', reason: 'Connected' },
    },
    {
      name: 'doubts a Connected that is no longer renewed: its gateway may be gone',
      status: { value: 'Connected', latency: { value: '12ms' } },
      fresh: isOld,
      want: { status: 'Unknown', reason: 'ConnectionStale' },
    },
    {
      name: 'does not doubt an Error, which is never renewed',
      status: { value: 'Error' },
      fresh: isOld,
      want: { status: 'Error', reason: 'ConnectionLost' },
    },
    {
      name: 'waits while Liqo connects',
      status: { value: 'Connecting' },
      fresh: isOld,
      want: { status: 'Connecting', reason: 'Connecting' },
    },
    {
      name: 'waits while Liqo has said nothing yet',
      status: {},
      want: { status: 'Connecting', reason: 'Connecting' },
    },
    {
      name: 'takes a value that Liqo does not document for not connected',
      status: { value: 'Perfect' },
      want: { status: 'Connecting', reason: 'Connecting' },
    },
  ];

  for (const { name, status, fresh = isFresh, want } of cases) {
    it(name, () => {
      const connections = [aConnection(status)];
      const side = aKnownSide({ gatewayServers: [aGatewayServer()], connections });

      const { message, ...reading } = readSideConnection(side, fresh);

      expect(reading).to.deep.equal({ cluster: 'rome', ...want });
      expect(message).to.include('Connection/liqo-tenant-milan/gw-milan');
    });
  }

  it('asks about the freshness of the connection it reads', () => {
    const asked: unknown[] = [];
    const connection = aConnection();
    const side = aKnownSide({ gatewayServers: [aGatewayServer()], connections: [connection] });

    readSideConnection(side, (candidate) => asked.push(candidate) > 0);

    expect(asked).to.deep.equal([connection]);
  });

  it('says of a side that cannot be seen why it cannot', () => {
    const side = anUnknownSide({ reason: 'LeafForbidden', message: 'may not list' });

    expect(readSideConnection(side, isFresh)).to.deep.equal({
      cluster: 'milan',
      status: 'Unknown',
      reason: 'LeafForbidden',
      message: 'may not list',
    });
  });

  it('misses the connection of the current gateway when there is only that of an earlier one', () => {
    const connections = [aConnection(undefined, { gatewayUID: 'gone' })];
    const side = aKnownSide({ gatewayServers: [aGatewayServer()], connections });

    const { status, reason, message } = readSideConnection(side, isFresh);

    expect({ status, reason }).to.deep.equal({ status: 'Missing', reason: 'Connecting' });
    expect(message).to.include('Connection/gw-milan');
  });

  it('finds the connection of the current gateway behind that of an earlier one', () => {
    const connections = [
      aConnection({ value: 'Error' }, { gatewayUID: 'gone', uid: 'c-0' }),
      aConnection(),
    ];
    const side = aKnownSide({ gatewayServers: [aGatewayServer()], connections });

    expect(readSideConnection(side, isFresh).status).to.equal('Connected');
  });

  it('waits for a gateway while there is none, whatever connections are left over', () => {
    const side = aKnownSide({ connections: [aConnection()] });

    const { status, message } = readSideConnection(side, isFresh);

    expect(status).to.equal('Missing');
    expect(message).to.include('a gateway');
  });

  it('addresses a connection without a namespace all the same', () => {
    const metadata = without(aConnection().metadata, 'namespace');
    const side = aKnownSide({
      gatewayServers: [aGatewayServer()],
      connections: [{ ...aConnection(), metadata }],
    });

    expect(readSideConnection(side, isFresh).status).to.equal('Connected');
  });
});

describe('gatewayOf', () => {
  it('is the client where the side dials', () => {
    expect(gatewayOf(aKnownSide({ gatewayClients: [aClient] }))).to.equal(aClient);
  });

  it('is the server where somebody left both', () => {
    const server = aGatewayServer();

    expect(gatewayOf(aKnownSide({ gatewayServers: [server], gatewayClients: [aClient] }))).to.equal(
      server,
    );
  });

  it('is nothing where there is none', () => {
    expect(gatewayOf(aKnownSide())).to.equal(undefined);
  });
});
