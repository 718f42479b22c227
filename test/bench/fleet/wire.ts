import type { Gateway, TunnelNetwork } from '../../../src/sandbox/liqo/tunnel-network.ts';

/** One call of a TunnelNetwork on its way to the process that holds the wire. */
export type WireCall =
  | { readonly method: 'attach'; readonly args: readonly [Gateway] }
  | { readonly method: 'detach'; readonly args: readonly [string] }
  | { readonly method: 'publish'; readonly args: Parameters<TunnelNetwork['publish']> }
  | { readonly method: 'withdraw'; readonly args: readonly [string] }
  | { readonly method: 'forward'; readonly args: Parameters<TunnelNetwork['forward']> }
  | { readonly method: 'cut'; readonly args: Parameters<TunnelNetwork['cut']> };

/** A link that appeared or broke, on its way back. */
export interface LinkNews {
  readonly gatewayID: string;
  readonly isUp: boolean;
}

/** The wire as a leaf's process sees it: calls go out by `send`, news of links come in by `tell`. */
export function remoteNetwork(send: (call: WireCall) => void): {
  readonly network: TunnelNetwork;
  tell(news: LinkNews): void;
} {
  const listeners = new Map<string, (up: boolean) => void>();
  return {
    network: {
      attach: (gateway, onLink) => {
        listeners.set(gateway.id, onLink);
        send({ method: 'attach', args: [gateway] });
      },
      detach: (id) => {
        listeners.delete(id);
        send({ method: 'detach', args: [id] });
      },
      publish: (...args) => send({ method: 'publish', args }),
      withdraw: (service) => send({ method: 'withdraw', args: [service] }),
      forward: (...args) => send({ method: 'forward', args }),
      cut: (...args) => send({ method: 'cut', args }),
    },
    tell: ({ gatewayID, isUp }) => listeners.get(gatewayID)?.(isUp),
  };
}

/** Carries a call out on the real wire. `tell` takes the news back to the process that called. */
export function carryOut(
  call: WireCall,
  network: TunnelNetwork,
  tell: (news: LinkNews) => void,
): void {
  switch (call.method) {
    case 'attach': {
      const [gateway] = call.args;
      network.attach(gateway, (isUp) => tell({ gatewayID: gateway.id, isUp }));
      return;
    }
    case 'detach':
      network.detach(...call.args);
      return;
    case 'publish':
      network.publish(...call.args);
      return;
    case 'withdraw':
      network.withdraw(...call.args);
      return;
    case 'forward':
      network.forward(...call.args);
      return;
    case 'cut':
      network.cut(...call.args);
  }
}
